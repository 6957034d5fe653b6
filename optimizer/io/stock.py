"""Last year's return, who stays when a grade moves up, and the classes that stand in the year of the plan."""

from collections.abc import Mapping

import numpy as np

from models.settings import InstanceSection
from models.stock import Rates, Stock, roll_to
from optimizer.io.source import Table


def enrolment_year(instance: InstanceSection) -> int:
    """Return the year of the return: the one stated, else the year before the plan."""
    return instance.year - 1 if instance.enrolment_year is None else instance.enrolment_year


def build_enrolment(table: Table | None, school_row: Mapping[str, int], instance: InstanceSection) -> Stock | None:
    """Return last year's return as given, of every stage in it: rooms are shared with stages that are not planned."""
    if table is None or not len(table):
        return None
    return Stock(
        year=enrolment_year(instance),
        school=table.positions("school_id", school_row),
        stage=tuple(table.text("stage")),
        grade=tuple(table.text("grade")),
        students=table.numbers("students").astype(np.int64),
        classes=table.numbers("classes").astype(np.int64),
    )


def build_rates(table: Table | None) -> Rates:
    """Return who stays when a grade moves up, by stage and grade."""
    if table is None:
        return {}
    return dict(zip(zip(table.text("stage"), table.text("grade"), strict=True), table.numbers("rate"), strict=True))


def build_stock(enrolment: Stock | None, rates: Rates, instance: InstanceSection) -> Stock | None:
    """Return the classes that continue in the year of the plan: none without a return, and None in mode `whole`."""
    if instance.mode == "whole":
        return None
    if enrolment is None:
        nobody = np.zeros(0, dtype=np.int64)
        return Stock(instance.year, nobody, (), (), nobody, nobody)
    return roll_to(enrolment, instance.year, rates, instance.system)
