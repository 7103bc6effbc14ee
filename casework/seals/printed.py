"""Statements on paper: the PDFs of ``homeward.reports.paper`` with the parties' names."""

from __future__ import annotations

from casework.parties.models import Party
from homeward.reports.paper.forms import pdf_of
from homeward.seals.statement import Statement


def paper_of(said: Statement) -> bytes:
    """The paper made for a statement's kind, a copy for each who signs."""
    return pdf_of(said, parties=party_names())


def party_names() -> dict[str, dict[str, str]]:
    """What each party's code stands for, by language."""
    return {party.code: {"en": party.name, "ko": party.name_ko or party.name} for party in Party.objects.all()}
