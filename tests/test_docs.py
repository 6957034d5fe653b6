"""The documents say what the program does: rules, numbers, columns, commands and profiles."""

import re
import runpy
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from models.sentences.terms import WORDS
from models.settings import Policy, Rules, profile_names, read_profile

CONFIDENCES = {"seen", "known", "probable", "own"}


def table_rows(text: str, first: str) -> Iterator[dict[str, str]]:
    """The rows of every Markdown table whose first heading is `first`, by heading."""
    heads: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            heads = []
        elif not heads:
            heads = cells
        elif heads[0] == first and not set(cells[0]) <= set("-: "):
            yield dict(zip(heads, cells, strict=True))


def numbers(node: Mapping[str, Any], key: str, section: type[BaseModel] = Policy) -> Iterator[str]:
    """The dotted keys of a profile's policy that hold numbers, a dictionary (by stage, type, subject) as one."""
    for name, value in node.items():
        path, below = f"{key}.{name}", section.model_fields[name].annotation
        if isinstance(below, type) and issubclass(below, BaseModel):
            yield from numbers(value, path, below)
        elif not isinstance(value, str):
            yield path


def written(value: object) -> str:
    """A value of a profile as the document writes it."""
    if isinstance(value, Mapping) and all(isinstance(below, Mapping) for below in value.values()):
        return "; ".join(f"{name}: {written(below)}" for name, below in value.items())
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {number:g}" for name, number in value.items())
    if isinstance(value, list):
        return ", ".join(f"{100 * target['share']:g} % of at most {target['max_size']}" for target in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def own_sections(name: str, repository: Path) -> dict[str, Any]:
    return tomllib.loads((repository / "models" / "profiles" / f"{name}.toml").read_text(encoding="utf-8"))


def look_up(profile: Mapping[str, Any], key: str) -> Any:
    value: Any = profile
    for part in key.split("."):
        value = value[part]
    return value


@pytest.fixture(scope="module")
def rules(repository: Path) -> str:
    return (repository / "docs" / "rules.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", profile_names())
def test_every_number_of_a_profile_has_a_source(name: str, repository: Path) -> None:
    profile = own_sections(name, repository)
    Policy.model_validate(read_profile(name)["policy"])
    Rules.model_validate(read_profile(name).get("rules", {}))
    assert profile["policy"]["profile"] == name
    assert set(numbers(profile["policy"], "policy")) == set(profile["sources"])
    for source in profile["sources"].values():
        assert source["source"]
        assert source["confidence"] in CONFIDENCES


def test_the_document_has_every_rule_and_its_default(rules: str) -> None:
    rows = {row["rule"].strip("`"): row for row in table_rows(rules, "rule")}
    assert set(rows) == set(Rules.model_fields) - {"strict"}
    for name in ("national", "none"):
        stated = Rules.model_validate(read_profile(name).get("rules", {}))
        for rule, row in rows.items():
            expected = getattr(stated, rule) or "see below"
            assert row[f"`{name}`"] == expected, rule


def test_the_document_has_every_number_with_its_source(rules: str, repository: Path) -> None:
    rows = {(row["profile"], row["key"].strip("`")): row for row in table_rows(rules, "key")}
    expected = {
        (name, key): (written(look_up(profile, key)), source["source"], source["confidence"])
        for name in profile_names()
        for profile in [own_sections(name, repository)]
        for key, source in profile["sources"].items()
    }
    assert {place: (row["value"], row["source"], row["confidence"]) for place, row in rows.items()} == expected


def test_every_policy_key_that_the_document_names_exists(rules: str) -> None:
    for key in set(re.findall(r"`policy\.([a-z_.]+)`", rules)):
        section: Any = Policy
        for part in key.split("."):
            section = section.model_fields[part].annotation


def test_the_formats_document_has_every_table_and_column(repository: Path) -> None:
    """Mend it with `python docs/write_columns.py`."""
    writer = runpy.run_path(str(repository / "docs" / "write_columns.py"))
    document = (repository / "docs" / "formats.md").read_text(encoding="utf-8")
    assert writer["replace_tables"](document, writer["build_tables"](writer["read_dictionary"]())) == document
    assert "**`unit_id`**" in document


def test_the_formats_name_every_word_that_may_be_replaced(repository: Path) -> None:
    rows = table_rows((repository / "docs" / "formats.md").read_text(encoding="utf-8"), "Language")
    told = {row["Language"]: row["Words that may be replaced"] for row in rows}
    among = [f"{number}年级" for number in "二三四五六七八"]
    assert [word for word in WORDS["zh"] if word not in told["Chinese"] and word not in among] == []
    assert [word for word in WORDS["en"] if word not in told["English"]] == []
