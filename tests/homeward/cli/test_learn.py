"""What one more fact would change, at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from homeward.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("learn") / "programme"
    made = CliRunner().invoke(main, ["simulate", str(place), "--persons", "120", "--quiet"])
    assert made.exit_code == 0, made.output
    return place


def learn(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["learn", str(folder), "--quiet", *arguments])


def rows(folder: Path, file: str) -> list[list[str]]:
    return [line.split(",") for line in (folder / file).read_text(encoding="utf-8").splitlines()]


def test_an_empty_dig_and_a_withdrawn_search_are_told_with_what_they_move(folder: Path, tmp_path: Path) -> None:
    site = next(row[0] for row in rows(folder, "sites.csv")[1:] if "closed" not in row and "abandoned" not in row)
    before = {path: path.read_bytes() for path in folder.iterdir()}

    dug = learn(folder, "--empty", f"{site}=0.9", "--out", str(tmp_path / "dug.json"))

    assert dug.exit_code == 0, dug.output
    assert f"  {site}: " in dug.output
    told = json.loads((tmp_path / "dug.json").read_text(encoding="utf-8"))
    moved = next(one for one in told["sites"] if one["about"] == site)
    assert moved["after"] < moved["before"]
    assert told["provenance"]["parameters"]["empty"] == [f"{site}=0.9"]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_search_that_never_was_gives_its_site_back(folder: Path, tmp_path: Path) -> None:
    search = next(row[0] for row in rows(folder, "searches.csv")[1:] if row[-1] == "nothing")

    withdrawn = learn(folder, "--withdraw", search, "--out", str(tmp_path / "withdrawn.json"))

    assert withdrawn.exit_code == 0, withdrawn.output
    told = json.loads((tmp_path / "withdrawn.json").read_text(encoding="utf-8"))
    assert all(one["after"] != one["before"] for one in told["sites"])


def test_an_identification_empties_his_place(folder: Path) -> None:
    person = rows(folder, "missing.csv")[1][0]

    named = learn(folder, "--identified", person)

    assert named.exit_code == 0, named.output
    assert "Sites, by expected identifications:" in named.output


def test_where_a_box_is_said_to_be_from_is_told_beside_what_other_facts_move(folder: Path, tmp_path: Path) -> None:
    box = rows(folder, "containers.csv")[1][0]
    search = next(row[0] for row in rows(folder, "searches.csv")[1:] if row[-1] == "nothing")

    both = learn(folder, "--origin", f"{box}=40.4,127.2,4000", "--withdraw", search, "--out", str(tmp_path / "o.json"))

    assert both.exit_code == 0, both.output
    told = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert [one["fact"] for one in told["facts"]] == [f"without searches.csv {search}", f"origin 1: {box}"]
    assert not told["facts"][1]["sites"]
    assert told["sites"] == told["facts"][0]["sites"]
    assert "all together:" in both.output


def test_a_stated_origin_on_record_can_be_withdrawn(folder: Path) -> None:
    header, *boxes = rows(folder, "containers.csv")
    box = next(row[0] for row in boxes if row[header.index("origin_lat")])

    assert f"without containers.csv {box}:" in learn(folder, "--withdraw", box).output


@pytest.mark.parametrize("where", ["", "=", "=40", "=40,127,much", "=40,127,-5", "=91,127", "=40,nan", "=1,2,3,4"])
def test_an_origin_that_is_no_place_is_named(folder: Path, where: str) -> None:
    answer = learn(folder, "--origin", f"BOX{where}")

    assert answer.exit_code == 1
    assert f"--origin BOX{where}: " in answer.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a fact"),
        (("--empty", "nowhere"), "there is no site 'nowhere' in sites.csv"),
        (("--found", "nowhere"), "there is no site 'nowhere' in sites.csv"),
        (("--identified", "NOBODY"), "there is nobody 'NOBODY' in missing.csv"),
        (("--withdraw", "S-0"), "there is no search 'S-0'"),
        (("--origin", "X=40,127"), "there is no box 'X' in containers.csv"),
        (("--withdraw", "S-0", "--budget", "0"), "a budget of 0 buys nothing"),
    ],
)
def test_what_cannot_be_is_named(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    answer = learn(folder, *arguments)

    assert answer.exit_code != 0
    assert said in answer.output


@pytest.mark.parametrize("chance", ["1.4", "-0.1", "much", "nan"])
def test_a_detection_that_is_no_chance_is_named(folder: Path, chance: str) -> None:
    site = rows(folder, "sites.csv")[1][0]

    answer = learn(folder, "--empty", f"{site}={chance}")

    assert answer.exit_code == 1
    assert chance in answer.output
