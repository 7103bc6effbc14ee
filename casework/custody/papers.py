"""The same statements and numbers on paper: PDFs in two languages, drawn up when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils import timezone

from casework.custody import queries
from casework.custody.models import Container, Transfer
from casework.custody.numbers import listed
from casework.custody.sealed import account_of
from casework.custody.transfer_forms import own_containers
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.parties.request import Request
from casework.seals import queries as seals
from homeward.reports.paper.custody import custody_record_pdf
from homeward.reports.paper.forms import pdf_of
from homeward.reports.paper.labels import Label, labels_of, labels_pdf
from homeward.seals.statement import Statement as Said


def paper(request: Request, code: str, digest: str) -> HttpResponse:
    """One statement of a transfer, to be signed with a pen: its digest stands on it."""
    by = request.member
    one = queries.transfer(code, by=by)
    said = _said(one, digest, by)
    return _file(pdf_of(said, parties=_names()), f"{one.code}-{said.kind}-{digest[7:15]}.pdf")


def _said(one: Transfer, digest: str, by: Member) -> Said:
    statement = seals.statement(digest, by=by)
    if statement.subject != one.subject:
        raise Refused(NOT_FOUND)
    return seals.read(statement)


def custody_record(request: Request, code: str) -> HttpResponse:
    """The record of the last handover, with what was received of it and every reservation."""
    by = request.member
    one = queries.transfer(code, by=by)
    told = account_of(one)
    holding = next((each for each in told.consignments.values() if each.handovers), None)
    if holding is None:
        raise Refused("transfer-refused", codes=["nothing-handed-over"])
    pdf = custody_record_pdf(
        holding.handovers[-1],
        number=one.number,
        manifest=holding.manifest,
        receipt=holding.receipts[-1] if holding.receipts else None,
        reservations=[question.statement for question in told.reservations],
        parties=_names(),
    )
    return _file(pdf, f"{one.code}-custody-record.pdf")


def transfer_labels(request: Request, code: str) -> HttpResponse:
    """Labels of the manifest that holds: one for each case, and two for each bag, the second for inside."""
    by = request.member
    one = queries.transfer(code, by=by)
    holding = next(iter(account_of(one).consignments.values()), None)
    if holding is None:
        raise Refused("transfer-refused", codes=["manifest-not-agreed"])
    labels = labels_of(holding.manifest, mission=one.number)
    return _file(_labels(labels, by), f"{one.code}-labels.pdf")


def labels(request: Request) -> HttpResponse:
    """Labels of containers of one's own record, by their numbers."""
    by = request.member
    by.require("see custody")
    numbers = listed(request.GET.get("numbers", ""))
    return _file(_labels(_of_containers(own_containers(numbers, by.party)), by), "labels.pdf")


def container_labels(request: Request, key: int) -> HttpResponse:
    """Labels of one container and of what is entered as lying in it."""
    by = request.member
    one = queries.container(key, by=by)
    return _file(_labels(_of_containers([one]), by), f"{key}-labels.pdf")


def _of_containers(found: Sequence[Container]) -> list[Label]:
    made = []
    for one in found:
        made.append(Label(one.number))
        for item in one.items.filter(voided_at=None, state="held"):
            made.append(
                Label(item.number, item.bag or 1, item.bags or 1, site=item.origin, description=item.description)
            )
    return made


def _labels(made: Sequence[Label], by: Member) -> bytes:
    if not made:
        raise Refused("no-lines")
    return labels_pdf(made, at=timezone.now(), programme=by.party.programme_name)


def _names() -> dict[str, dict[str, str]]:
    """What the codes of parties stand for, in each language."""
    return {party.code: {"en": party.name, "ko": party.name_ko or party.name} for party in Party.objects.all()}


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
