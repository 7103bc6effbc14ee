"""What stands in the files of the search: scenarios, leads, regions, sites, searches, containers, sources."""

from __future__ import annotations

from dataclasses import replace

from homeward.formats.columns import Column, Kind, Table, date, key_column, needed, number, place, reference, text
from homeward.programme import Burial, ScenarioKind, SearchOutcome, SiteStatus

FARTHEST = 20_100_000  # metres: half way round the earth


def _ground(what: str, radius: str = "radius_m") -> tuple[Column, ...]:
    """A point with its uncertainty, or a geometry."""
    geometry = f"Or the geometry of {what}: WKT, longitude before latitude, WGS84."
    return (*place("lat", "lon", radius, what), Column("geometry", Kind.GEOMETRY, geometry))


def _metres(name: str, meaning: str) -> Column:
    return number(name, meaning, 0.001, FARTHEST)


def _burial(meaning: str) -> Column:
    return Column("burial", Kind.CHOICE, meaning, choices=Burial)


SCENARIOS = Table(
    "scenarios",
    "Accounts of where a person, or everyone of an incident, may lie. Weights are shares among the accounts of the "
    "same person or incident; what they leave of 1 is elsewhere.",
    (
        key_column("scenario_id", "Identifier of the account."),
        needed("about", Kind.IDENTIFIER, "A person_id or an incident_id."),
        needed("kind", Kind.CHOICE, "What kind of account.", choices=ScenarioKind),
        needed("weight", Kind.NUMBER, "Its share.", low=0, high=1),
        *_ground("the account: a line for a route, for a witness where the witness stood", "place_radius_m"),
        _metres("radius_m", "Two sigma in metres: of an ellipse along its bearing, of a route across it."),
        _metres("radius_minor_m", "Two sigma of an ellipse across its bearing; empty is a circle."),
        number("bearing_deg", "Degrees from true north, clockwise: of the ellipse, or from the witness.", 0, 360),
        _metres("bearing_sd_deg", "Standard deviation of the witness's bearing, degrees."),
        _metres("range_m", "From a witness: median distance. Along a route: where the chance has fallen to 1/e."),
        _metres("range_sd", "From a witness: standard deviation of the natural logarithm of the distance."),
        number("reliability", "Chance that the account is right; empty is 1.", 0, 1),
        Column("shared", Kind.YES_NO, "yes: all of whom it is true lie in one grave."),
        _burial("Class of burial; empty is isolated."),
        reference("moved_to", "Of the kind moved: the scenario_id where those of this one were taken."),
        reference("source_id", "Where it is from, a row of sources.csv."),
    ),
    grounds={"ground": ("lat", "lon", "place_radius_m", "geometry")},
)

LEADS = Table(
    "leads",
    "What was said or read about where remains may lie.",
    (
        key_column("lead_id", "Identifier of the lead."),
        text("kind", "witness, record, map, resident, survey, or another word."),
        reference("about", "A person_id, incident_id or site_id."),
        *_ground("the lead"),
        text("text", "What was said, in its own words."),
        date("given_on", "When it was said."),
        number("reliability", "Chance that it is right, as judged when it was taken down.", 0, 1),
        reference("source_id", "Where it is from, a row of sources.csv."),
    ),
    grounds={"ground": ("lat", "lon", "radius_m", "geometry")},
)

REGIONS = Table(
    "regions",
    "Regions of sites that share the cost of getting there and a window of weather.",
    (
        key_column("region_id", "Identifier of the region."),
        text("name", "What it is called."),
        number("mobilisation_cost", "Cost of working there at all in a season.", 0, 1e12),
        number("travel_days", "Days of a crew to get there and back.", 0, 366),
        Column("window_from", Kind.DATE, "First day of a season on which the ground can be dug."),
        Column("window_until", Kind.DATE, "Last day on which it can."),
        *(replace(one, words=False) for one in place("base_lat", "base_lon", "base_radius_m", "the base camp")),
    ),
    places={"base": ("base_lat", "base_lon", "base_radius_m")},
)

SITES = Table(
    "sites",
    "Places that may be dug, and what that costs. After effort z what lies there is found with chance "
    "1 - exp(-detection_rate z).",
    (
        key_column("site_id", "Identifier of the site."),
        text("name", "What it is called."),
        *_ground("the site"),
        Column("status", Kind.CHOICE, "How far it has come; empty is lead.", choices=SiteStatus),
        reference("region", "Its region, a row of regions.csv."),
        _burial("Class of burial expected; empty is isolated."),
        number("fixed_cost", "Cost of digging there at all.", 0, 1e12),
        number("cost_per_unit", "Cost of one unit of effort; empty is 1.", 0, 1e12),
        number("days", "Days of a crew for one unit of effort.", 0, 10_000),
        date("permit_from", "First day of the permit."),
        date("permit_until", "Last day of the permit."),
        number("detection_rate", "Detection per unit of effort.", 0, 1e6),
    ),
    grounds={"ground": ("lat", "lon", "radius_m", "geometry")},
)

SEARCHES = Table(
    "searches",
    "Searches that were done, with a site or a piece of ground, and how surely they would have found what lay there.",
    (
        key_column("search_id", "Identifier of the search."),
        reference("site_id", "The site, a row of sites.csv."),
        *_ground("the search"),
        date("date", "When it was done."),
        number("effort", "Effort spent.", 0, 1e12),
        text("unit", "Unit of the effort: crew-days, square metres."),
        number(
            "detection",
            "Chance that it finds what lies there; empty: of the site's detection_rate and the effort, else that of "
            "[search].",
            0,
            1,
        ),
        number("trials", "detection is known as surely as from so many test burials; empty: exactly.", 0.001, 1e9),
        _burial("The class of burial that it could find; empty is all."),
        Column("outcome", Kind.CHOICE, "nothing (as is an empty cell) or remains.", choices=SearchOutcome),
    ),
    grounds={"ground": ("lat", "lon", "radius_m", "geometry")},
    fields={"date": "on"},
)

CONTAINERS = Table(
    "containers",
    "Boxes as they were received, and where their sender says that their content is from.",
    (
        key_column("container_id", "Identifier of the container."),
        text("state", "Where it stands."),
        date("received_on", "When it was received."),
        text("from", "Where its content is from, in the sender's own words: a claim."),
        *place("origin_lat", "origin_lon", "origin_radius_m", "the stated origin"),
        text("note", "Anything else."),
    ),
    places={"origin": ("origin_lat", "origin_lon", "origin_radius_m")},
    fields={"from": "stated_from"},
)

SOURCES = Table(
    "sources",
    "Documents and people that something is known from.",
    (
        key_column("source_id", "Identifier of the source."),
        text("kind", "Class of the source; the reliability of a class is learned from its digs."),
        text("title", "Title, or who."),
        text("publisher", "Who published or keeps it."),
        date("date", "Its date."),
        text("page", "Page."),
        text("digest", "SHA-256 of the file."),
    ),
)

SEARCH_TABLES = (SCENARIOS, LEADS, REGIONS, SITES, SEARCHES, CONTAINERS, SOURCES)
