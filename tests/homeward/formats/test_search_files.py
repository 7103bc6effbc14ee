"""The files of the search, read, written and read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeward.formats.folder import read_programme, write_programme
from homeward.programme import Burial, Programme, ScenarioKind, SearchOutcome, SiteStatus

FILES = {
    "programme.toml": 'schema = 1\nname = "Search"\n',
    "missing.csv": "person_id,incident_id\nP1,I1\nP2,I1\n",
    "incidents.csv": "incident_id,kind,lat,lon,radius_m\nI1,battle,40.48,127.17,2000\n",
    "scenarios.csv": (
        "scenario_id,about,kind,weight,lat,lon,place_radius_m,geometry,radius_m,bearing_deg,range_m,shared,burial,"
        "moved_to,source_id\n"
        "S1,I1,ellipse,0.5,40.48,127.17,500,,4000,,,yes,mass,,D1\n"
        'S2,P1,route,0.3,,,,"LINESTRING (127.1 40.4, 127.2 40.5)",800,,5000,no,,,\n'
        "S3,P2,witness,0.2,40.5,127.2,,,,315,900,,,,\n"
        "S4,P2,moved,0.1,,,,,,,,,,S1,\n"
        "S5,P2,elsewhere,0.1,,,,,,,,,,,\n"
    ),
    "leads.csv": "lead_id,kind,about,lat,lon,text,source_id\nL1,witness,I1,40.5,127.1,Behind the school,D1\n",
    "regions.csv": "region_id,name,mobilisation_cost,window_from,window_until\nR1,Chosin,20,2019-05,2019-09\n",
    "sites.csv": (
        "site_id,name,geometry,status,region,burial,fixed_cost,cost_per_unit,detection_rate\n"
        'A,School,"POLYGON ((127.1 40.4, 127.2 40.4, 127.2 40.5, 127.1 40.4))",approved,R1,mass,3,1.5,0.4\n'
    ),
    "searches.csv": "search_id,site_id,date,effort,unit,detection,outcome\nX1,A,2005-06,12,crew-days,0.8,nothing\n",
    "containers.csv": "container_id,from,origin_lat,origin_lon\nC1,near Sinhung-ri,40.47,127.22\n",
    "sources.csv": "source_id,kind,title,date\nD1,record,Map of burials,1953\n",
}


def read(folder: Path, **changed: str) -> object:
    folder.mkdir()
    for name, text in (FILES | {f"{name}.csv": text for name, text in changed.items()}).items():
        (folder / name).write_text(text)
    return read_programme(folder)


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    reading = read(tmp_path / "folder")
    assert reading.rejected == ()
    return reading.programme


def test_the_files_of_the_search_become_records(programme: Programme) -> None:
    ellipse, route, witness, moved, _ = programme.scenarios
    assert (ellipse.kind, ellipse.shared, ellipse.burial) == (ScenarioKind.ELLIPSE, True, Burial.MASS)
    assert ellipse.ground.place.radius_m == 500
    assert route.ground.wkt == "LINESTRING (127.1 40.4, 127.2 40.5)"
    assert (witness.bearing_deg, witness.range_m, moved.moved_to) == (315, 900, "S1")
    assert programme.sites[0].status is SiteStatus.APPROVED
    assert (programme.searches[0].on.text, programme.searches[0].outcome) == ("2005-06", SearchOutcome.NOTHING)
    assert programme.containers[0].stated_from == "near Sinhung-ri"


@pytest.mark.parametrize("container", ["folder", "zip", "xlsx"])
def test_what_is_written_reads_back_the_same(programme: Programme, tmp_path: Path, container: str) -> None:
    path = tmp_path / {"folder": "again", "zip": "again.zip", "xlsx": "again.xlsx"}[container]
    write_programme(programme, path, container=container)
    assert read_programme(path).programme == programme


@pytest.mark.parametrize(
    ("table", "text", "column", "reason"),
    [
        ("sites", "site_id,geometry\nA,POLYGON ((1 2\n", "geometry", "is not WKT"),
        ("sites", 'site_id,geometry\nA,"POINT (40.5 127.2)"\n', "geometry", "lies outside the earth"),
        (
            "sites",
            'site_id,geometry\nA,"POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))"\n',
            "geometry",
            "is not a valid shape: Self-intersection",
        ),
        ("sites", 'site_id,lat,lon,geometry\nA,40,127,"POINT (127 40)"\n', "geometry", "stands beside lat and lon"),
        ("searches", "search_id,site_id,detection\nX1,A,1.2\n", "detection", "is out of range: 0 to 1"),
        ("searches", "search_id,detection\nX1,0.5\n", "", "a search has a site or a place"),
        ("scenarios", "scenario_id,about,kind,weight\nS1,I1,ellipse,1\n", "", "a scenario has a place"),
        (
            "scenarios",
            "scenario_id,about,kind,weight,lat,lon,shared\nS1,I1,ellipse,1,40,127,maybe\n",
            "shared",
            "is neither yes nor no",
        ),
    ],
)
def test_a_wrong_cell_is_named_with_its_reason(tmp_path: Path, table: str, text: str, column: str, reason: str) -> None:
    reading = read(tmp_path / "folder", **{table: text})
    fault = next(fault for fault in reading.rejected if fault.file == f"{table}.csv")
    assert fault.column == column
    assert reason in str(fault)


@pytest.mark.parametrize(
    ("table", "text", "column", "reason"),
    [
        ("searches", "search_id,site_id,detection\nX1,B,0.5\n", "site_id", "is not in sites"),
        ("sites", "site_id,region,lat,lon\nA,R9,40.4,127.1\n", "region", "is not in regions"),
        ("sites", "site_id,lat,lon\nA,12.5,40.1\n", "lat", "lies outside the theatre"),
        ("leads", "lead_id,about\nL1,nobody\n", "about", "is not in missing or incidents or sites"),
        (
            "regions",
            "region_id,window_from,window_until\nR1,2019-09,2019-05\n",
            "window_until",
            "is before window_from",
        ),
        (
            "scenarios",
            "scenario_id,about,kind,weight,lat,lon\nS1,P1,ellipse,0.7,40,127\nS2,P1,ellipse,0.4,40,127\n",
            "weight",
            "brings the accounts of P1 to 1.1",
        ),
        (
            "scenarios",
            "scenario_id,about,kind,weight,lat,lon\nS1,P1,route,0.7,40,127\n",
            "geometry",
            "a route is a line",
        ),
    ],
)
def test_what_does_not_fit_the_other_files_is_named(
    tmp_path: Path, table: str, text: str, column: str, reason: str
) -> None:
    reading = read(tmp_path / "folder", **{table: text})
    fault = next(fault for fault in reading.rejected if fault.file == f"{table}.csv")
    assert fault.column == column
    assert reason in str(fault)


def test_a_search_that_says_nothing_of_its_detection_is_noted_with_what_is_taken(tmp_path: Path) -> None:
    reading = read(tmp_path / "folder", searches="search_id,site_id\nX1,A\n")
    assert reading.rejected == ()
    assert [str(note) for note in reading.notes if "0.8 is taken" in str(note)]


HEADER = "incident_id,kind,lat,lon,radius_m,grid_original\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("I1,battle,,,,CV 5171", "reads as 40.3873 N 127.2480 E within 707 m (zone 52, lettering AL, Tokyo)"),
        ("I1,battle,,,,AA 00", "has no reading in the theatre korea, neither of today nor of the period"),
        ("I1,battle,41.0,126.0,2000,CV 5171", "km from the place that is stated"),
        ("I1,battle,,,,CV 517", "is no grid reference"),
    ],
)
def test_the_grid_reference_of_an_incident_is_read_and_told(tmp_path: Path, row: str, said: str) -> None:
    reading = read(tmp_path / "folder", incidents=f"{HEADER}{row}\n")

    (note,) = [note for note in reading.notes if note.column == "grid_original"]
    assert said in note.reason
    assert (note.line, note.value) == (2, row.rsplit(",", 1)[1])


def test_a_grid_reference_with_several_readings_gives_them_all(tmp_path: Path) -> None:
    reading = read(tmp_path / "folder", incidents=f"{HEADER}I1,battle,,,,YD 1234\n")

    (note,) = [note for note in reading.notes if note.column == "grid_original"]
    assert "has 2 readings: " in note.reason
    assert note.reason.count(" N ") == 2


@pytest.mark.parametrize("row", ["I1,battle,40.387,127.248,900,CV 5171", "I1,battle,,,,on the road to Hagaru"])
def test_a_reference_that_fits_its_place_and_words_are_left_alone(tmp_path: Path, row: str) -> None:
    reading = read(tmp_path / "folder", incidents=f"{HEADER}{row}\n")

    assert not [note for note in reading.notes if note.column == "grid_original"]
    assert reading.programme is not None
