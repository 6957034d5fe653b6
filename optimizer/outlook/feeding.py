"""Where the last grade of each primary school goes (对口直升)."""

import numpy as np

from models.district import District, Floats, Ints
from models.rounding import divide_whole
from optimizer.outlook.homes import Homes


def compute_transfer(district: District, primary: Homes, junior: Homes, weight: Floats) -> Floats:
    """Return the share of each column's last primary grade that enters each column's junior stage, rows sum to 1.

    By the rows of `feeders`; a nine-year school without a row feeds itself. What these leave open goes with the junior
    catchments of the units of the primary school's own catchment, counted by their primary children (`weight`).
    """
    count = len(district.schools)
    transfer = np.zeros((count + 1, count + 1))
    if district.feeders is not None:
        np.add.at(transfer, (district.feeders.primary, district.feeders.junior), district.feeders.share)
    own = np.flatnonzero(
        district.schools.serves("primary") & district.schools.serves("junior") & ~transfer[:count].any(axis=1)
    )
    transfer[own, own] = 1.0
    teaches = np.append(district.schools.serves("junior"), True)
    transfer[:, ~teaches] = 0.0
    for column, left in enumerate(1.0 - transfer.sum(axis=1)):
        if left > 1e-9:
            units = primary.units_of(column)
            transfer[column] += left * (junior.shares(weight, units) if len(units) else np.eye(count + 1)[count])
    return transfer


def send(leavers: Ints, transfer: Floats) -> Ints:
    """Return whole children by column where they enter, of children by column where they leave; none is lost."""
    entered = np.zeros_like(leavers)
    for column in np.flatnonzero(leavers):
        into = np.flatnonzero(transfer[column] > 0)
        entered[into] += divide_whole(int(leavers[column]), transfer[column, into])
    return entered
