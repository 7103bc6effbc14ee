"""When a site can be dug: the season, the weather of its region, its permit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from homeward.errors import Nonsense
from homeward.programme import Programme, Region, Site, SiteStatus

DONE = (SiteStatus.CLOSED, SiteStatus.ABANDONED)
YEAR = 366


class Reason(StrEnum):
    """Why a site is not dug."""

    DONE = "done"  # closed or abandoned
    NO_GROUND = "no_ground"  # nobody said where it is
    NO_PERMIT = "no_permit"  # none in the season
    NO_WEATHER = "no_weather"  # its region is closed throughout the season
    NO_BELIEF = "no_belief"  # nobody who could be named is believed to lie there
    NO_TIME = "no_time"  # its window or the crews' days do not suffice
    REGION = "region"  # all that its region brings is not worth going there
    TOO_DEAR = "too_dear"  # others bring more for the same cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """When, with whom, and for how much.

    Parameters
    ----------
    budget : in the unit of the sites' costs
    crews : that dig at the same time
    starts : first day
    days : that a season lasts; of a crew
    """

    budget: float
    crews: int
    starts: date
    days: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.budget) and self.budget > 0):
            raise Nonsense(
                f"a budget of {self.budget:g} buys no day of digging; "
                "state what the season may cost, in the unit of the costs in sites.csv"
            )
        if self.crews < 1:
            raise Nonsense(f"{self.crews} crews dig nothing; there is at least one")
        if self.days < 1:
            raise Nonsense(f"a season of {self.days} days is none")

    def day(self, number: float) -> date:
        """The date of a day of the season, counted from 0."""
        return self.starts + timedelta(days=math.floor(number))


@dataclass(frozen=True, slots=True)
class Window:
    """From the start of a day until the end of another, counted from the first of the season."""

    opens: float
    closes: float

    @property
    def days(self) -> float:
        return max(0.0, self.closes - self.opens)


def season_of(programme: Programme, *, budget: float, crews: int | None = None, year: int | None = None) -> Season:
    """The season of a year: it starts when most sites can be dug.

    Parameters
    ----------
    programme : its settings say how many crews there are and how many days a season has
    budget : in the unit of the sites' costs
    crews : None: as the settings say
    year : None: the year after what is known, or the first in which there is a permit

    Raises
    ------
    Nonsense
        If the budget is none, there is no site, or no year is stated anywhere.
    """
    if not programme.sites:
        raise Nonsense("there is no site to dig: the programme has no sites.csv, or nothing in it")
    settings = programme.settings
    at = Season(
        budget=budget,
        crews=settings.search_crews if crews is None else crews,
        starts=date(_year_of(programme, year), 1, 1),
        days=math.floor(settings.search_season_days),
    )
    regions = {region.region_id: region for region in programme.regions}
    whole = replace(at, days=YEAR)
    windows = [
        window
        for site in programme.sites
        if site.status not in DONE and isinstance(window := window_of(site, regions.get(site.region), whole), Window)
    ]
    return replace(at, starts=whole.day(_best_start(windows, at.days)))


def _year_of(programme: Programme, year: int | None) -> int:
    if year is not None:
        return year
    known = programme.settings.as_of
    permits = [site.permit_until.latest.year for site in programme.sites if site.permit_until is not None]
    if known is not None:
        return min((one for one in permits if one > known.latest.year), default=known.latest.year + 1)
    if permits:
        return max(permits)
    raise Nonsense("no year is stated: give the season, or as_of in programme.toml")


def _best_start(windows: Sequence[Window], days: int) -> float:
    """The first day on which a season of so many days has the most days of open sites."""
    starts = sorted({0.0, *(one.opens for one in windows), *(max(0.0, one.closes - days) for one in windows)})
    latest = [start for start in starts if start + days <= YEAR] or [0.0]
    return max(latest, key=lambda start: (sum(_shared(one, start, days) for one in windows), -start))


def _shared(one: Window, start: float, days: int) -> float:
    return max(0.0, min(one.closes, start + days) - max(one.opens, start))


def window_of(site: Site, region: Region | None, season: Season) -> Window | Reason:
    """When a site can be dug: the weather of its region and its permit, within the season; or why not.

    The weather comes back each year: a window of another year is read as this one's. A permit is of its own dates.
    """
    window = Window(0.0, float(season.days))
    if region is not None:
        low, high = _weather(region, season.starts.year)
        window = _within(window, low, high, season)
        if not window.days:
            return Reason.NO_WEATHER
    first = None if site.permit_from is None else site.permit_from.earliest
    last = None if site.permit_until is None else site.permit_until.latest
    window = _within(window, first, last, season)
    return window if window.days else Reason.NO_PERMIT


def _weather(region: Region, year: int) -> tuple[date | None, date | None]:
    first = None if region.window_from is None else _in_year(region.window_from.earliest, year)
    last = None if region.window_until is None else _in_year(region.window_until.latest, year)
    if first is not None and last is not None and last < first:  # over the turn of the year
        last = _in_year(last, year + 1)
    return first, last


def _in_year(day: date, year: int) -> date:
    return day.replace(year=year, day=min(day.day, 28) if day.month == 2 else day.day)


def _within(window: Window, first: date | None, last: date | None, season: Season) -> Window:
    opens = window.opens if first is None else max(window.opens, (first - season.starts).days)
    closes = window.closes if last is None else min(window.closes, (last - season.starts).days + 1)
    return Window(opens, max(opens, closes))
