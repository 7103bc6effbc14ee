"""How often digging found anything, as programmes have said in public; and when a plan predicts more than that."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from homeward.errors import Nonsense

MOST = 0.4  # share of sites outside cemeteries with remains, beyond which no programme known to us has come


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRate:
    """Sites dug in some years, and on how many there were remains."""

    programme: str
    years: str
    sites: int
    with_remains: int
    source: str

    @property
    def share(self) -> float:
        return self.with_remains / self.sites

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95% of what the share may be (Jeffreys: Beta(1/2 + found, 1/2 + not found)).

        >>> tuple(round(end, 3) for end in base_rates()[0].interval)
        (0.253, 0.306)
        """
        from scipy.stats import beta

        found = beta(0.5 + self.with_remains, 0.5 + self.sites - self.with_remains)
        return float(found.ppf(0.025)), float(found.ppf(0.975))


@cache
def base_rates() -> tuple[BaseRate, ...]:
    """What is on record, see ``homeward/data/search``."""
    text = (files("homeward") / "data" / "search" / "base_rates.csv").read_text(encoding="utf-8")
    return tuple(
        BaseRate(
            programme=row["programme"],
            years=row["years"],
            sites=int(row["sites"]),
            with_remains=int(row["with_remains"]),
            source=row["source"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def share_predicted(chances: Sequence[float]) -> float | None:
    """The share of sites on which a plan expects to find anything; None without a site.

    Raises
    ------
    Nonsense
        If one is no chance.
    """
    if any(not 0 <= chance <= 1 for chance in chances):
        raise Nonsense("the chance to find anything at a site lies between 0 and 1")
    return sum(chances) / len(chances) if chances else None


def beyond_experience(chances: Sequence[float]) -> bool:
    """Whether a plan predicts more than any programme has found: more than 40% of sites outside cemeteries."""
    share = share_predicted(chances)
    return share is not None and share > MOST
