"""What a line of evidence is given, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense
from homeward.identification.result import Note
from homeward.programme import NOTHING, MissingPerson, Programme, Sex

if TYPE_CHECKING:
    from homeward.identification.haplotypes import Lineages
    from homeward.identification.individuals import Individual
    from homeward.search.state import State

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """Individuals and hypotheses, as every line of evidence sees them.

    Parameters
    ----------
    persons : candidates of the roster
    sexes : (person,) as stated by the roster, or else by the pedigree
    alternatives : ``not_listed``, then ``outsider:GROUP``...
    groups : population groups
    group_of : (person,) place of each person's population among the groups
    group_weights : (alternatives, groups) share of each group in each alternative; rows sum to one
    state : where the search believes that everybody lies; None if no account says more than the roster
    lineages : the lines of the families, where they have been worked out
    """

    programme: Programme
    individuals: tuple[Individual, ...]
    persons: tuple[MissingPerson, ...]
    sexes: tuple[Sex, ...]
    alternatives: tuple[str, ...]
    groups: tuple[str, ...]
    group_of: npt.NDArray[np.intp]
    group_weights: Floats
    state: State | None = None
    lineages: Lineages | None = None

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Numbers of individuals, persons, alternatives, groups."""
        return len(self.individuals), len(self.persons), len(self.alternatives), len(self.groups)


@dataclass(frozen=True, eq=False, kw_only=True)
class Line:
    """What one line of evidence says.

    Parameters
    ----------
    name : "dna", or one of :data:`homeward.programme.LINES`
    listed : (individual, person) ln P(evidence of the individual | he is the person)
    general : (individual, alternative, group) ln P(evidence | alternative, of the group); axes of length one
        are the same for all
    parts : the steps of the line by the chain rule, each as (listed, general); they sum to the line
    notes : what was assumed
    bounded : whether its ratio stays within [bound, 1/bound]; genotypes alone may exclude

    Notes
    -----
    Someone about whom the line says nothing has zeros throughout. A person whose own value is not
    known is averaged over what the roster's values are, so that knowing nothing is no advantage.
    """

    name: str
    listed: Floats
    general: Floats
    parts: Mapping[str, tuple[Floats, Floats]] = field(default_factory=lambda: NOTHING)
    notes: tuple[Note, ...] = ()
    bounded: bool = True

    def __post_init__(self) -> None:
        if self.listed.ndim != 2 or self.general.ndim != 3 or len(self.general) not in (1, len(self.listed)):
            raise Nonsense(f"line {self.name}: (individual, person) and (individual, alternative, group) are needed")
        if np.isnan(self.listed).any() or np.isnan(self.general).any():
            raise Nonsense(f"line {self.name}: a likelihood is not a number")
