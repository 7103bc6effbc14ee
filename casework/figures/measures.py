"""What can be counted from the records for a public sheet, each with its unit and its definition.

A measure looks at the records of one party and, in a stream, at what came by certain transfers or stands
under certain accessions. It never adds units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from casework.laboratory.models import EarlierDecision, Remains
from casework.parties.models import Party
from casework.registry.models import MissingPerson, Status


class Measure(models.TextChoices):
    UNACCOUNTED = "unaccounted", _("persons on the list who are unaccounted for")
    ACCOUNTED_ALL = "accounted_all", _("persons on the list who have been accounted for")
    CONTAINERS = "containers", _("containers received that held something")
    PRESUMED = "presumed", _("individuals presumed by the laboratory")
    ACCOUNTED = "accounted", _("persons identified from these remains, rescinded ones left out")


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


def _remains(scope: Scope) -> QuerySet[Remains]:
    held = Remains.objects.filter(holder=scope.holder)
    if scope.whole:
        return held
    return held.filter(accession__in=scope.accessions)


def _unaccounted(scope: Scope) -> int:
    return MissingPerson.objects.filter(holder=scope.holder, status=Status.MISSING).count()


def _accounted_all(scope: Scope) -> int:
    return MissingPerson.objects.filter(holder=scope.holder, status=Status.ACCOUNTED_FOR).count()


def _containers(scope: Scope) -> int:
    return _remains(scope).exclude(container_id="").values("container_id").distinct().count()


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


COUNTS: Mapping[Measure, Callable[[Scope], int]] = {
    Measure.UNACCOUNTED: _unaccounted,
    Measure.ACCOUNTED_ALL: _accounted_all,
    Measure.CONTAINERS: _containers,
    Measure.PRESUMED: _presumed,
    Measure.ACCOUNTED: _accounted,
}

UNITS: Mapping[Measure, str] = {
    Measure.UNACCOUNTED: "persons",
    Measure.ACCOUNTED_ALL: "persons",
    Measure.CONTAINERS: "containers",
    Measure.PRESUMED: "individuals",
    Measure.ACCOUNTED: "persons",
}


def value_of(measure: str, scope: Scope) -> dict[str, Any]:
    """What a revision keeps of a counted cell."""
    return {"value": count(measure, scope), "unit": UNITS[Measure(measure)], "measure": measure}
