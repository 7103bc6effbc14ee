"""Coordinates, maps and receivers at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from homeward.cli import main


def geo(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["geo", *map(str, arguments)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("geo") / "programme"
    assert CliRunner().invoke(main, ["simulate", str(place), "--persons", "60", "--quiet"]).exit_code == 0
    return place


def test_an_old_reference_is_read_with_its_zone_lettering_datum_and_operation() -> None:
    told = geo("read", "CV 5171")

    assert told.exit_code == 0
    assert "40.38734 N 127.24805 E, within 707 m: zone 52, lettering AL, datum Tokyo" in told.output
    assert "(accuracy 9 m)" in told.output


def test_a_reference_with_several_readings_gives_all_and_says_so() -> None:
    told = geo("read", "YD 1234")
    assert told.exit_code == 0
    assert told.output.count(" N ") == int(told.output.split(": ")[1].split(" ")[0])


def test_a_reference_without_a_reading_is_refused() -> None:
    told = geo("read", "AA 00")
    assert told.exit_code == 1
    assert "no reading lies in the theatre 'korea'" in told.output


@pytest.mark.parametrize("ending", ["geojson", "gpx", "kml", "gpkg"])
def test_sites_go_to_a_map_and_come_back(folder: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"sites.{ending}"
    written = geo("export", folder, "--out", out, "--quiet")
    assert written.exit_code == 0, written.output

    back = geo("import", out, "--as", "sites", "--out", tmp_path / "sites.csv")

    assert back.exit_code == 0, back.output
    count = len((folder / "sites.csv").read_text(encoding="utf-8").splitlines())
    assert len((tmp_path / "sites.csv").read_text(encoding="utf-8").splitlines()) == count


def test_with_a_rejected_feature_nothing_is_written_unless_asked(tmp_path: Path) -> None:
    drawn = tmp_path / "drawn.geojson"
    point = {"type": "Feature", "properties": {"name": "A"}, "geometry": {"type": "Point", "coordinates": [127, 39]}}
    away = {"type": "Feature", "properties": {"name": "B"}, "geometry": {"type": "Point", "coordinates": [2, 48]}}
    drawn.write_text(json.dumps({"type": "FeatureCollection", "features": [point, away]}), encoding="utf-8")

    refused = geo("import", drawn, "--as", "leads", "--out", tmp_path / "leads.csv")
    asked = geo("import", drawn, "--as", "leads", "--out", tmp_path / "asked.csv", "--without-rejected")

    assert refused.exit_code == 1
    assert "outside the theatre" in refused.output
    assert not (tmp_path / "leads.csv").exists()
    assert asked.exit_code == 1
    assert (tmp_path / "asked.csv").read_text(encoding="utf-8") == "lead_id,lat,lon,geometry\nA,39.000000,127.000000,\n"


def test_a_form_goes_out_and_what_comes_back_is_added_once(folder: Path, tmp_path: Path) -> None:
    made = geo("forms", folder, "--out", tmp_path / "search.xlsx", "--quiet")
    assert made.exit_code == 0, made.output
    assert (tmp_path / "search.xlsx").read_bytes()[:2] == b"PK"
    site = (folder / "sites.csv").read_text(encoding="utf-8").splitlines()[1].split(",")[0]
    filled = tmp_path / "filled.csv"
    filled.write_text(
        f"KEY,date,site_id,outcome\nuuid:0b8a2f5e-2c57-4f0e-8d53-7b8b6e8f0a01,2026-05-31,{site},nothing\n",
        encoding="utf-8",
    )

    back = geo("returns", folder, filled, "--out", tmp_path / "new.csv", "--quiet")

    assert back.exit_code == 0, back.output
    assert "filled.csv: 1 searches, 1 new, 0 known already" in back.output
    assert (tmp_path / "new.csv").read_text(encoding="utf-8").splitlines()[1].startswith("F-0b8a2f5e")


def test_tracks_need_a_width(folder: Path, tmp_path: Path) -> None:
    told = geo("returns", folder, tmp_path / "walk.gpx")
    assert told.exit_code == 2
    assert "tracks need --width-m" in told.output
