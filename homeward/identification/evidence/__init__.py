"""Lines of evidence: what each says of every hypothesis, against explicit competitors.

A line gives the natural log of P(its evidence on an individual | hypothesis): for each person of
the roster, and for each alternative given that it is of one population group. What population
someone not listed was of is not known, so the groups are summed over only after all lines have
been multiplied (:mod:`homeward.identification.evidence.combination`).
"""

from __future__ import annotations

from homeward.identification.evidence.combination import Combined, combine
from homeward.identification.evidence.lines import Case, Line
from homeward.identification.evidence.weighing import weigh_all

__all__ = ["Case", "Combined", "Line", "combine", "weigh_all"]
