"""Where remains were found against where people were lost: a kernel with a floor.

P(found at x | lost at y) = (1 - floor) K(x; y) + floor B(x). K is a circular normal density whose variance on each
axis adds the squares of half of each 2-sigma radius: of how far remains lie from the loss, of the person's place, of
the find's. B says nothing of the person: mostly the roster's average kernel, the rest spread evenly over the region.
Someone not listed, an outsider, and whoever's place is not known were lost as the roster was. Where accounts say more,
the search belief takes the kernel's place (``whereabouts.py``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from homeward.identification.evidence.lines import Case, Floats, Line
from homeward.identification.evidence.roster import parameter
from homeward.identification.result import Note
from homeward.programme import MissingPerson, Place

EARTH_KM = 6371.0088  # mean radius (IUGG)
ANYWHERE = 0.1  # share of B that is spread evenly over the region
MARGIN_KM = 50.0  # by which the region is wider than the roster's places
BLOCK = 256  # places of finds at a time


def weigh(case: Case) -> Line | None:
    """The line ``place``; None if no find or nobody's loss has a place."""
    if case.state is not None:
        from homeward.identification.evidence import whereabouts

        return whereabouts.weigh(case, case.state)
    finds = [_found(case, one.merged) for one in case.individuals]
    lost = [place_of(case, person) for person in case.persons]
    known = np.array([place is not None for place in lost], dtype=bool)
    different = list(dict.fromkeys(place for places in finds for place in places))
    if not different or not known.any():
        return None
    log_listed, log_general = _log_densities(case, different, [place for place in lost if place is not None])
    row_of = {place: row for row, place in enumerate(different)}
    individuals, persons, _, _ = case.shape
    listed, general = np.zeros((individuals, persons)), np.zeros((individuals, 1, 1))
    for place, places in enumerate(finds):
        if places:
            rows = [row_of[one] for one in places]  # several places of one individual are one move: their mean
            general[place] = log_general[rows].mean()
            listed[place] = general[place, 0, 0]
            listed[place, known] = log_listed[rows].mean(axis=0)
    several = [one.remains_id for one, places in zip(case.individuals, finds, strict=True) if len(places) > 1]
    return Line(name="place", listed=listed, general=general, notes=tuple(_notes(several, int((~known).sum()))))


def _notes(several: Sequence[str], unknown: int) -> list[Note]:
    notes = [Note(code="place_unknown", values={"persons": unknown})] if unknown else []
    return notes + ([Note(code="place_several", values={"remains": list(several)})] if several else [])


def _found(case: Case, names: Sequence[str]) -> list[Place]:
    wanted = set(names)
    found = (row.found for row in case.programme.remains if row.remains_id in wanted)
    return list(dict.fromkeys(place for place in found if place is not None))


def place_of(case: Case, person: MissingPerson) -> Place | None:
    """Where he was last seen, or else where his incident was."""
    if person.last_seen is not None:
        return person.last_seen
    return next((one.place for one in case.programme.incidents if one.incident_id == person.incident_id), None)


def _log_densities(case: Case, finds: Sequence[Place], lost: Sequence[Place]) -> tuple[Floats, Floats]:
    """ln P(found there | lost there) per km2, (find, place of loss), and of someone of the roster, (find,)."""
    settings = case.programme.settings
    floor, reach = settings.place_floor, settings.place_radius_km
    anywhere = parameter(case, "place", "anywhere", ANYWHERE)
    spread = -math.log(region_km2(lost))
    listed, general = np.zeros((len(finds), len(lost))), np.zeros(len(finds))
    with np.errstate(divide="ignore"):
        shares = np.log([1 - floor, floor, 1 - anywhere, anywhere])
    for start in range(0, len(finds), BLOCK):
        rows = slice(start, start + BLOCK)
        kernel = log_kernel(finds[rows], lost, reach)
        average = np.logaddexp.reduce(kernel, axis=1) - math.log(len(lost))
        background = np.logaddexp(shares[2] + average, shares[3] + spread)
        listed[rows] = np.logaddexp(shares[0] + kernel, shares[1] + background[:, None])
        general[rows] = np.logaddexp(shares[0] + average, shares[1] + background)
    return listed, general


def log_kernel(finds: Sequence[Place], lost: Sequence[Place], reach_km: float) -> Floats:
    """ln of the density of finds around losses, per km2: (find, loss).

    Parameters
    ----------
    reach_km : 2-sigma radius within which remains lie of where the person was lost
    """
    sigma2 = (
        reach_km**2 + _radii(finds)[:, None] ** 2 + _radii(lost)[None, :] ** 2
    ) / 4  # radii are two sigma of a circular normal
    apart = distances_km(finds, lost)
    return np.asarray(-np.log(2 * np.pi * sigma2) - apart**2 / (2 * sigma2))


def _radii(places: Sequence[Place]) -> Floats:
    return np.array([(place.radius_m or 0.0) / 1000 for place in places])


def distances_km(finds: Sequence[Place], lost: Sequence[Place]) -> Floats:
    """Great-circle distances (haversine), km: (find, loss).

    A degree of latitude:

    >>> round(float(distances_km([Place(lat=40, lon=127)], [Place(lat=41, lon=127)])[0, 0]), 3)
    111.195
    """
    a, b = _radians(finds)[:, None], _radians(lost)[None, :]
    half = np.sin((a - b) / 2) ** 2
    return np.asarray(
        2 * EARTH_KM * np.arcsin(np.sqrt(half[..., 0] + np.cos(a[..., 0]) * np.cos(b[..., 0]) * half[..., 1]))
    )


def _radians(places: Sequence[Place]) -> npt.NDArray[np.float64]:
    return np.radians([(place.lat, place.lon) for place in places])


def region_km2(lost: Sequence[Place]) -> float:
    """Area of a disc around the places' middle that holds them all, with a margin."""
    lat, lon = np.mean([(place.lat, place.lon) for place in lost], axis=0)
    radius = float(distances_km([Place(lat=float(lat), lon=float(lon))], lost).max()) + MARGIN_KM
    return math.pi * radius**2
