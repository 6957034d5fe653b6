"""`instance.toml`: parsed, laid over its profile, and every key that is wrong told of at once."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pyproj.exceptions import ProjError

from models.faults import Fault
from models.settings import Settings, profile_names, resolve
from optimizer.geo.crs import UnknownCrs, points_to_wgs84
from optimizer.io.columns import dictionary
from optimizer.io.findings import (
    CannotRead,
    broken_toml,
    closed_file,
    missing_key,
    no_instance_file,
    unknown_crs,
    unknown_key,
    unknown_profile,
    unknown_word,
    wrong_value,
)
from optimizer.io.scenarios import Scenario

Loc = tuple[str | int, ...]

_RETRIES = 3


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file in UTF-8, with or without BOM. Raises CannotRead."""
    if not path.exists():
        raise CannotRead(no_instance_file(path.parent.name))
    if not path.is_file():
        raise CannotRead(closed_file(path.name, "it is not a regular file"))
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise CannotRead(closed_file(path.name, error.strerror or type(error).__name__)) from error
    except UnicodeDecodeError as error:
        raise CannotRead(broken_toml(path.name, f"byte {error.start + 1} is not UTF-8")) from error
    except ValueError as error:  # a TOMLDecodeError, or a number of more digits than Python reads
        raise CannotRead(broken_toml(path.name, str(error))) from error
    except RecursionError as error:
        raise CannotRead(broken_toml(path.name, "brackets nested too deep")) from error


def settle(
    stated: Mapping[str, Any], scenario: Scenario, *, has_current: bool
) -> tuple[Settings | None, tuple[Fault, ...]]:
    """Return the settings of an instance and the faults in them.

    Faulty keys are left at their defaults, so that the rest of the instance can be checked; the settings are None
    where that is not possible (no year, no stages).
    """
    faults = [*_open_sections(stated, scenario)]
    attempt = dict(stated)
    taken_out: list[Loc] = []
    for _ in range(_RETRIES):
        try:
            return resolve(attempt, has_current=has_current), tuple(faults)
        except FileNotFoundError:
            found = str(attempt["policy"]["profile"])
            faults.append(unknown_profile(scenario.file_of(("policy", "profile")), found, list(profile_names())))
            attempt = _without(attempt, ("policy", "profile"))
        except ValidationError as error:
            problems = error.errors(include_url=False)
            faults.extend(_fault(problem, scenario) for problem in problems if problem["loc"] not in taken_out)
            taken_out.extend(problem["loc"] for problem in problems)
            for problem in problems:
                attempt = _without(attempt, problem["loc"])
            if any(problem["type"] == "missing" for problem in problems):
                return None, tuple(faults)
    return None, tuple(faults)


def _fault(problem: ErrorDetails, scenario: Scenario) -> Fault:
    """Turn what pydantic found into a fault: unknown key, missing key or wrong value."""
    loc = tuple(part for part in problem["loc"] if part != "[key]")
    file, key = scenario.file_of(loc), scenario.key_of(loc)
    if problem["type"] == "missing":
        return missing_key(file, key)
    if loc[0] == "terms" and problem["loc"][-1] == "[key]":
        return unknown_word(file, key, str(loc[-1]), _known_keys(loc[:-1]))
    if problem["type"] == "extra_forbidden" or problem["loc"][-1] == "[key]":
        return unknown_key(file, key, str(loc[-1]), _known_keys(loc[:-1]))
    facts: dict[str, object] = {name: str(value) for name, value in problem.get("ctx", {}).items()}
    return wrong_value(file, key, _as_toml(problem["input"]), problem["type"], {**facts, "message": problem["msg"]})


def _open_sections(stated: Mapping[str, Any], scenario: Scenario) -> list[Fault]:
    """Faults in [files] and [crs], whose keys are the names of tables."""
    faults = []
    for section, known in (("files", list(dictionary())), ("crs", ["tables", *dictionary()])):
        entries = stated.get(section)
        for key, value in entries.items() if isinstance(entries, Mapping) else ():
            loc = (section, key)
            if key not in known:
                faults.append(unknown_key(scenario.file_of(loc), scenario.key_of(loc), key, known))
            elif section == "crs" and isinstance(value, str) and not is_crs(value):
                faults.append(unknown_crs(scenario.file_of(loc), scenario.key_of(loc), value))
    return faults


def is_crs(text: str) -> bool:
    """True where the text names a coordinate system that can be undone."""
    try:
        points_to_wgs84([], [], text)  # type: ignore[arg-type]
    except (UnknownCrs, ProjError):
        return False
    return True


def _without(stated: Mapping[str, Any], loc: Sequence[str | int]) -> dict[str, Any]:
    """Return the settings without the key at `loc`, or without the deepest key on the way that exists."""
    head, *rest = loc
    kept = dict(stated)
    below = kept.get(str(head))
    if rest and isinstance(below, Mapping) and str(rest[0]) in below:
        kept[str(head)] = _without(below, rest)
    else:
        kept.pop(str(head), None)
    return kept


def _known_keys(loc: Loc) -> list[str]:
    """Return the keys that may stand where `loc` leads."""
    node: Any = Settings
    for part in loc:
        node = _below(node, str(part))
    if isinstance(node, type) and issubclass(node, BaseModel):
        return list(node.model_fields)
    keys = get_args(node)[0] if get_origin(node) is dict else None
    return [str(key) for key in get_args(keys)] if get_origin(keys) is Literal else []


def _below(node: Any, part: str) -> Any:
    """Return the type of what lies under a key of a model, a dictionary or a list."""
    if isinstance(node, type) and issubclass(node, BaseModel):
        entry = node.model_fields.get(part)
        node = entry.annotation if entry is not None else None
    elif get_origin(node) in (dict, list):
        node = get_args(node)[-1]
    while get_origin(node) is Annotated:
        node = get_args(node)[0]
    return node


def _as_toml(value: object) -> str:
    """A value as a person wrote it, near enough to be recognised."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
