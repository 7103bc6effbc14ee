"""All lines together: every hypothesis against "someone missing who is not listed".

P(all evidence | alternative) = sum over groups of P(group | alternative) x the product over lines of
P(line | alternative, group). A line that is bounded is first held, in every place, within
[bound, 1/bound] of its own average over the groups of not_listed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from homeward.identification.evidence.lines import Case, Floats, Line

POPULATION = "population"
"""What is left between the sum of the lines and the whole: the lines inform each other of the group."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Combined:
    """The evidence of all lines, natural logs relative to not_listed.

    Parameters
    ----------
    log_evidence : (individual, hypothesis), persons then alternatives
    contributions : line -> (individual, hypothesis); with ``population`` they sum to the whole where it is finite
    log_not_listed : (individual,) ln P(all evidence | not_listed), to which they are relative
    """

    log_evidence: Floats
    contributions: Mapping[str, Floats]
    log_not_listed: Floats


def combine(lines: Sequence[Line], case: Case) -> Combined:
    """Multiply the lines, sum over the group that is not known, divide by not_listed.

    Examples
    --------
    Nothing on record leaves every hypothesis where its prior puts it: see the tests.
    """
    individuals, persons, alternatives, _ = case.shape
    with np.errstate(divide="ignore"):
        log_groups = np.log(case.group_weights)
    listed = np.zeros((individuals, persons))
    general = np.zeros((individuals, *case.group_weights.shape))
    contributions: dict[str, Floats] = {}
    for line in lines:
        of_persons, of_groups, unlisted = _held(line, case, log_groups)
        listed += of_persons
        general += of_groups
        contributions[line.name] = np.hstack([of_persons, _summed(of_groups, log_groups)]) - unlisted
    whole = np.hstack([listed, _summed(general, log_groups)])
    log_evidence = whole - whole[:, persons : persons + 1]
    rest = np.zeros((individuals, persons + alternatives))
    for part in contributions.values():
        rest += part
    with np.errstate(invalid="ignore"):
        rest = np.where(np.isfinite(log_evidence), log_evidence - rest, 0.0)
    if np.abs(rest).max(initial=0.0) > 1e-12:
        contributions[POPULATION] = rest
    return Combined(log_evidence=log_evidence, contributions=contributions, log_not_listed=whole[:, persons].copy())


def without_each(lines: Sequence[Line], case: Case) -> Mapping[str, Floats]:
    """What the other lines say together when one is not weighed: its name -> (individual, hypothesis), natural log.

    The same as :func:`combine` of the other lines, for all of them in two passes.
    """
    with np.errstate(divide="ignore"):
        log_groups = np.log(case.group_weights)
    held = [_held(line, case, log_groups)[:2] for line in lines]
    individuals, persons, _, _ = case.shape
    nothing = (np.zeros((individuals, persons)), np.zeros((individuals, *case.group_weights.shape)))
    before = [nothing]
    for listed, general in held[:-1]:
        before.append((before[-1][0] + listed, before[-1][1] + general))
    after, answer = nothing, {}
    for line, (listed, general), (first, second) in zip(reversed(lines), reversed(held), reversed(before), strict=True):
        whole = np.hstack([first + after[0], _summed(second + after[1], log_groups)])
        answer[line.name] = whole - whole[:, persons : persons + 1]
        after = (after[0] + listed, after[1] + general)
    return answer


def _held(line: Line, case: Case, log_groups: Floats) -> tuple[Floats, Floats, Floats]:
    """A line within its bound; its average over not_listed, (individual, 1)."""
    general = np.broadcast_to(line.general, (len(line.listed), *log_groups.shape))
    unlisted = _summed(general, log_groups)[:, :1]
    if not line.bounded:
        return line.listed, general, unlisted
    most = -math.log(case.programme.settings.bound)
    listed = np.clip(line.listed - unlisted, -most, most) + unlisted
    general = np.clip(general - unlisted[:, :, None], -most, most) + unlisted[:, :, None]
    return listed, general, _summed(general, log_groups)[:, :1]


def _summed(general: Floats, log_groups: Floats) -> Floats:
    """(individual, alternative) ln of the average over groups."""
    return np.asarray(np.logaddexp.reduce(general + log_groups, axis=2))
