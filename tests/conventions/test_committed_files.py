"""What may stand in a committed file."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def committed() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in names.decode().split("\0") if name and (ROOT / name).is_file()]


# Written in pieces so that this file does not name what no file may name.
HOSTS = re.compile(
    "|".join(["py" + r"pi\.org", "files.python" + "hosted", "registry.npm" + "js", "deb.deb" + "ian.org"])
)
MACHINE = re.compile("|".join([r"(?<![\w.])/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/"]))


@pytest.mark.parametrize(("what", "forbidden"), [("a package registry", HOSTS), ("a path of one machine", MACHINE)])
def test_no_committed_file_names(what, forbidden):
    named = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in committed()
        if path.suffix not in {".png", ".pdf", ".xlsx", ".zip", ".woff2"}
        for match in [forbidden.search(path.read_text(errors="replace"))]
        if match
    ]
    assert not named, f"files name {what}: {named}"


def test_every_locked_package_carries_a_hash():
    for lock in (ROOT / "requirements").glob("*.txt"):
        entries = re.split(r"\n(?=\S)", lock.read_text().strip())
        assert all("--hash=sha256:" in entry for entry in entries), lock.name


def test_every_app_of_casework_has_the_same_files():
    apps = [path for path in (ROOT / "casework").iterdir() if (path / "models.py").exists()]
    assert apps
    missing = {
        app.name: [name for name in ("queries.py", "actions.py", "urls.py", "views.py") if not (app / name).exists()]
        for app in apps
    }
    assert not {app: names for app, names in missing.items() if names}
