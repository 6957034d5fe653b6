"""What is in the repository: no path of anybody's machine, no address of a package host, no lock that records one."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

HOSTS = re.compile(r"pypi\.org|pythonhosted\.org|anaconda\.org|registry\.npmjs|files\.python")
HOMES = re.compile(r"(?:/home/|/roo[t]/|/Users/|/wor[k]/|[A-Z]:\\Users)")
THIS = "tests/test_tracked.py"


@pytest.fixture(scope="module")
def tracked(repository: Path) -> dict[str, str]:
    """Every tracked text file by its path."""
    git = shutil.which("git")
    if git is None or not (repository / ".git").exists():
        pytest.skip("needs git and a checkout")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=repository, check=True, capture_output=True, text=True)
    names = [name for name in listed.stdout.split("\0") if name and name != THIS and (repository / name).is_file()]
    return {name: (repository / name).read_text(encoding="utf-8", errors="replace") for name in names}


def test_no_file_names_a_path_of_a_machine(tracked: dict[str, str]) -> None:
    assert [name for name, text in tracked.items() if HOMES.search(text)] == []


def test_no_file_names_a_package_host(tracked: dict[str, str]) -> None:
    assert [name for name, text in tracked.items() if HOSTS.search(text)] == []


def test_locks_have_hashes_and_no_address(tracked: dict[str, str]) -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        pins = [line for line in tracked[name].splitlines() if line and not line.startswith((" ", "#"))]
        assert len(pins) > 30
        assert all("==" in pin and pin.endswith("\\") for pin in pins), "every pin is followed by its hashes"
        assert "http" not in tracked[name]
    assert not {"uv.lock", "pylock.toml"} & set(tracked)


def test_the_run_lock_is_part_of_the_development_lock(tracked: dict[str, str]) -> None:
    run, dev = (
        {line.split(" ")[0] for line in tracked[name].splitlines() if "==" in line and not line.startswith(" ")}
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert run <= dev
