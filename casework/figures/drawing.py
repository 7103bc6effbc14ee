"""Drawing up: a sheet's cells taken from claims and records, a statement's sentences from what happened.

What is drawn up is plain JSON with its digest, so that what was published can be checked for ever.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from casework.documents import queries as documents
from casework.documents.models import Claim
from casework.figures.measures import Scope, value_of
from casework.figures.models import Cell, Column, Sheet, Stream
from casework.parties.models import Member
from casework.parties.refusal import Refused
from homeward.provenance import canonical_json, digest

COLUMNS = (Column.CONTAINERS, Column.INDIVIDUALS, Column.ACCOUNTED)


def drawn(sheet: Sheet, *, by: Member) -> dict[str, Any]:
    """A sheet's whole content as it stands now.

    Raises
    ------
    Refused
        ``claim-gone`` where a cell names a claim that is not among the documents.
    """
    cells = list(sheet.cells.select_related("stream"))
    claims = _claims(cells, by=by)
    now = timezone.now()
    filled = {cell.pk: _filled(cell, sheet, claims) for cell in cells}
    return {
        "schema": "homeward/sheet/1",
        "code": sheet.code,
        "title": {"en": sheet.title, "ko": sheet.title_ko},
        "publisher": {"en": sheet.publisher, "ko": sheet.publisher_ko},
        "reproduces": sheet.reproduces,
        "as_of": sheet.as_of or now.date().isoformat(),
        "drawn_up_at": now.isoformat(timespec="seconds"),
        "headlines": [filled[cell.pk] for cell in cells if cell.column == Column.HEADLINE],
        "streams": [_stream(stream, cells, filled) for stream in sheet.streams.all()],
        "footnotes": [
            {"mark": note.mark, "en": note.text, "ko": note.text_ko or note.text} for note in sheet.footnotes.all()
        ],
    }


def digest_of(content: dict[str, Any]) -> str:
    return digest(canonical_json(content).encode())


def _claims(cells: list[Cell], *, by: Member) -> dict[str, Claim]:
    wanted = {cell.claim for cell in cells if cell.claim}
    found = {claim.code: claim for claim in documents.claims(by=by).filter(code__in=wanted, holder=by.party)}
    if missing := sorted(wanted - found.keys()):
        raise Refused("claim-gone", claims=missing)
    return found


def _stream(stream: Stream, cells: list[Cell], filled: dict[int, dict[str, Any]]) -> dict[str, Any]:
    own = [cell for cell in cells if cell.stream_id == stream.pk]
    return {
        "title": {"en": stream.title, "ko": stream.title_ko},
        "cells": {
            column.value: [filled[cell.pk] for cell in own if cell.column == column]
            for column in COLUMNS
            if any(cell.column == column for cell in own)
        },
    }


def _filled(cell: Cell, sheet: Sheet, claims: dict[str, Claim]) -> dict[str, Any]:
    """A cell's number with all that must stand beside it."""
    if cell.claim:
        return {"from": "claim", "notes": cell.notes, **_of_claim(claims[cell.claim])}
    stream = cell.stream
    scope = Scope(sheet.holder, stream.transfers, stream.accessions) if stream else Scope(sheet.holder)
    return {"from": "records", "notes": cell.notes, "qualifier": "exact", **value_of(cell.measure, scope)}


def _of_claim(claim: Claim) -> dict[str, Any]:
    return {
        "claim": claim.code,
        "value": claim.value_text if claim.number is None else str(claim.number),
        "qualifier": claim.qualifier,
        "unit": claim.unit,
        "scope": claim.scope,
        "as_of": claim.as_of,
        "status": claim.status,
        "claimant": claim.claimant,
        "source": _source(claim),
    }


def _source(claim: Claim) -> dict[str, str]:
    """Where it stands: title, publisher, date, page, and the digest of what was kept of it."""
    document = claim.document
    if document is None:
        return {}
    return {
        "title": document.title,
        "publisher": document.publisher,
        "dated": document.dated,
        "page": claim.page,
        "digest": document.digest,
    }
