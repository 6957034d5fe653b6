"""The terminal examples of the README are run, in order, and print what it says.

To write them anew after a change of words: `python tests/test_readme.py`.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = re.compile(r"```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)```", re.DOTALL)
SECONDS = re.compile(r"\b\d+\.\d s\b")


def run_examples(text: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Run every example in `folder`, and yield its command with what it printed."""
    environment = os.environ | {"XUEWEI_LANG": "en", "PYTHONUTF8": "1"}
    for example in EXAMPLE.finditer(text):
        name, *arguments = shlex.split(example["command"])
        assert name == "xuewei"
        program = [sys.executable, str(ROOT / "cli.py"), *arguments]
        result = subprocess.run(
            program, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert result.returncode in {0, 4}, result.stderr
        yield example["command"], result.stdout


def prepare(folder: Path) -> None:
    """Put the districts that the examples name where a reader of the README would have them."""
    for name in ("six", "binhe"):
        shutil.copytree(ROOT / "instances" / name, folder / "instances" / name)


def test_the_examples_print_what_the_readme_says(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    prepare(tmp_path)
    said = {example["command"]: SECONDS.sub("1.0 s", example["output"]) for example in EXAMPLE.finditer(text)}
    assert len(said) >= 4
    assert {command: SECONDS.sub("1.0 s", output) for command, output in run_examples(text, tmp_path)} == said


def test_every_file_that_the_readme_links_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "setup"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def write_examples() -> None:
    """Write what the examples print into the README."""
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        printed = dict(run_examples(text, Path(folder)))
    filled = EXAMPLE.sub(lambda e: f"```console\n$ {e['command']}\n{printed[e['command']]}```", text)
    path.write_text(filled, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_examples()
