"""Who comes to each school and goes from it: counted by hand from the postings of a run."""

import pandas as pd

from models.staffing import POSTING_COLUMNS
from optimizer.runs.exchange import count_in_out, count_net, find_ways

STAGES = {"P": "primary", "J": "junior"}


def make_postings(*rows):
    """`rows` are from, to, form, subject, and the stages until now and from now on as letters."""
    table = []
    for number, (start, end, form, subject, stages) in enumerate(rows):
        moved = "true" if start and end and form != "stay" else "false"
        was, then = STAGES[stages[0]], STAGES[stages[-1]]
        table.append((f"T{number}", then, subject, start, end, moved, form, "", "", "", was, ""))
    return pd.DataFrame(table, columns=list(POSTING_COLUMNS))


POSTINGS = make_postings(
    ("A", "A", "stay", "chinese", "P"),
    ("A", "B", "rotation", "chinese", "P"),
    ("A", "B", "coordinated", "art", "PJ"),
    ("A", "", "stay", "music", "P"),
    ("B", "B", "stay", "chinese", "PJ"),
    ("B", "A", "return", "chinese", "P"),
    ("", "A", "recruit", "music", "P"),
    ("", "", "recruit", "music", "P"),
)


def test_ways_to_come_and_go():
    """Another stage at the same school is a move inside it; who stays nowhere leaves."""
    assert find_ways(POSTINGS).tolist() == [
        *("stay", "rotation", "coordinated", "leaves", "inside", "return", "recruit", "recruit")]  # fmt: skip


def test_each_school_and_stage_by_form():
    """A has four, of whom three go; one comes home and one is new. B has two, neither of whom is there afterwards."""
    table = count_in_out(POSTINGS)
    assert table[["school_id", "stage", "before", "out", "in", "after"]].to_numpy().tolist() == [
        ["A", "primary", 4, 3, 2, 3],
        ["B", "primary", 2, 2, 1, 1],
        ["B", "junior", 0, 0, 2, 2],
    ]
    forms = table.set_index(["school_id", "stage"]).iloc[:, 4:]
    taken = {row: {form: count for form, count in cells.items() if count} for row, cells in forms.iterrows()}
    assert taken == {
        ("A", "primary"): {
            "out_rotation": 1,
            "out_coordinated": 1,
            "out_leaves": 1,
            "in_return": 1,
            "in_recruit": 1,
        },
        ("B", "primary"): {"out_return": 1, "out_inside": 1, "in_rotation": 1},
        ("B", "junior"): {"in_coordinated": 1, "in_inside": 1},
    }
    assert "out_support" not in table, "nobody goes to another region"


def test_by_subject_too():
    table = count_in_out(POSTINGS, ("school_id", "stage", "subject")).set_index(["school_id", "stage", "subject"])
    assert table.loc[("A", "primary", "music"), ["before", "out", "in", "after"]].tolist() == [1, 1, 1, 1]
    assert (table["before"] - table["out"] + table["in"] == table["after"]).all()


def test_net_counts_only_who_changes_the_school():
    """To B come two and one goes home; who leaves, is new, or changes the stage counts for nothing."""
    assert count_net(POSTINGS).to_dict() == {"B": 1, "A": -1}


def test_without_anybody():
    assert count_in_out(make_postings()).empty
    assert count_net(make_postings()).empty
