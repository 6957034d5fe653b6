"""The mathematics: one file a family of rules, each function opening with its inequality."""

from optimizer.formulation.formulate import formulate
from optimizer.formulation.formulation import Formulation

__all__ = ["Formulation", "formulate"]
