"""What the schools of a stage lack together in their worst year, and what lies idle at those with places to spare."""

import pandas as pd

COLUMNS = ("stage", "kind", "schools", "of", "first_year", "worst_year", "worst_schools", "places")


def build_balance(schools: pd.DataFrame) -> pd.DataFrame:
    """Return COLUMNS, a row a stage and kind, `short` then `surplus`, from the rows of `table.build_rows`.

    `schools` are those of the `of` schools with known places that are short (children above places), or have places to
    spare (level `surplus`), in some year; `first_year` is the first such year. `places` are those that these schools
    lack, or have idle, in `worst_year`, the year in which they are most, and `worst_schools` how many schools then are
    so. Years are empty where no school is. Schools that share a catchment count as one; what one school has idle is not
    set against what another lacks.
    """
    known = schools[(schools["school_id"] != "") & schools["places"].notna()]
    rows = [
        _measure(known[known["stage"] == stage], str(stage), kind)
        for stage in schools["stage"].unique()
        for kind in ("short", "surplus")
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype(dict.fromkeys(COLUMNS[2:], "Int64"))


def _measure(known: pd.DataFrame, stage: str, kind: str) -> tuple[object, ...]:
    found = known[known["gap"] > 0] if kind == "short" else known[known["level"] == kind]
    schools, of = found["school_id"].nunique(), known["school_id"].nunique()
    if not schools:
        return (stage, kind, 0, of, None, None, 0, 0)
    by_year = found.groupby("year")["gap"].sum().abs()
    worst = by_year.idxmax()
    at = int((found["year"] == worst).sum())
    return (stage, kind, schools, of, found["year"].min(), worst, at, round(by_year.max()))
