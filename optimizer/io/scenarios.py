"""`scenarios.toml`: overrides are small named patches; a scenario is a list of them, laid over the instance."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from models.faults import Fault
from models.sentences import Language
from models.settings import Name, Settings, merge
from optimizer.io.columns import dictionary
from optimizer.io.findings import undefined_override, unknown_key, untitled_scenario, unusable_name, wrong_value

BASE = "base"
FILE = "scenarios.toml"
UNWRITTEN = "repair"
"""Name of an override that is tried before it is written."""
SECTIONS = tuple(Settings.model_fields)
LONGEST_TITLE = 60
"""Characters of a title: more heads no column."""
PATCHED_BY_ID = tuple(name for name, spec in dictionary().items() if len(spec.key) == 1)

_FOLDER_NAME = re.compile(r"[\w][\w.-]{0,80}")


class ScenarioNotFound(LookupError):
    """No scenario of that name; `known` are those there are."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.known = known


@dataclass(frozen=True)
class Scenario:
    """One scenario: its overrides in the order in which they are laid over the instance."""

    name: str = BASE
    overrides: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    title: Name = ""
    """As pages call it; "" where it has none."""

    @property
    def digest(self) -> str:
        """SHA-256 of the overrides, whatever else `scenarios.toml` holds."""
        content = json.dumps(self.overrides, ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()

    def sections(self, stated: Mapping[str, Any]) -> dict[str, Any]:
        """Return the settings with every override laid over them, section by section."""
        merged = dict(stated)
        for _, patch in self.overrides:
            merged = merge(merged, _sections(patch))
        return merged

    def file_of(self, loc: tuple[str | int, ...]) -> str:
        """Return the file in which the setting at `loc` stands."""
        return FILE if self._override_of(loc) else "instance.toml"

    def key_of(self, loc: tuple[str | int, ...]) -> str:
        """Return the dotted key of the setting at `loc` in that file."""
        name = self._override_of(loc)
        return ".".join(map(str, (*(("overrides", name) if name else ()), *loc)))

    def _override_of(self, loc: tuple[str | int, ...]) -> str:
        held = [name for name, patch in self.overrides if _holds(_sections(patch), loc)]
        return held[-1] if held else ""


@dataclass(frozen=True)
class Scenarios:
    """All of `scenarios.toml`, and what is wrong with its shape."""

    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scenarios: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    titles: Mapping[str, Name] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def choose(self, name: str) -> Scenario:
        """Return a scenario; `base` is the instance as it stands. Raises ScenarioNotFound."""
        if name == BASE and BASE not in self.scenarios:
            return Scenario(title=self.titles.get(BASE, ""))
        if name not in self.scenarios:
            raise ScenarioNotFound(name, tuple(self.scenarios))
        made_of = [(override, self.overrides[override]) for override in self.scenarios[name]]
        return Scenario(name, tuple(made_of), self.titles.get(name, ""))

    def lay_over(self, chosen: Scenario, patch: Mapping[str, Any]) -> tuple["Scenarios", Scenario]:
        """Return these scenarios, and the chosen one, with a further override that is not written down."""
        known = replace(self, overrides={**self.overrides, UNWRITTEN: patch})
        return known, replace(chosen, overrides=(*chosen.overrides, (UNWRITTEN, patch)))


def understand_scenarios(stated: Mapping[str, Any]) -> Scenarios:
    """Return the overrides and scenarios of a parsed `scenarios.toml`; what is misshapen is left out and told of."""
    faults = [
        unknown_key(FILE, key, key, ["overrides", "scenarios", "titles"])
        for key in stated
        if key not in ("overrides", "scenarios", "titles")
    ]
    overrides, misshapen = _tables(stated, "overrides")
    lists, misplaced = _tables(stated, "scenarios", expected=list)
    faults.extend((*misshapen, *misplaced))
    scenarios = {}
    for name, made_of in lists.items():
        if not is_usable_name(name):
            faults.append(unusable_name(name))
        known = [override for override in made_of if isinstance(override, str) and override in overrides]
        unknown = [str(override) for override in made_of if override not in known]
        faults.extend(undefined_override(name, override, list(overrides)) for override in unknown)
        scenarios[name] = tuple(known)
    for name, patch in overrides.items():
        faults.extend(misplaced_keys(name, patch))
    titles, untitled = _read_titles(stated, [BASE, *scenarios])
    return Scenarios(overrides, scenarios, titles, (*faults, *untitled))


def is_usable_name(name: str) -> bool:
    """True where a scenario may be called so: its runs lie in a folder of that name."""
    return _FOLDER_NAME.fullmatch(name) is not None


def _read_titles(stated: Mapping[str, Any], known: list[str]) -> tuple[dict[str, Name], list[Fault]]:
    """Return the title of each scenario that has one, and what is wrong with titles."""
    entries = stated.get("titles", {})
    if not isinstance(entries, Mapping):
        return {}, [wrong_value(FILE, "titles", str(entries), "dict_type", {})]
    titles: dict[str, Name] = {}
    faults: list[Fault] = []
    for name, title in entries.items():
        wrong = [*([] if name in known else [untitled_scenario(name, known)]), *_check_title(f"titles.{name}", title)]
        faults.extend(wrong)
        if not wrong:
            titles[name] = title
    return titles, faults


def _check_title(key: str, title: Any) -> Iterator[Fault]:
    """Yield what is wrong with a title that is stated once, or once a language."""
    languages = get_args(Language)
    by_language = title if isinstance(title, Mapping) and title else {None: title}
    for language, text in by_language.items():
        at = key if language is None else f"{key}.{language}"
        if language is not None and language not in languages:
            yield unknown_key(FILE, at, language, list(languages))
        elif not isinstance(text, str) or not _is_title(text):
            found = f'"{text}"' if isinstance(text, str) else str(text)
            yield wrong_value(FILE, at, found, "title", {"longest": LONGEST_TITLE})


def _is_title(text: str) -> bool:
    """True for a short text on one line without characters of control."""
    controls = any(unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp") for letter in text)
    return bool(text.strip()) and len(text) <= LONGEST_TITLE and not controls


def _sections(patch: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of an override. Under `demand` stands either that section or a list of changes of the children."""
    patched = {key: value for key, value in patch.items() if key in SECTIONS}
    return patched if isinstance(patched.get("demand", {}), Mapping) else {**patched, "demand": {}}


def _tables(stated: Mapping[str, Any], section: str, expected: type = dict) -> tuple[dict[str, Any], list[Fault]]:
    entries = stated.get(section, {})
    if not isinstance(entries, Mapping):
        return {}, [wrong_value(FILE, section, str(entries), "dict_type", {})]
    kind = "dict_type" if expected is dict else "list_type"
    wrong = [name for name, entry in entries.items() if not isinstance(entry, expected)]
    faults = [wrong_value(FILE, f"{section}.{name}", str(entries[name]), kind, {}) for name in wrong]
    return {name: entry for name, entry in entries.items() if name not in wrong}, faults


def misplaced_keys(name: str, patch: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield what an override names beside settings and tables, and what is no table of keys."""
    known = [*SECTIONS, *PATCHED_BY_ID, "demand"]
    for key, value in patch.items():
        if key not in known:
            yield unknown_key(FILE, f"overrides.{name}.{key}", key, known)
        elif key != "demand" and not isinstance(value, Mapping):
            yield wrong_value(FILE, f"overrides.{name}.{key}", str(value), "dict_type", {})


def _holds(patch: Any, loc: tuple[str | int, ...]) -> bool:
    """True where a patch states the setting at `loc`, or the whole of what holds it."""
    for part in loc:
        if not isinstance(patch, Mapping):
            return True
        if part not in patch:
            return False
        patch = patch[part]
    return True
