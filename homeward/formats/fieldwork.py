"""What the files of the search must say together: whom an account is of, which site was dug, in which theatre."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from homeward.errors import Nonsense
from homeward.formats.cells import number_text
from homeward.programme import Ground, Place, Scenario, ScenarioKind, Settings

if TYPE_CHECKING:
    from homeward.formats.checks import Draft
    from homeward.formats.faults import Findings
    from homeward.geography.mgrs import Reading
    from homeward.geography.theatre import Theatre

GRID = re.compile(r"(?:\d{1,2}\s*[A-Za-z]?\s*)?[A-Za-z]{2}\s*\d[\d\s]*")  # what is meant as a grid reference
_WHOLE = 1 + 1e-4  # the accounts of one person sum to at most this; written shares are rounded
_REFERENCES = (  # table, column, the tables of which one must know it
    ("scenarios", "about", ("missing", "incidents")),
    ("scenarios", "moved_to", ("scenarios",)),
    ("scenarios", "source_id", ("sources",)),
    ("leads", "about", ("missing", "incidents", "sites")),
    ("leads", "source_id", ("sources",)),
    ("sites", "region", ("regions",)),
    ("searches", "site_id", ("sites",)),
)
_SPANS = (("regions", "window_from", "window_until"), ("sites", "permit_from", "permit_until"))
_GROUNDS = ("scenarios", "leads", "sites", "searches")


class FieldworkChecks:
    """Goes through all of it; ``draft`` and ``findings`` are those of the whole folder."""

    def __init__(self, draft: Draft, findings: Findings) -> None:
        self.draft, self.findings = draft, findings
        self.settings = draft.settings or Settings(name="")

    def all(self) -> None:
        for table, column, known in _REFERENCES:
            self._references(table, column, known)
        self._shares()
        self._routes()
        self._windows()
        self._searched_without_rate()
        self._theatre()
        self._grid_references()

    def _fault(self, table: str, line: int | None, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.draft.files[table], line, column, value, reason, remedy)

    def _references(self, table: str, column: str, known: tuple[str, ...]) -> None:
        for line, record in self.draft.of(table):
            value = getattr(record, column)
            if value and not any(self.draft.knows(other, value) for other in known):
                remedy = "Add its row, or correct the identifier."
                self._fault(table, line, column, value, f"is not in {' or '.join(known)}.", remedy)

    def _shares(self) -> None:
        """The weights of one person's accounts, or one incident's."""
        told: dict[str, float] = {}
        for line, scenario in self.draft.of("scenarios"):
            told[scenario.about] = told.get(scenario.about, 0.0) + scenario.weight
            if told[scenario.about] > _WHOLE >= told[scenario.about] - scenario.weight:
                weight = number_text(scenario.weight)
                reason = f"brings the accounts of {scenario.about} to {told[scenario.about]:.6g}, above 1."
                self._fault("scenarios", line, "weight", weight, reason, "Give its accounts shares of 1.")

    def _routes(self) -> None:
        for line, scenario in self.draft.of("scenarios"):
            if scenario.kind is ScenarioKind.ROUTE and not _is_line(scenario):
                self._fault("scenarios", line, "geometry", "", "a route is a line.", "Write LINESTRING (lon lat, ...).")

    def _windows(self) -> None:
        for table, first, last in (
            ("regions", "window_from", "window_until"),
            ("sites", "permit_from", "permit_until"),
        ):
            for line, record in self.draft.of(table):
                start, end = getattr(record, first), getattr(record, last)
                if start and end and start.earliest > end.latest:
                    reason = f"is before {first}, {start.text}."
                    self._fault(table, line, last, end.text, reason, "Correct one of the dates.")

    def _searched_without_rate(self) -> None:
        """Searches of which nothing says how surely they would have found what lay there."""
        rates = {site.site_id for _, site in self.draft.of("sites") if site.detection_rate is not None}
        open_ = [
            line
            for line, search in self.draft.of("searches")
            if search.detection is None and (search.effort is None or search.site_id not in rates)
        ]
        if open_:
            self.findings.note(
                self.draft.files["searches"],
                open_[0],
                "detection",
                "",
                f"is not stated in {len(open_):,} rows, nor an effort at a site with a detection_rate; "
                f"{number_text(self.settings.search_detection)} is taken.",
                "State it, or [search] detection in programme.toml.",
            )

    def _theatre(self) -> None:
        """Ground that lies wholly outside the theatre is a fault: its longitude and latitude may be exchanged."""
        records = [(table, line, record) for table in _GROUNDS for line, record in self.draft.of(table)]
        if not any(record.ground is not None for _, _, record in records):
            return
        from homeward.geography.theatre import theatre

        try:
            ground = theatre(self.settings.search_theatre)
        except Nonsense as refusal:
            self._fault("programme", None, "theatre", self.settings.search_theatre, f"{refusal}.", "Correct [search].")
            return
        for table, line, record in records:
            if record.ground is not None and not _touches(ground, record.ground):
                column, value = _shown(record.ground)
                reason = f"lies outside the theatre {ground.name or self.settings.search_theatre}."
                remedy = "Check latitude and longitude, or widen [search] theatre in programme.toml."
                self._fault(table, line, column, value, reason, remedy)

    def _grid_references(self) -> None:
        """What the grid reference of an incident can be read as, beside the place that is stated for it."""
        told = [(line, one) for line, one in self.draft.of("incidents") if GRID.fullmatch(one.grid_original.strip())]
        if not told:
            return
        from homeward.geography.mgrs import readings
        from homeward.geography.theatre import theatre

        try:
            ground = theatre(self.settings.search_theatre)
        except Nonsense:  # told by _theatre
            return
        for line, incident in told:
            try:
                found = readings(incident.grid_original, theatre=ground)
            except Nonsense as refusal:
                self._noted(line, incident.grid_original, f"{refusal}.", "Correct it, or leave it as text.")
                continue
            if not found:
                reason = f"has no reading in the theatre {ground.name}, neither of today nor of the period."
                self._noted(line, incident.grid_original, reason, "Look at the map that it was taken from.")
            elif incident.place is None and len(found) > 1:
                reason = f"has {len(found)} readings: {'; '.join(map(_reading, found))}."
                self._noted(line, incident.grid_original, reason, "State lat and lon of the one that is meant.")
            elif incident.place is None:
                reason = f"reads as {_reading(found[0])}; no place is stated."
                self._noted(line, incident.grid_original, reason, "State it as lat and lon if that is meant.")
            else:
                self._beside(line, incident.grid_original, incident.place, found)

    def _beside(self, line: int, text: str, place: Place, found: Sequence[Reading]) -> None:
        apart = [(_metres(place, one) - (place.radius_m or 0.0) - one.radius_m, one) for one in found]
        least, nearest = min(apart, key=lambda pair: pair[0])
        if least > 0:
            reason = (
                f"reads as {_reading(nearest)}, {_metres(place, nearest) / 1000:.1f} km from the place that is stated"
                f"{'' if len(found) == 1 else ', and no other reading is nearer'}."
            )
            self._noted(line, text, reason, "Correct one of the two, or widen radius_m.")

    def _noted(self, line: int, value: str, reason: str, remedy: str) -> None:
        self.findings.note(self.draft.files["incidents"], line, "grid_original", value, reason, remedy)


def _reading(one: Reading) -> str:
    return (
        f"{one.lat:.4f} N {one.lon:.4f} E within {one.radius_m:.0f} m "
        f"(zone {one.zone}, lettering {one.lettering}, {one.datum})"
    )


def _metres(place: Place, one: Reading) -> float:
    import pyproj

    return float(pyproj.Geod(ellps="WGS84").inv(place.lon, place.lat, one.lon, one.lat)[2])


def _is_line(scenario: Scenario) -> bool:
    return scenario.ground is not None and scenario.ground.wkt.lstrip().upper().startswith(("LINESTRING", "MULTILINE"))


def _touches(theatre: Theatre, ground: Ground) -> bool:
    from homeward.geography.shapes import shape_of

    shape = shape_of(ground)
    reach = 0.0 if ground.place is None or ground.place.radius_m is None else ground.place.radius_m / 80_000  # degrees
    return bool(theatre.polygon.buffer(0.1 + reach).intersects(shape))  # 10 km of sea belong to it


def _shown(ground: Ground) -> tuple[str, str]:
    place: Place | None = ground.place
    return ("geometry", ground.wkt) if place is None else ("lat", f"{number_text(place.lat)}, {number_text(place.lon)}")
