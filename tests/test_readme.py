"""The terminal examples of both READMEs are run, in order, and print what they say.

To write them anew after a change of words: `python tests/test_readme.py`.
"""

import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner
from wording import banned_in

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from cli import xuewei  # noqa: E402

READMES = {"README.md": "en", "README.zh.md": "zh"}
"""Each with the language of its examples."""
EXAMPLE = re.compile(r"```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)```", re.DOTALL)
SECONDS = re.compile(r"\b\d+\.\d (?=s\b|秒)")


def run_examples(text: str, language: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Run every example in `folder`, and yield its command with what it printed."""
    for example in EXAMPLE.finditer(text):
        name, *arguments = shlex.split(example["command"])
        assert name == "xuewei"
        with chdir(folder):
            result = CliRunner(env={"XUEWEI_LANG": language}).invoke(xuewei, arguments, prog_name=name)
        assert result.exit_code in {0, 4}, result.output
        yield example["command"], result.stdout


def prepare(folder: Path) -> None:
    """Put the districts that the examples name where a reader of the README would have them."""
    for name in ("six", "binhe"):
        shutil.copytree(ROOT / "instances" / name, folder / "instances" / name)


def read(readme: str) -> str:
    return (ROOT / readme).read_text(encoding="utf-8")


@pytest.mark.parametrize("readme", READMES)
def test_the_examples_print_what_the_readme_says(tmp_path: Path, readme: str) -> None:
    text = read(readme)
    prepare(tmp_path)
    said = {example["command"]: SECONDS.sub("1.0 ", example["output"]) for example in EXAMPLE.finditer(text)}
    assert len(said) >= 4
    printed = dict(run_examples(text, READMES[readme], tmp_path))
    assert {command: SECONDS.sub("1.0 ", output) for command, output in printed.items()} == said


@pytest.mark.parametrize("readme", READMES)
def test_every_file_that_the_readme_links_is_there(readme: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", read(readme))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_each_readme_leads_to_the_other() -> None:
    for readme, other in zip(READMES, reversed(READMES), strict=True):
        head = read(readme).split("## ")[0]
        assert f"]({other})" in head


def test_the_chinese_readme_speaks_as_a_bureau_does() -> None:
    assert banned_in(read("README.zh.md")) == []


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "setup"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def fill_examples(text: str, language: str) -> str:
    """Return a README whose examples print what they print today."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        printed = run_examples(text, language, Path(folder))
        filled = iter([f"```console\n$ {command}\n{output}```" for command, output in printed])
    return EXAMPLE.sub(lambda _: next(filled), text)


if __name__ == "__main__":
    for name, spoken in READMES.items():
        (ROOT / name).write_text(fill_examples(read(name), spoken), encoding="utf-8", newline="\n")
