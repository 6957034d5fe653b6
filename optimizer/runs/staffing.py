"""The posts of a plan as tables of a run: postings (调配), posts (岗位), whom to hire (招聘建议), and who is spare."""

from collections.abc import Mapping

import pandas as pd

from models.sentences import Language, say
from models.staffing import POSTING_COLUMNS, StaffPlan

TABLES = ("postings", "posts", "hiring", "surplus")


def tabulate_staff(staff: StaffPlan, language: Language) -> dict[str, pd.DataFrame]:
    """Return the tables of the posts of a plan by their stems.

    In `postings`, `reason` says in words of the language what `reason_code` says to programs, and `moved` is "true" or
    "false".
    """
    postings = staff.postings
    told = [
        say(f"standing.{code}", facts, language)
        for code, facts in zip(postings["reason"], postings["facts"], strict=True)
    ]
    worded = postings.drop(columns="facts").assign(
        moved=postings["moved"].map({True: "true", False: "false"}), reason=told, reason_code=postings["reason"]
    )
    return {"postings": worded, "posts": staff.posts, "hiring": staff.hiring, "surplus": staff.surplus}


def read_staff(tables: Mapping[str, pd.DataFrame]) -> StaffPlan | None:
    """Return the posts of a plan from its tables, None where they say nothing of them.

    The facts of the reasons are in their words only, and are not read back.
    """
    if any(name not in tables for name in TABLES):
        return None
    stored = tables["postings"]
    postings = stored.assign(moved=stored["moved"] == "true", reason=stored["reason_code"])[list(POSTING_COLUMNS)]
    return StaffPlan(postings, tables["posts"], tables["hiring"], tables["surplus"])
