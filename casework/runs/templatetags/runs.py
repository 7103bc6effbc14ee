"""Stages and reasons of a run in words, and its progress drawn."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Member
from casework.runs.models import Run, State
from casework.runs.queries import ASKING

register = template.Library()

# The nine states of the face; a new state of ours is mapped on one of them.
SHAPES = {
    State.ASKED: "missing",
    State.RUNNING: "candidate",
    State.FINISHED: "exact",
    State.SUPERSEDED: "excluded",
    State.FAILED: "contested",
    State.CANCELLED: "excluded",
}

STAGES = {
    "": _("Begun"),
    "composing the case": _("Putting the case together"),
    "reading": _("Reading the case back"),
    "checking": _("Checking the case"),
    "families": _("Preparing the families"),
    "tables": _("Tables of each family"),
    "markers": _("Likelihoods, marker by marker"),
    "joint": _("Families with several missing"),
    "belief": _("Weighing everyone together"),
    "intervals": _("Proving the bounds"),
    "pairs.csv": _("Writing every pair"),
    "report": _("Writing the report"),
    "lineage": _("Maternal and paternal lines"),
    "snps": _("SNPs, person by person"),
    "screen": _("Everyone against everyone of other families"),
    "power": _("What each family can show"),
    "relatives": _("What one more relative would bring"),
    "exact": _("The first relatives, computed fully"),
    "beliefs": _("Where each of the missing may lie"),
    "reliability": _("Weighing who told by what the holes gave"),
    "sites": _("What is expected at each site"),
    "season": _("Choosing the sites of the season"),
    "what if": _("Other budgets and other ways"),
}


@register.simple_tag
def run_state(run: Run) -> SafeString:
    """A run's state: its shape, then its word. A run that has lost its worker says so."""
    if run.abandoned:
        return format_html('<span class="state" data-state="contested">{}</span>', gettext("Its worker has stopped"))
    return format_html(
        '<span class="state" data-state="{}">{}</span>', SHAPES[State(run.state)], run.get_state_display()
    )


@register.filter
def may_ask(run: Run, member: Member) -> bool:
    """Whether a member may ask for such a run, and stop it."""
    return member.may(ASKING.get(run.kind, "ask for runs"))


@register.filter
def stage(code: str) -> str:
    """A stage in words; the science's own code where it has none yet."""
    return str(STAGES.get(code, code))


@register.simple_tag
def progress_bar(run: Run) -> SafeString:
    """How much of the present stage is done."""
    return format_html(
        '<svg class="plot" width="480" height="14" viewBox="-1 -1 482 14" role="img" aria-label="{} / {}">'
        '<rect class="rest" width="480" height="12"/><rect class="bar" width="{}" height="12"/></svg>',
        run.done,
        run.total,
        round(480 * run.share_done, 1),
    )
