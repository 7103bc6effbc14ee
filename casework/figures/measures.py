"""What can be counted from the records for a public sheet, each with its unit and its definition.

A measure looks at the records of one party and, in a stream, at what came by certain transfers or stands
under certain accessions. It never adds units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from casework.custody.models import Transfer
from casework.custody.sealed import account_of
from casework.laboratory.models import EarlierDecision, Remains
from casework.parties.models import Party
from casework.registry.models import MissingPerson, Status
from homeward.seals.transfer import Account


class Measure(models.TextChoices):
    UNACCOUNTED = "unaccounted", _("persons on the list who are unaccounted for")
    ACCOUNTED_ALL = "accounted_all", _("persons on the list who have been accounted for")
    CONTAINERS = "containers", _("containers received that held something")
    PRESUMED = "presumed", _("individuals presumed by the laboratory")
    ACCOUNTED = "accounted", _("persons identified from these remains, rescinded ones left out")
    CASES_ISSUED = "cases_issued", _("cases sent out empty")
    CASES_UNRETURNED = "cases_unreturned", _("cases sent out that have come back neither full nor empty")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose records, and which of them: empty transfers and accessions mean all."""

    holder: Party
    transfers: Sequence[str] = ()
    accessions: Sequence[str] = ()

    @property
    def whole(self) -> bool:
        return not self.transfers and not self.accessions


def count(measure: str, scope: Scope) -> int:
    """The number, from the records as they are now."""
    return COUNTS[Measure(measure)](scope)


def _transfers(scope: Scope) -> list[Account]:
    """The accounts of the transfers in question, each from its statements alone."""
    shared = Transfer.objects.filter(Q(sender=scope.holder) | Q(receiver=scope.holder), shared_at__isnull=False)
    wanted = shared.filter(number__in=scope.transfers) if not scope.whole else shared
    return [account_of(transfer) for transfer in wanted]


def _received(scope: Scope) -> set[str]:
    return {number for told in _transfers(scope) for number in told.cases.received}


def _remains(scope: Scope) -> QuerySet[Remains]:
    held = Remains.objects.filter(holder=scope.holder)
    if scope.whole:
        return held
    boxes = _received(scope) if scope.transfers else ()
    return held.filter(Q(accession__in=scope.accessions) | Q(container_id__in=boxes))


def _unaccounted(scope: Scope) -> int:
    return MissingPerson.objects.filter(holder=scope.holder, status=Status.MISSING).count()


def _accounted_all(scope: Scope) -> int:
    return MissingPerson.objects.filter(holder=scope.holder, status=Status.ACCOUNTED_FOR).count()


def _containers(scope: Scope) -> int:
    """Those that a transfer's receiver counted, and those that the laboratory names; one counted by both is one."""
    named = set(_remains(scope).exclude(container_id="").values_list("container_id", flat=True))
    return len(named | _received(scope)) if scope.transfers or scope.whole else len(named)


def _presumed(scope: Scope) -> int:
    """Rows that were signed or resolved to be one individual (``same_as``) count once."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = dict(_remains(scope).values_list("remains_id", "same_as"))
    place = {remains_id: index for index, remains_id in enumerate(rows)}
    joined = [(place[one], place[other]) for one, other in rows.items() if other in place]
    if not joined:
        return len(rows)
    ones, others = zip(*joined, strict=True)
    links = coo_array(([1] * len(joined), (ones, others)), shape=(len(rows), len(rows)))
    return int(connected_components(links, directed=False, return_labels=False))


def _accounted(scope: Scope) -> int:
    """Persons whose identification stands: the latest decision about a pair counts."""
    decisions: dict[tuple[str, str], str] = {}
    rows = EarlierDecision.objects.filter(holder=scope.holder, remains_id__in=_remains(scope).values("remains_id"))
    for remains_id, about, outcome in rows.order_by("pk").values_list("remains_id", "about", "outcome"):
        if outcome in ("identified", "rescinded"):
            decisions[remains_id, about] = outcome
    return len({about for (_remains_id, about), outcome in decisions.items() if outcome == "identified"})


def _cases(what: str) -> Callable[[Scope], int]:
    """Cases by our own party's count of them."""
    return lambda scope: sum(told.cases.versions.get(scope.holder.code, {}).get(what, 0) for told in _transfers(scope))


COUNTS: Mapping[Measure, Callable[[Scope], int]] = {
    Measure.UNACCOUNTED: _unaccounted,
    Measure.ACCOUNTED_ALL: _accounted_all,
    Measure.CONTAINERS: _containers,
    Measure.PRESUMED: _presumed,
    Measure.ACCOUNTED: _accounted,
    Measure.CASES_ISSUED: _cases("issued"),
    Measure.CASES_UNRETURNED: _cases("unreturned"),
}

UNITS: Mapping[Measure, str] = {
    Measure.UNACCOUNTED: "persons",
    Measure.ACCOUNTED_ALL: "persons",
    Measure.CONTAINERS: "containers",
    Measure.PRESUMED: "individuals",
    Measure.ACCOUNTED: "persons",
    Measure.CASES_ISSUED: "cases",
    Measure.CASES_UNRETURNED: "cases",
}


def value_of(measure: str, scope: Scope) -> dict[str, Any]:
    """What a revision keeps of a counted cell."""
    return {"value": count(measure, scope), "unit": UNITS[Measure(measure)], "measure": measure}
