"""The statutory age by hand: birthday, plus the old age, plus a month for every four (or two) months of birth.

Whoever reaches the old age before January 2025 keeps it. All dates of those who reach it later follow from the wording
of the decision and are to be confirmed against its published table before a release.
"""

import numpy as np
import pytest

from models.retirement import add_months, retirement_date

KEEP_THE_OLD_AGE = [
    ("men60", "1958-07-01", "2018-07-01"),
    ("men60", "1964-12-31", "2024-12-31"),
    ("women55", "1969-12-31", "2024-12-31"),
    ("women50", "1974-12-31", "2024-12-31"),
]
TO_BE_CONFIRMED = [
    ("men60", "1965-01-01", "2025-02-01"),  # the first month: 60 years and 1 month
    ("men60", "1965-04-30", "2025-05-30"),  # the last month of the first step
    ("men60", "1965-05-01", "2025-07-01"),  # the second step: 2 months
    ("men60", "1965-12-31", "2026-03-31"),  # 3 months; March has a 31st
    ("men60", "1967-02-28", "2027-09-28"),  # month 25: step 7
    ("men60", "1968-02-29", "2028-12-29"),  # born on a leap day; month 37: step 10
    ("men60", "1976-08-31", "2039-07-31"),  # the last before the cap: 35 months
    ("men60", "1976-09-01", "2039-09-01"),  # the first at the cap: 63 years
    ("men60", "1990-06-15", "2053-06-15"),
    ("women55", "1970-01-31", "2025-02-28"),  # 55 years and 1 month; February has no 31st
    ("women55", "1970-05-31", "2025-07-31"),
    ("women55", "1971-04-30", "2026-08-30"),  # month 15: step 4
    ("women55", "1972-02-29", "2027-09-29"),  # month 25: step 7
    ("women55", "1981-08-31", "2039-07-31"),
    ("women55", "1981-09-01", "2039-09-01"),  # 58 years
    ("women50", "1975-02-28", "2025-03-28"),  # the last month of the first step of two
    ("women50", "1975-03-01", "2025-05-01"),
    ("women50", "1984-10-31", "2039-09-30"),  # 59 months; September has no 31st
    ("women50", "1984-11-01", "2039-11-01"),  # 55 years
    ("women50", "1992-02-29", "2047-02-28"),  # at the cap; 2047 has no leap day
]


@pytest.mark.parametrize(("category", "birth", "expected"), [*KEEP_THE_OLD_AGE, *TO_BE_CONFIRMED])
def test_the_day_of_retirement(category, birth, expected):
    assert retirement_date(np.array([birth], dtype="datetime64[D]"), category).tolist() == [
        np.datetime64(expected, "D").item()
    ]


@pytest.mark.parametrize(
    ("category", "first", "age", "step", "oldest"),
    [("men60", "1965-01", 60, 4, 63), ("women55", "1970-01", 55, 4, 58), ("women50", "1975-01", 50, 2, 55)],
)
def test_every_month_of_birth_from_the_first_to_the_cap(category, first, age, step, oldest):
    """Walked month by month: one month more as often as `step` months of birth have passed, up to the oldest age."""
    month, late = np.datetime64(first, "M"), 1
    while late < 12 * (oldest - age):
        for _ in range(step):
            born = np.array([month.astype("datetime64[D]")])
            expected = (month + 12 * age + late).astype("datetime64[D]")
            assert retirement_date(born, category).tolist() == [expected.item()], month
            month += 1
        late += 1
    later = np.array([month, month + 120], dtype="datetime64[D]")
    assert retirement_date(later, category).tolist() == (
        (later.astype("datetime64[M]") + 12 * oldest).astype("datetime64[D]").tolist()
    )


def test_many_at_once_and_none_where_the_birth_date_is_not_known():
    births = np.array(["1965-01-01", "NaT", "1964-12-31"], dtype="datetime64[D]")
    retires = retirement_date(births, "men60")
    assert np.isnat(retires).tolist() == [False, True, False]
    assert retires[[0, 2]].astype(str).tolist() == ["2025-02-01", "2024-12-31"]


def test_months_are_added_to_the_end_of_a_shorter_month():
    days = np.array(["2024-01-31", "2023-01-31", "2023-12-31"], dtype="datetime64[D]")
    assert add_months(days, 1).astype(str).tolist() == ["2024-02-29", "2023-02-28", "2024-01-31"]
    assert add_months(days, np.array([2, 0, -1])).astype(str).tolist() == ["2024-03-31", "2023-01-31", "2023-11-30"]
