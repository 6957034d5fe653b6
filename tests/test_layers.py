"""Imports run one way, `models` <- `optimizer` <- `cli`, and each heavy library has one home."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

LAYERS = {"models": 0, "optimizer": 1, "instances": 1, "cli": 2}
HOMES = {
    "ortools": ("optimizer/formulation", "optimizer/solve", "optimizer/diagnose"),
    "click": ("cli.py", "optimizer/console/commands.py"),
    "matplotlib": ("optimizer/export", "optimizer/outlook/picture.py"),
    "rich": ("optimizer/console",),
    "jinja2": ("optimizer/pages",),
    "bokeh": ("optimizer/pages/map",),
    "docx": ("optimizer/pages/brief",),
    "weasyprint": ("optimizer/pages",),
    "xlsxwriter": ("optimizer/workbook",),
    "numba": ("optimizer/solve",),
    "dask": ("optimizer/tasks",),
    "distributed": ("optimizer/tasks",),
}


def source_files(repository: Path) -> Iterator[Path]:
    yield repository / "cli.py"
    for layer in ("models", "optimizer", "instances"):
        yield from sorted((repository / layer).rglob("*.py"))


def imported(source: str) -> Iterator[str]:
    """Every module that a file imports, at its head or inside a function."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            yield node.module or ""


def forbidden(path: str, source: str) -> list[str]:
    """What the file at `path` (relative, with slashes) imports although its layer or home does not allow it."""
    own = LAYERS[path.split("/", maxsplit=1)[0].removesuffix(".py")]
    wrong = []
    for module in imported(source):
        top = module.split(".")[0]
        homes = HOMES.get(top)
        if LAYERS.get(top, own) > own or (homes and not path.startswith(homes)):
            wrong.append(f"{path} imports {module}")
    return wrong


def test_every_import_runs_one_way(repository: Path) -> None:
    wrong = [
        fault
        for file in source_files(repository)
        for fault in forbidden(file.relative_to(repository).as_posix(), file.read_text(encoding="utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("models/plan.py", "import optimizer.io"),
        ("optimizer/io/tables.py", "from cli import main"),
        ("optimizer/checks/ids.py", "def f():\n    from ortools.sat.python import cp_model"),
        ("optimizer/runs/store.py", "import matplotlib.pyplot as plt"),
        ("optimizer/pipeline.py", "import click"),
    ],
)
def test_a_wrong_import_is_found(path: str, source: str) -> None:
    assert len(forbidden(path, source)) == 1


def test_every_library_that_is_imported_is_declared(repository: Path) -> None:
    declared = (repository / "pyproject.toml").read_text(encoding="utf-8")
    names = {
        "python_calamine": "python-calamine", "pydantic_core": "pydantic", "docx": "python-docx",
        "markupsafe": "jinja2", "dask": "distributed",
    }  # fmt: skip
    tops = {m.split(".")[0] for f in source_files(repository) for m in imported(f.read_text(encoding="utf-8"))}
    foreign = tops - set(sys.stdlib_module_names) - set(LAYERS)
    assert [top for top in sorted(foreign) if f'"{names.get(top, top)}>=' not in declared] == []
