"""What finding each of the missing is worth: the chance that his remains, once found, can be given his name.

His relatives say how likely his own DNA reaches the threshold (:mod:`homeward.genetics.power`); a dental chart
from before the loss lowers what DNA has to bring. Whoever has neither can be found, but not named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense, NotFound
from homeward.genetics.family import families
from homeward.genetics.locus import prepare_loci
from homeward.planning.relatives import needed_log10_lr, standings
from homeward.programme import NOTHING, Programme, Status
from homeward.progress import Tick, silent

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What is assumed of remains that are not found yet.

    Parameters
    ----------
    profile : chance that remains give a full profile
    jaw : chance that the teeth are found
    dental_log10 : log10 LR that the teeth of someone charted bring
    commingled : chance that what is found in a mass grave can be put together as one individual
    """

    profile: float = 0.9
    jaw: float = 0.4
    dental_log10: float = 2.0
    commingled: float = 0.9

    def __post_init__(self) -> None:
        for name in ("profile", "jaw", "commingled"):
            if not 0 <= getattr(self, name) <= 1:
                raise Nonsense(f"{name} is a chance, not {getattr(self, name):g}")
        if not self.dental_log10 >= 0:
            raise Nonsense(f"dental_log10 is at least 0, not {self.dental_log10:g}")


def worth_of_each(
    programme: Programme,
    assumed: Assumed | None = None,
    *,
    weights: Mapping[str, float] = NOTHING,
    tick: Tick = silent,
) -> Floats:
    """Give the chance that each of the missing, once found, can be named.

    Parameters
    ----------
    programme : its families, dental charts and threshold
    assumed : of remains that are not found yet
    weights : person_id -> how much his identification counts; 1 where not stated
    tick : told of stage "power", in families

    Returns
    -------
    (person,) in the order of ``programme.missing``. Someone accounted for already is worth nothing.

    Raises
    ------
    NotFound
        If a weight is of nobody on the roster.
    Nonsense
        If a weight is below zero.

    Notes
    -----
    P = profile x (P(log10 LR >= needed) (1 - jaw) + P(log10 LR >= needed - dental) jaw), the second only for
    those with a chart; without a profile nobody is named. The teeth are taken as independent of the DNA.
    """
    _check(programme, weights)
    assumed = assumed or Assumed()
    every = families(programme, prepare_loci(programme)) if programme.pedigrees else ()
    needed = needed_log10_lr(programme.settings, max(1, len(programme.missing)))
    plain = {one.person_id: _middle(one.reaching, one.set_aside) for one in standings(every, needed, tick=tick)}
    charted = {chart.subject_id for chart in programme.dental}
    with_teeth = [one for one in every if any(slot.person_id in charted for slot in one.slots)]
    less = max(0.0, needed - assumed.dental_log10)
    helped = {one.person_id: _middle(one.reaching, one.set_aside) for one in standings(with_teeth, less)}
    found = np.zeros(len(programme.missing))
    for number, person in enumerate(programme.missing):
        if person.status is Status.MISSING:
            alone = plain.get(person.person_id, 0.0)
            teeth = helped.get(person.person_id, alone) if person.person_id in charted else alone
            chance = assumed.profile * ((1 - assumed.jaw) * alone + assumed.jaw * teeth)
            found[number] = chance * weights.get(person.person_id, 1.0)
    return found


def _middle(interval: tuple[float, float], set_aside: str) -> float:
    """The middle of a narrow interval; nothing if the references contradict each other."""
    return 0.0 if set_aside else sum(interval) / 2


def _check(programme: Programme, weights: Mapping[str, float]) -> None:
    for person_id, weight in weights.items():
        if person_id not in programme.people:
            raise NotFound(f"a weight is given for {person_id!r}, who is not in missing.csv")
        if not weight >= 0:
            raise Nonsense(f"the weight of {person_id} is {weight:g}; a weight is not below zero")
