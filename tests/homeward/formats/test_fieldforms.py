"""Forms for the field and what comes back: valid for the tools that read them, and nothing is added twice."""

from __future__ import annotations

import csv
import io
import itertools
from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from homeward.errors import HomewardError, Nonsense, Rejected
from homeward.formats.fieldforms import LANGUAGES, search_form
from homeward.formats.fieldreturns import HEADER, Returned, read_returns, read_tracks
from homeward.programme import Burial, Ground, Place, Programme, Searched, SearchOutcome, Settings, Site

ONE, TWO = "0b8a2f5e-2c57-4f0e-8d53-7b8b6e8f0a01", "5c1f7a90-aaaa-4bbb-8ccc-0123456789ab"


def programme(**more: object) -> Programme:
    base = Programme(
        settings=Settings(name="Korea"),
        sites=(
            Site(site_id="S1", name="a hill", ground=Ground(place=Place(lat=39.0, lon=127.0))),
            Site(site_id="S2"),
        ),
    )
    return replace(base, **more)  # type: ignore[arg-type]


# --- the form ---


def test_the_form_is_one_that_the_tools_take_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "search.xlsx"
    path.write_bytes(search_form(programme()))

    made = convert(xlsform=path)

    assert not made.warnings
    for language in LANGUAGES:
        assert f'lang="{language}"' in made.xform
    assert "once(uuid())" in made.xform
    assert "S1 a hill" in made.xform


def test_every_choice_is_a_word_of_the_programmes_files(tmp_path: Path) -> None:
    book = load_workbook(io.BytesIO(search_form(programme())))
    lists = [row[:2] for row in book["choices"].iter_rows(min_row=2, values_only=True)]

    assert {name for of, name in lists if of == "burials"} == {one.value for one in Burial}
    assert {name for of, name in lists if of == "outcomes"} == {one.value for one in SearchOutcome}
    assert [name for of, name in lists if of == "sites"] == ["S1", "S2", "other"]


def test_a_programme_without_sites_has_no_form() -> None:
    with pytest.raises(Nonsense, match="has no sites"):
        search_form(programme(sites=()))


# --- filled forms ---


def filled(**cells: str) -> dict[str, str]:
    base = {"KEY": f"uuid:{ONE}", "date": "2026-05-31", "site_id": "S1", "effort": "3", "unit": "crew-days"}
    return base | {"outcome": "nothing", "detection": "", "burial": "", "place": "", "outline": ""} | cells


def written(path: Path, *rows: dict[str, str], delimiter: str = ",") -> Path:
    names = list(dict.fromkeys(itertools.chain.from_iterable(rows)))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def rows(found: Returned) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.as_csv().decode())))


def test_a_filled_form_is_a_row_of_searches_known_by_its_uuid(tmp_path: Path) -> None:
    path = written(tmp_path / "returns.csv", filled(detection="0.7", burial="mass"))

    found = read_returns(path, programme())

    (row,) = rows(found)
    assert list(row) == list(HEADER)
    assert row["search_id"] == f"F-{ONE}"
    assert (row["site_id"], row["date"], row["effort"], row["unit"]) == ("S1", "2026-05-31", "3", "crew-days")
    assert (row["detection"], row["burial"], row["outcome"]) == ("0.7", "mass", "nothing")
    assert not found.rejected


def test_what_the_programme_has_already_is_not_added_again(tmp_path: Path) -> None:
    path = written(tmp_path / "returns.csv", filled(), filled(KEY=TWO))
    known = programme(searches=(Searched(search_id=f"F-{ONE}", site_id="S1"),))

    found = read_returns(path, known)

    assert found.known == (f"F-{ONE}",)
    assert [row["search_id"] for row in rows(found)] == [f"F-{TWO}"]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_groups_and_semicolons_of_other_servers_are_read(tmp_path: Path, delimiter: str) -> None:
    row = {"_uuid": ONE, "dig/date": "2026-05-31", "dig/site_id": "S1", "dig/effort": "2", "dig/outcome": "remains"}
    found = read_returns(written(tmp_path / "kobo.csv", row, delimiter=delimiter), programme())
    assert [one["outcome"] for one in rows(found)] == ["remains"]


def test_another_place_keeps_its_outline_or_its_middle(tmp_path: Path) -> None:
    outline = "39.0 127.0 0 0; 39.0 127.01 0 0; 39.01 127.01 0 0; 39.0 127.0 0 0"
    path = written(
        tmp_path / "returns.csv",
        filled(site_id="other", outline=outline, other_site="a ditch"),
        filled(KEY=TWO, site_id="other", place="39.5 127.5 210 4.5"),
    )

    found = read_returns(path, programme())

    first, second = rows(found)
    assert shapely.from_wkt(first["geometry"]).area == pytest.approx(0.01 * 0.01 / 2, rel=1e-6)
    assert (second["lat"], second["lon"], second["radius_m"]) == ("39.500000", "127.500000", "9")
    assert ("other_site", "a ditch") in {(note.column, note.value) for note in found.notes}


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"KEY": "7"}, "uuid", "is no UUID"),
        ({"site_id": "S9"}, "site_id", "is not in sites.csv"),
        ({"site_id": "other"}, "site_id", "nothing says where"),
        ({"site_id": "other", "place": "48.85 2.35 0 5"}, "place", "outside the theatre"),
        ({"site_id": "other", "place": "north east"}, "place", "is no place"),
        ({"date": "31.05.2026"}, "date", "is no day"),
        ({"outcome": "maybe"}, "outcome", "neither nothing nor remains"),
        ({"burial": "grave"}, "burial", "is no class of burial"),
        ({"effort": "-1"}, "effort", "at least 0"),
        ({"detection": "1.2"}, "detection", "0 to 1"),
        ({"detection": "nan"}, "detection", "0 to 1"),
    ],
)
def test_what_is_wrong_with_a_form_is_named_and_the_others_are_read(
    tmp_path: Path, cells: dict[str, str], column: str, said: str
) -> None:
    found = read_returns(written(tmp_path / "returns.csv", filled(**cells), filled(KEY=TWO)), programme())

    assert [(one.line, one.column) for one in found.rejected] == [(2, column)]
    assert said in found.rejected[0].reason
    assert [row["search_id"] for row in rows(found)] == [f"F-{TWO}"]


def test_one_form_twice_in_a_file_is_named(tmp_path: Path) -> None:
    found = read_returns(written(tmp_path / "returns.csv", filled(), filled()), programme())
    assert [(one.line, one.reason) for one in found.rejected] == [(3, "stands in line 2 already.")]


def test_a_table_without_keys_is_refused_whole(tmp_path: Path) -> None:
    bare = written(tmp_path / "returns.csv", {"date": "2026-05-31", "site_id": "S1", "outcome": "nothing"})
    with pytest.raises(Rejected, match="UUID of each form"):
        read_returns(bare, programme())
    with pytest.raises(Rejected, match="cannot be read"):
        read_returns(tmp_path / "nowhere.csv", programme())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_table_makes_the_reader_fall_over(tmp_path: Path, data: bytes) -> None:
    header = b"KEY,date,site_id,outcome,place,outline,effort\n"
    (tmp_path / "any.csv").write_bytes(header + data)
    try:
        found = read_returns(tmp_path / "any.csv", programme())
    except HomewardError:
        return
    lines = {fault.line for fault in found.rejected}
    assert len(found.rows) + len(found.known) + len(lines) == found.seen


# --- tracks ---

TRACK = """<?xml version="1.0"?>
<gpx version="1.1" creator="receiver" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>north slope</name><trkseg>
<trkpt lat="39.0" lon="127.0"><time>2026-05-31T01:00:00Z</time></trkpt>
<trkpt lat="39.009" lon="127.0"><time>2026-05-31T02:00:00Z</time></trkpt>
</trkseg></trk>
<trk><name>far away</name><trkseg><trkpt lat="48.8" lon="2.3"/><trkpt lat="48.9" lon="2.3"/></trkseg></trk>
</gpx>
"""


def test_a_track_is_the_strip_that_was_walked(tmp_path: Path) -> None:
    (tmp_path / "walk.gpx").write_text(TRACK, encoding="utf-8")

    found = read_tracks(tmp_path / "walk.gpx", programme(), width_m=10.0, detection=0.4)

    (row,) = rows(found)
    # 0.009 degrees of latitude are 999.1 m at 39 N; a strip of 10 m and two half discs of 5 m
    assert float(row["effort"]) == pytest.approx(999.1 * 10 + 3.1416 * 25, rel=2e-3)
    assert (row["unit"], row["date"], row["detection"], row["outcome"]) == ("m2", "2026-05-31", "0.4", "nothing")
    assert shapely.from_wkt(row["geometry"]).contains(shapely.Point(127.0, 39.0045))
    assert [(one.line, one.value) for one in found.rejected] == [(2, "far away")]
    again = read_tracks(
        tmp_path / "walk.gpx", programme(searches=(Searched(search_id=row["search_id"], site_id="S1"),)), width_m=10.0
    )
    assert again.known == (row["search_id"],)
    assert not again.rows


@pytest.mark.parametrize(("width", "detection"), [(0.0, None), (-1.0, None), (5.0, 1.5)])
def test_a_width_or_a_detection_that_is_none_is_refused(tmp_path: Path, width: float, detection: float | None) -> None:
    (tmp_path / "walk.gpx").write_text(TRACK, encoding="utf-8")
    with pytest.raises(Nonsense):
        read_tracks(tmp_path / "walk.gpx", programme(), width_m=width, detection=detection)


def test_what_is_no_gpx_is_refused(tmp_path: Path) -> None:
    (tmp_path / "walk.gpx").write_text("walked", encoding="utf-8")
    with pytest.raises(Rejected, match="no GPX with tracks"):
        read_tracks(tmp_path / "walk.gpx", programme(), width_m=5.0)
