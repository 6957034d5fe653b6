"""The catalogue of sentences: Chinese says what English says, with the same gaps, and every key used is there."""

import ast
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from wording import banned_in

from models.sentences import Language, find, say
from models.settings import Rules
from optimizer.io.columns import choice_values
from optimizer.recheck import RULES

TOPIC_OF_SPEAKER = {
    "voice.say": "cli",
    "lettering.say": "export",
    "speech.say": "brief",
    "teller.say": "report",
    "desk.say": "workbook",
    "manner.word": "lists",
    "script.say": "compare",
    "words": "page.map",
    "self.words": "page.map",
    "self._say": "report.charts",
}
"""Topic of the sentences that something says, by what is called."""
SPOKEN_IN_TEMPLATE = re.compile(r"""\b(?:say|find)\(\s*["']([^"']+)["']\s*[,)]""")
TOPICS_OF_REASONS = ("diagnose", "explain")
FORBIDDEN_EN = re.compile(r"\b(infeasib\w+|constraints?|slacks?|duals?|shadow prices?)\b", re.IGNORECASE)


def sentences(node: Mapping[str, Any], key: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence of a topic with its key."""
    for name, value in node.items():
        path = f"{key}.{name}" if key else name
        if isinstance(value, Mapping):
            yield from sentences(value, path)
        else:
            yield path, value


def topic(repository: Path, language: str, name: str) -> dict[str, str]:
    text = (repository / "models" / "sentences" / language / f"{name}.toml").read_text(encoding="utf-8")
    return dict(sentences(tomllib.loads(text)))


def topics(repository: Path, language: str) -> set[str]:
    return {file.stem for file in (repository / "models" / "sentences" / language).glob("*.toml")}


def gaps(sentence: str) -> set[str]:
    return {gap for _, gap, _, _ in string.Formatter().parse(sentence) if gap is not None}


def test_every_topic_is_there_in_both_languages(repository: Path) -> None:
    assert topics(repository, "en") == topics(repository, "zh")


def test_chinese_has_every_sentence_with_the_same_gaps(repository: Path) -> None:
    different = []
    for name in sorted(topics(repository, "en")):
        english, chinese = topic(repository, "en", name), topic(repository, "zh", name)
        different += [f"{name}.{key}" for key in english.keys() ^ chinese.keys()]
        shared_keys = english.keys() & chinese.keys()
        different += [f"{name}.{key}" for key in shared_keys if gaps(english[key]) != gaps(chinese[key])]
    assert sorted(different) == []


def test_chinese_is_written_for_a_bureau(repository: Path) -> None:
    said = [
        (f"{name}.{key}", text)
        for name in topics(repository, "zh")
        for key, text in topic(repository, "zh", name).items()
    ]
    assert {key: banned_in(text) for key, text in said if banned_in(text)} == {}


def test_reasons_are_told_in_plain_words(repository: Path) -> None:
    known = topics(repository, "en")
    said = [
        (f"{name}.{key}", text)
        for name in TOPICS_OF_REASONS
        if name in known
        for key, text in topic(repository, "en", name).items()
    ]
    assert said
    assert [key for key, text in said if FORBIDDEN_EN.search(text)] == []


def keys_used(source: str) -> Iterator[str]:
    """Every key spelt out in a call: `say("topic.key")`, `find("topic.key")`, and those of TOPIC_OF_SPEAKER."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
            continue
        called = ".".join(ast.unparse(node.func).split(".")[-2:])
        if called in ("say", "find"):
            yield str(node.args[0].value)
        elif called in TOPIC_OF_SPEAKER:
            yield f"{TOPIC_OF_SPEAKER[called]}.{node.args[0].value}"


def test_every_key_that_the_code_spells_out_exists(repository: Path) -> None:
    files = [repository / "cli.py", *(repository / "optimizer").rglob("*.py"), *(repository / "models").rglob("*.py")]
    used = {(file.name, key) for file in files for key in keys_used(file.read_text(encoding="utf-8"))}
    templates = [*(repository / "optimizer").rglob("*.html"), *(repository / "optimizer").rglob("*.j2")]
    used |= {
        (file.name, key) for file in templates for key in SPOKEN_IN_TEMPLATE.findall(file.read_text(encoding="utf-8"))
    }
    assert len(used) > 20
    assert sorted(f"{name}: {key}" for name, key in used if find(key) is None) == []


def test_a_sentence_is_never_half_said() -> None:
    with pytest.raises(KeyError):
        say("cli.error.not_found", {})
    with pytest.raises(KeyError):
        say("cli.error.nothing_of_the_kind")


def test_chinese_speaks_chinese() -> None:
    assert say("cli.stages.primary", language="zh") == "小学"
    assert say("cli.stages.primary", language="en") == "primary"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("column", "topic_of_values"),
    [
        ("title", "staff.titles"),
        ("degree", "staff.degrees"),
        ("staff_type", "staff.staff_types"),
        ("role", "staff.roles"),
        ("leave", "staff.leaves"),
        ("sex", "staff.sexes"),
        ("grade", "grades"),
        ("subject", "subjects"),
    ],
)
def test_every_value_of_a_column_has_its_word(language: Language, column: str, topic_of_values: str) -> None:
    words = {value: find(f"{topic_of_values}.{value}", language) for value in choice_values(column)}
    assert [value for value, word in words.items() if not word] == []


def test_titles_are_those_of_the_register() -> None:
    titles = [say(f"staff.titles.{value}", language="zh") for value in choice_values("title")]
    assert titles == ["正高级", "高级", "一级", "二级", "三级"]
    assert say("staff.backbone", language="zh") == "县级及以上骨干教师"


def test_whatever_a_finished_plan_may_fall_short_of_has_a_name() -> None:
    """Rules of the settings, and levels of the objective that a judge counts; all else is a fault of ours."""
    reached = {rule.name for rule in RULES if rule.never_hard} | set(Rules.model_fields)
    assert [rule for rule in sorted(reached) if find(f"diagnose.rules.{rule}") is None] == []
