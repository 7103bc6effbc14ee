"""Questions about comparisons. A member sees those of his own party's runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from casework.board.models import Candidate, Comparison, Conclusion
from casework.journal import queries as journal
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused
from casework.runs import queries as runs
from casework.runs.models import Kind, Run

ORDERS = {
    "posterior": ("-best_posterior", "remains_id"),
    "lr": ("-best_log10_lr", "remains_id"),
    "remains": ("remains_id",),
    "markers": ("-markers_typed", "remains_id"),
}


def chosen_run(*, by: Member, number: int | None = None) -> Run | None:
    """The run asked for, else the one that stands; None while nothing has been computed."""
    by.require("see comparisons")
    if number is None:
        return runs.standing(by.party)
    run = runs.run(number, by=by)
    if run.kind != Kind.IDENTIFICATION:
        raise Refused(NOT_FOUND)
    return run


def comparisons(
    run: Run, *, by: Member, conclusion: str = "", text: str = "", order: str = "posterior"
) -> QuerySet[Comparison]:
    """What a run found about each of the remains."""
    _may_see(run, by)
    found = run.comparisons.order_by(*ORDERS.get(order, ORDERS["posterior"]))
    if conclusion:
        found = found.filter(conclusion=conclusion)
    if text:
        found = found.filter(Q(remains_id__icontains=text) | Q(best__icontains=text) | Q(runner_up__icontains=text))
    return found


def by_conclusion(run: Run, *, by: Member) -> Mapping[str, int]:
    """How many of the remains have each conclusion."""
    _may_see(run, by)
    counted = dict(run.comparisons.values_list("conclusion").annotate(Count("pk")))
    return {conclusion: counted.get(conclusion, 0) for conclusion in Conclusion.values}


def comparison(run: Run | None, remains_id: str, *, by: Member) -> Comparison:
    """What a run found about these remains."""
    if run is None:
        raise Refused(NOT_FOUND, remains_id=remains_id)
    _may_see(run, by)
    found = run.comparisons.filter(remains_id=remains_id).select_related("run__party").first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def candidates(comparison: Comparison) -> list[Candidate]:
    """The leading hypotheses, best first."""
    return list(comparison.candidates.order_by("rank"))


def earlier(comparison: Comparison) -> QuerySet[Comparison]:
    """What every run found about the same remains, newest first."""
    return (
        Comparison.objects.filter(remains_id=comparison.remains_id, run__party=comparison.run.party)
        .select_related("run")
        .order_by("-run_id")
    )


def before(comparison: Comparison) -> Comparison | None:
    """What the run before found about the same remains; None if none did."""
    return earlier(comparison).filter(run_id__lt=comparison.run_id, run__kind=comparison.run.kind).first()


def looks(comparison: Comparison) -> Mapping[str, Any]:
    """How often a comparison was looked at, and who did last; empty before the first look."""
    records = journal.history(comparison.journal_name, party=comparison.run.party.code)
    last = records.first()
    return {"number": records.count(), "last": last} if last else {}


def _may_see(run: Run, by: Member) -> None:
    by.require("see comparisons")
    if run.party != by.party:
        raise Refused(NOT_FOUND)
