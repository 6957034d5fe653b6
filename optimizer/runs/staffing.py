"""The posts of a plan as tables of a run: postings (调配), posts (岗位), whom to hire (招聘建议), and who is spare."""

import json
from collections.abc import Mapping

import pandas as pd

from models.sentences import Language, say
from models.staffing import POSTING_COLUMNS, StaffPlan

TABLES = ("postings", "posts", "hiring", "surplus")


def tabulate_staff(staff: StaffPlan, language: Language) -> dict[str, pd.DataFrame]:
    """Return the tables of the posts of a plan by their stems.

    In `postings`, `reason` says in words of the language what `reason_code` and `reason_facts` (JSON) say to programs,
    and `moved` is "true" or "false".
    """
    postings = staff.postings
    coded = postings.drop(columns="facts").assign(
        moved=postings["moved"].map({True: "true", False: "false"}),
        reason_code=postings["reason"],
        reason_facts=[json.dumps(dict(facts), ensure_ascii=False, sort_keys=True) for facts in postings["facts"]],
    )
    worded = coded.assign(reason=tell_reasons(coded, language))
    return {"postings": worded, "posts": staff.posts, "hiring": staff.hiring, "surplus": staff.surplus}


def tell_reasons(postings: pd.DataFrame, language: Language) -> list[str]:
    """Return the reasons of stored postings in words of a language; as they stand where another version wrote them."""
    stated = zip(postings["reason_code"], postings["reason_facts"], postings["reason"], strict=True)
    return [_tell_reason(code, facts, reason, language) for code, facts, reason in stated]


def _tell_reason(code: str, facts: str, reason: str, language: Language) -> str:
    try:
        return say(f"standing.{code}", json.loads(facts), language)
    except (ValueError, LookupError, TypeError):
        return reason


def read_staff(tables: Mapping[str, pd.DataFrame]) -> StaffPlan | None:
    """Return the posts of a plan from its tables, None where they say nothing of them.

    The facts of the reasons are not read back.
    """
    if any(name not in tables for name in TABLES):
        return None
    stored = tables["postings"]
    postings = stored.assign(moved=stored["moved"] == "true", reason=stored["reason_code"])[list(POSTING_COLUMNS)]
    return StaffPlan(postings, tables["posts"], tables["hiring"], tables["surplus"])
