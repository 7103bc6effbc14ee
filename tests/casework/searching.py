"""What Arvad holds of the search in the tests: two accounts of one incident, three sites, a search, a lead."""

from __future__ import annotations

from homeward.programme import (
    Burial,
    DateSpan,
    Ground,
    Lead,
    Place,
    Programme,
    Region,
    Scenario,
    ScenarioKind,
    Searched,
    Settings,
    Site,
    SiteStatus,
    Source,
)

HILL = Place(lat=38.412, lon=127.318)
GRAVE = Place(lat=38.44, lon=127.35)


def search_records() -> Programme:
    """The tables of the search; the rest is empty."""
    return Programme(
        settings=Settings(name="search"),
        sources=(Source(source_id="SRC-1", kind="veteran", title="Told by a veteran"),),
        scenarios=(
            Scenario(
                scenario_id="GRAVE",
                about="I-1",
                kind=ScenarioKind.ELLIPSE,
                weight=0.6,
                ground=Ground(place=GRAVE),
                radius_m=600.0,
                shared=True,
                burial=Burial.MASS,
                reliability=0.8,
                source_id="SRC-1",
            ),
            Scenario(
                scenario_id="HILL",
                about="I-1",
                kind=ScenarioKind.ELLIPSE,
                weight=0.4,
                ground=Ground(place=HILL),
                radius_m=3000.0,
            ),
        ),
        leads=(
            Lead(
                lead_id="L-1",
                kind="witness",
                about="S-1",
                text="They lie below the wall.",
                given_on=DateSpan.read("1998"),
                reliability=0.5,
                source_id="SRC-1",
            ),
        ),
        regions=(Region(region_id="R-1", name="The valley", mobilisation_cost=20.0, travel_days=1.0),),
        sites=(
            Site(
                site_id="S-1",
                name="Below the wall",
                ground=Ground(place=Place(lat=GRAVE.lat, lon=GRAVE.lon, radius_m=500.0)),
                status=SiteStatus.APPROVED,
                region="R-1",
                burial=Burial.MASS,
                fixed_cost=10.0,
                cost_per_unit=5.0,
                days=2.0,
                detection_rate=0.3,
                permit_from=DateSpan.read("2019-05-01"),
                permit_until=DateSpan.read("2019-06-30"),
            ),
            Site(
                site_id="S-2",
                name="The hill",
                ground=Ground(wkt="POLYGON ((127.31 38.40, 127.33 38.40, 127.33 38.42, 127.31 38.42, 127.31 38.40))"),
                status=SiteStatus.NOMINATED,
                region="R-1",
                detection_rate=0.2,
            ),
            Site(site_id="S-3", name="Somewhere"),
        ),
        searches=(Searched(search_id="Q-1", site_id="S-2", on=DateSpan.read("2018-09"), effort=3.0, unit="crew-day"),),
    )
