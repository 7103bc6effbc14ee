"""What comes back from the field: filled forms as ODK Central or KoBo export them, and tracks of receivers.

Each search is known by the UUID of its form, each track by its file: what is read twice adds nothing.
"""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeward.errors import Fault, Nonsense, Rejected
from homeward.formats.faults import Findings
from homeward.geography.theatre import theatre
from homeward.programme import Burial, Programme, SearchOutcome

PREFIX = "F-"  # of the identifier of a search that was filled in a form, or walked with a receiver
HEADER = (
    "search_id", "site_id", "lat", "lon", "radius_m", "geometry", "date", "effort", "unit", "detection", "trials",
    "burial", "outcome",
)  # fmt: skip
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_UUID_COLUMNS = ("uuid", "KEY", "meta-instanceID", "meta/instanceID", "instanceID", "_uuid")
_TRACKS = uuid.UUID("6d1f1f4e-6e7f-5b5e-9b52-6c1a0c9d6a11")  # names of tracks are made in this space


def _refused(path: Path, line: int | None, reason: str, remedy: str) -> Rejected:
    return Rejected((Fault(path.name, line, "", "", reason, remedy),))


@dataclass(frozen=True, eq=False, kw_only=True)
class Returned:
    """What came back from the field, as rows of ``searches.csv``.

    Parameters
    ----------
    rows : new ones, text by :data:`HEADER`
    known : identifiers that the programme has already: nothing is added for them
    """

    rows: tuple[tuple[str, ...], ...]
    known: tuple[str, ...]
    rejected: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    seen: int

    def as_csv(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(self.rows)
        return text.getvalue().encode()


def read_returns(path: Path, programme: Programme) -> Returned:
    """Read filled forms as ODK Central or KoBo export them (CSV).

    Raises
    ------
    Rejected
        If the file is no such table.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise Rejected(
            (Fault(path.name, None, "", "", f"cannot be read: {problem}", "Export it again as CSV."),)
        ) from None
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text)))
    except csv.Error as problem:
        raise _refused(path, None, f"is no CSV: {problem}", "Export it again as CSV.") from None
    header = [name.split("/")[-1] if name not in _UUID_COLUMNS else name for name in (table[0] if table else [])]
    column = {name: at for at, name in reversed(list(enumerate(header)))}
    key = next((name for name in _UUID_COLUMNS if name in column), "")
    needed = [name for name in ("date", "site_id", "outcome") if name not in column]
    if not key or needed:
        missing = ", ".join([*needed, *([] if key else ["the UUID of each form (KEY, _uuid)"])])
        raise Rejected(
            (Fault(path.name, 1, "", "", f"has no column {missing}.", "Export all of the form, with keys."),)
        )
    findings, reading = Findings(), _Reading(programme, path.name)
    rows, known = [], []
    for number, cells in enumerate(table[1:], start=2):
        if not any(cells):
            continue
        filled = {name: cells[at].strip() if at < len(cells) else "" for name, at in column.items()}
        row = reading.row(number, filled, filled[key], findings)
        if row is not None and row[0] in reading.before:
            known.append(row[0])
        elif row is not None:
            rows.append(row)
    return Returned(
        rows=tuple(rows),
        known=tuple(known),
        rejected=findings.rejected,
        notes=findings.notes,
        seen=sum(any(cells) for cells in table[1:]),
    )


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


class _Reading:
    """Rows of returns, one after the other."""

    def __init__(self, programme: Programme, file: str) -> None:
        self.file = file
        self.sites = {site.site_id for site in programme.sites}
        self.before = {search.search_id for search in programme.searches}
        self.theatre = theatre(programme.settings.search_theatre)
        self.seen: dict[str, int] = {}

    def row(self, number: int, filled: Mapping[str, str], key: str, findings: Findings) -> tuple[str, ...] | None:
        """One search; None if it is rejected, with every reason told."""
        wrong = list(self._wrong(number, filled, key))
        for column, value, reason, remedy in wrong:
            findings.fault(self.file, number, column, value, reason, remedy)
        found = _UUID.search(key.lower())
        if wrong or found is None:
            return None
        self.seen[found.group()] = number
        site = filled["site_id"] if filled["site_id"] != "other" else ""
        lat, lon, accuracy = self._point(filled)
        outline = _outline(filled.get("outline", ""))
        told = [("other_site", "is a site that sites.csv does not have."), ("note", "was written by the team.")]
        for name, reason in told:
            if filled.get(name):
                findings.note(
                    self.file, number, name, filled[name], f"{reason} It stands in no column of searches.csv."
                )
        place = ("", "", "", outline) if outline else (lat, lon, accuracy, "")
        if site and lat and not outline:
            findings.note(self.file, number, "place", f"{lat} {lon}", "was left out: the site says where it is.")
        if site and not outline:
            place = ("", "", "", "")
        taken = (filled.get("date", ""), filled.get("effort", ""), filled.get("unit", ""), filled.get("detection", ""))
        return (PREFIX + found.group(), site, *place, *taken, "", filled.get("burial", ""), filled["outcome"])

    def _wrong(self, number: int, filled: Mapping[str, str], key: str) -> Iterator[tuple[str, str, str, str]]:
        found = _UUID.search(key.lower())
        if found is None:
            yield "uuid", key, "is no UUID: the form cannot be told from others.", "Export the key of each form."
        elif found.group() in self.seen:
            yield "uuid", key, f"stands in line {self.seen[found.group()]} already.", "Leave one of the two out."
        site = filled["site_id"]
        if site not in self.sites and site != "other":
            yield "site_id", site, "is not in sites.csv.", "Add the site, or choose other and name it."
        if site == "other" and not (filled.get("place") or filled.get("outline") or filled.get("place-Latitude")):
            yield "site_id", site, "is another place, and nothing says where.", "Give its middle or its outline."
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", filled["date"]):
            yield "date", filled["date"], "is no day written as 2026-05-31.", "Export dates in that form."
        if filled["outcome"] not in set(SearchOutcome):
            yield "outcome", filled["outcome"], "is neither nothing nor remains.", "Correct it in the form."
        if filled.get("burial") and filled["burial"] not in set(Burial):
            yield "burial", filled["burial"], "is no class of burial.", "Correct it in the form."
        yield from _number(filled, "effort", 0.0, float("inf"))
        yield from _number(filled, "detection", 0.0, 1.0)
        yield from self._outside(filled)

    def _outside(self, filled: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
        if filled["site_id"] != "other":
            return
        try:
            lat, lon, _ = self._point(filled)
            points = [(float(lat), float(lon))] if lat else []
            points += [(lat_, lon_) for lat_, lon_ in _corners(filled.get("outline", ""))]
        except ValueError:
            yield "place", filled.get("place", ""), "is no place: latitude and longitude.", "Correct it in the form."
            return
        if any(not bool(self.theatre.contains(lat_, lon_)) for lat_, lon_ in points):
            yield "place", filled.get("place", ""), f"lies outside the theatre {self.theatre.name!r}.", "Correct it."

    def _point(self, filled: Mapping[str, str]) -> tuple[str, str, str]:
        """Latitude, longitude, radius as the two exports write a geopoint."""
        if filled.get("place-Latitude"):
            cells = [filled["place-Latitude"], filled.get("place-Longitude", ""), "", filled.get("place-Accuracy", "")]
        else:
            cells = filled.get("place", "").split()
        if len(cells) < 2:
            return "", "", ""
        accuracy = f"{2 * float(cells[3]):g}" if len(cells) > 3 and cells[3] and float(cells[3]) > 0 else ""
        return f"{float(cells[0]):.6f}", f"{float(cells[1]):.6f}", accuracy


def _number(filled: Mapping[str, str], name: str, low: float, high: float) -> Iterator[tuple[str, str, str, str]]:
    text = filled.get(name, "")
    if not text:
        return
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        most = f"{low:g} to {high:g}" if high < float("inf") else f"at least {low:g}"
        yield name, text, f"is not a number, {most}.", "Correct it in the form."


def _corners(text: str) -> list[tuple[float, float]]:
    """Corners of a geoshape: ``lat lon altitude accuracy; ...``."""
    found = []
    for corner in filter(None, (part.strip() for part in text.split(";"))):
        cells = corner.split()
        if len(cells) < 2:
            raise ValueError(corner)
        found.append((float(cells[0]), float(cells[1])))
    return found


def _outline(text: str) -> str:
    import shapely

    corners = _corners(text)
    if len(corners) < 4:
        return ""
    polygon = shapely.Polygon([(lon, lat) for lat, lon in corners])
    return str(shapely.to_wkt(polygon, rounding_precision=6, trim=True))


# --- tracks ---


def read_tracks(path: Path, programme: Programme, *, width_m: float, detection: float | None = None) -> Returned:
    """Read the tracks of a receiver (GPX) as searches: what was within half a width of where somebody walked.

    Parameters
    ----------
    width_m : sweep width, in metres: effort is the area that it covers, counted once where a track crosses itself
    detection : within it; None: left to the programme

    Raises
    ------
    Nonsense
        If the width is none, or the detection is no chance.
    Rejected
        If the file is no GPX with tracks.
    """
    import pyogrio
    import shapely
    from pyogrio.raw import read

    if not 0 < width_m <= 10_000:
        raise Nonsense(f"a sweep width of {width_m:g} m is none; it is above 0 and at most 10,000 m")
    if detection is not None and not 0 <= detection <= 1:
        raise Nonsense(f"a detection of {detection:g} is no chance")
    try:
        meta, _, shapes, columns = read(path, layer="tracks")
        points, _, _, times = read(path, layer="track_points", columns=["track_fid", "time"])
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as problem:
        raise Rejected(
            (Fault(path.name, None, "", "", f"is no GPX with tracks: {problem}", "Export tracks as GPX."),)
        ) from None
    names = [str(name or "") for name in columns[list(meta["fields"]).index("name")]]
    days = _days(list(points["fields"]), times)
    land = theatre(programme.settings.search_theatre)
    findings, rows, known = Findings(), [], []
    before = {search.search_id for search in programme.searches}
    for at, data in enumerate(shapes):
        line = shapely.from_wkb(data)
        search_id = PREFIX + _uuid_of(path.read_bytes(), at)
        if line is None or line.is_empty or line.length == 0:
            findings.fault(path.name, at + 1, "track", names[at], "goes nowhere.", "Leave it out.")
        elif not shapely.intersects(land.polygon, line):
            findings.fault(
                path.name, at + 1, "track", names[at], f"lies outside the theatre {land.name!r}.", "Leave it out."
            )
        elif search_id in before:
            known.append(search_id)
        else:
            swept, area = _swept(line, width_m / 2)
            told = "" if detection is None else f"{detection:g}"
            findings.note(path.name, at + 1, "track", names[at], f"covers {area:,.0f} square metres.")
            rows.append(
                (search_id, "", "", "", "", swept, days.get(at, ""), f"{area:.0f}", "m2", told, "", "", "nothing")
            )
    return Returned(
        rows=tuple(rows), known=tuple(known), rejected=findings.rejected, notes=findings.notes, seen=len(shapes)
    )


def _days(fields: Sequence[str], columns: Sequence[Any]) -> dict[int, str]:
    """Track -> the first day of its points."""
    by_name = dict(zip(fields, columns, strict=True))
    found: dict[int, str] = {}
    for track, time in zip(by_name["track_fid"], by_name["time"], strict=True):
        day = str(time)[:10].replace("/", "-")
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            found[int(track)] = min(day, found.get(int(track), day))
    return found


def _swept(line: Any, half_m: float) -> tuple[str, float]:
    """What lies within half a width of a line, WKT in degrees, and its area in square metres."""
    import pyproj
    import shapely

    middle = line.centroid
    plane = f"+proj=laea +lat_0={middle.y} +lon_0={middle.x} +datum=WGS84 +units=m"
    there = pyproj.Transformer.from_crs("EPSG:4326", plane, always_xy=True)
    flat = shapely.transform(line, there.transform, interleaved=False)
    swept = shapely.buffer(flat, half_m, quad_segs=4)
    back = pyproj.Transformer.from_crs(plane, "EPSG:4326", always_xy=True)
    degrees = shapely.transform(swept, back.transform, interleaved=False)
    return shapely.to_wkt(degrees, rounding_precision=6, trim=True), float(swept.area)


def _uuid_of(data: bytes, track: int) -> str:
    """A name for a track from the file itself, so that reading it twice adds nothing."""
    return str(uuid.uuid5(_TRACKS, f"{data.hex()} {track}"))
