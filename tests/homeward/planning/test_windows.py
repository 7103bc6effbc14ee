"""When a site can be dug: the season, the weather of its region, its permit."""

from dataclasses import replace
from datetime import date

import pytest

from homeward.errors import Nonsense
from homeward.planning.windows import Reason, Season, Window, season_of, window_of
from homeward.programme import DateSpan, Ground, Place, Programme, Region, Settings, Site, SiteStatus

JULY = Season(budget=100, crews=2, starts=date(2022, 7, 1), days=60)
GROUND = Ground(place=Place(lat=40, lon=126))


def site(**fields):
    return Site(site_id="S-1", ground=GROUND, region="R-1", **fields)


def region(first="", last=""):
    spans = {"window_from": first, "window_until": last}
    return Region(region_id="R-1", **{name: DateSpan.read(text) for name, text in spans.items() if text})


def programme(*sites, **fields):
    return Programme(settings=Settings(name="n", **fields), sites=sites)


def test_a_site_without_dates_is_open_throughout_the_season():
    assert window_of(site(), None, JULY) == Window(0, 60)
    assert window_of(site(), region(), JULY) == Window(0, 60)


def test_weather_and_permit_both_limit_a_site():
    """Weather from 11 July (day 10) until 9 August (day 39, its end is 40); the permit from 21 July (day 20)."""
    weather = region("2022-07-11", "2022-08-09")
    assert window_of(site(), weather, JULY) == Window(10, 40)
    permitted = site(permit_from=DateSpan.read("2022-07-21"), permit_until=DateSpan.read("2022-12"))
    assert window_of(permitted, weather, JULY) == Window(20, 40)


def test_weather_comes_back_each_year_and_a_permit_does_not():
    assert window_of(site(), region("2019-07-11", "2019-08-09"), JULY) == Window(10, 40)
    past = site(permit_from=DateSpan.read("2021-07-01"), permit_until=DateSpan.read("2021-08-31"))
    assert window_of(past, region(), JULY) is Reason.NO_PERMIT


def test_a_region_closed_throughout_the_season_says_so():
    assert window_of(site(), region("2022-09-15", "2022-10-15"), JULY) is Reason.NO_WEATHER


def test_weather_over_the_turn_of_the_year_is_one_window():
    winter = Season(budget=1, crews=1, starts=date(2022, 12, 1), days=60)
    assert window_of(site(), region("2022-11-15", "2022-01-09"), winter) == Window(0, 40)


def test_a_season_starts_when_most_sites_are_open():
    early = site(permit_from=DateSpan.read("2022-04-01"), permit_until=DateSpan.read("2022-04-30"))
    late = [
        replace(early, site_id=f"S-{k}", permit_from=DateSpan.read("2022-08-01"), permit_until=DateSpan.read("2022-10"))
        for k in (2, 3)
    ]
    season = season_of(programme(early, *late, search_season_days=60), budget=10, year=2022)
    assert season.starts == date(2022, 8, 1)
    assert season.days == 60


def test_the_year_is_that_after_what_is_known_or_of_the_first_permit_after_it():
    assert season_of(programme(site(), as_of=DateSpan.read("2021")), budget=1).starts.year == 2022
    permitted = site(permit_until=DateSpan.read("2024-08"))
    assert season_of(programme(permitted, as_of=DateSpan.read("2021")), budget=1).starts.year == 2024
    with pytest.raises(Nonsense, match="give the season"):
        season_of(programme(site()), budget=1)


@pytest.mark.parametrize("budget", [0, -5, float("nan"), float("inf")])
def test_a_budget_of_nothing_is_refused(budget):
    with pytest.raises(Nonsense, match="buys no day"):
        season_of(programme(site()), budget=budget, year=2022)


def test_no_crew_no_days_and_no_site_are_refused():
    with pytest.raises(Nonsense, match="at least one"):
        season_of(programme(site()), budget=1, crews=0, year=2022)
    with pytest.raises(Nonsense, match="is none"):
        season_of(programme(site(), search_season_days=0.5), budget=1, year=2022)
    with pytest.raises(Nonsense, match=r"sites\.csv"):
        season_of(programme(), budget=1, year=2022)


def test_sites_that_are_done_do_not_move_the_season():
    closed = site(
        status=SiteStatus.CLOSED, permit_from=DateSpan.read("2022-03-01"), permit_until=DateSpan.read("2022-05-01")
    )
    open_ = site(permit_from=DateSpan.read("2022-06-01"), permit_until=DateSpan.read("2022-06-10"))
    season = season_of(programme(closed, open_, search_season_days=10), budget=1, year=2022)
    assert season.starts == date(2022, 6, 1)
