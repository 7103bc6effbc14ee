"""Bringing a programme folder in, dry run first and then all or nothing; and giving it out again."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from casework.exchange.models import Delivery, State
from casework.exchange.queries import compare
from casework.journal.actions import recorded
from casework.laboratory import actions as laboratory
from casework.laboratory.records import programme_of
from casework.operations import actions as operations
from casework.parties.models import Member, Operator, Party
from casework.parties.refusal import NOT_FOUND, NOT_PERMITTED, Refused
from casework.registry import actions as registry
from homeward.errors import Fault, HomewardError
from homeward.formats.folder import Reading, read_programme, write_programme
from homeward.programme import Programme
from homeward.progress import Tick, silent

SHOWN = 1000  # faults and conflicts kept for the page; their whole number is told
CONTAINERS = (".zip", ".xlsx")
Container = Literal["zip", "xlsx"]


def hand_in(*, by: Member, file: UploadedFile) -> Delivery:
    """Take an uploaded file, read all of it, and keep what the reading gave. Nothing is brought in yet."""
    by.require("import programmes")
    name = Path(file.name or "").name
    suffix = Path(name).suffix.lower()
    if suffix not in CONTAINERS:
        raise Refused("not-a-container", name=name)
    folder = Path(settings.UPLOADS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{secrets.token_hex(16)}{suffix}"
    with path.open("xb") as kept:
        path.chmod(0o600)
        for chunk in file.chunks():
            kept.write(chunk)
    try:
        delivery = read_delivery(by=by, path=path, name=name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    if delivery.state == State.REJECTED:
        path.unlink(missing_ok=True)
    return delivery


def read_delivery(*, by: Member | Operator, path: Path, name: str, tick: Tick = silent) -> Delivery:
    """Read a programme folder, zip or workbook and keep its report; the dry run."""
    by.require("import programmes")
    return _keep_report(by=by, name=name, reading=_Read(path, _reading(path, tick)))


class _Read:
    """A reading on its way into its report; the journal writes the file's name alone."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path = path
        self.reading = reading
        self.journal_name = path.name


def _reading(path: Path, tick: Tick) -> Reading:
    try:
        return read_programme(path, tick=tick)
    except HomewardError as problem:
        fault = Fault(file=path.name, line=None, column="", value="", reason=str(problem))
        return Reading(programme=None, rejected=(fault,), notes=(), rows={})


@recorded("exchange.hand_in")
def _keep_report(*, by: Member | Operator, name: str, reading: _Read) -> Delivery:
    programme = reading.reading.programme
    party = _party(by)
    comparison = compare(programme, by=by) if programme is not None else None
    conflicts = comparison.conflicts if comparison else ()
    rejected = reading.reading.rejected
    uploaded = reading.path.parent == Path(settings.UPLOADS)
    return Delivery.objects.create(
        party=party,
        name=name,
        kept_as=reading.path.name if uploaded else "",
        handed_in_by=by.actor,
        state=State.REJECTED if rejected or conflicts or programme is None else State.ACCEPTED,
        rows=dict(reading.reading.rows),
        new_rows=dict(comparison.new_rows) if comparison else {},
        faults=[_fault(fault) for fault in rejected[:SHOWN]],
        faults_in_all=len(rejected),
        notes=[_fault(note) for note in reading.reading.notes[:SHOWN]],
        conflicts=[list(conflict) for conflict in conflicts[:SHOWN]],
        conflicts_in_all=len(conflicts),
        digest=programme.digest if programme else "",
    )


def _party(by: Member | Operator) -> Party:
    if by.party is None:
        raise Refused(NOT_PERMITTED, permission="import programmes")
    return by.party


def _fault(fault: Fault) -> dict[str, str | int | None]:
    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "value": fault.value[:200],
        "reason": fault.reason,
        "remedy": fault.remedy,
    }


def import_path(*, by: Member | Operator, path: Path, bring: bool = True, tick: Tick = silent) -> Delivery:
    """Read what lies at a path on the server, keep its report, and bring it in if every row was accepted."""
    by.require("import programmes")
    reading = _reading(path, tick)
    delivery = _keep_report(by=by, name=path.name, reading=_Read(path, reading))
    if bring and delivery.state == State.ACCEPTED and reading.programme is not None:
        return _bring_in(by=by, delivery=delivery, programme=_Rows(reading.programme))
    return delivery


def bring_in(*, by: Member | Operator, delivery: Delivery, path: Path | None = None, tick: Tick = silent) -> Delivery:
    """Bring a delivery's rows into the records: all of them or none.

    The file is read again, outside the transaction; it must still say what the dry run showed.
    Rows that we have already are left as they are; rows that say otherwise than ours refuse the whole.
    """
    by.require("import programmes")
    if delivery.party != by.party:
        raise Refused(NOT_FOUND)
    source = path or delivery.path
    reading = _reading(source, tick)
    if reading.programme is None or reading.rejected or reading.programme.digest != delivery.digest:
        raise Refused("file-changed", name=delivery.name)
    settled = _bring_in(by=by, delivery=delivery, programme=_Rows(reading.programme))
    if settled.kept_as:
        settled.path.unlink(missing_ok=True)
    return settled


class _Rows:
    """A programme's rows on their way into the records; the journal writes their digest."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.journal_name = programme.digest


@recorded("exchange.bring_in")
def _bring_in(*, by: Member | Operator, delivery: Delivery, programme: _Rows) -> Delivery:
    standing = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if standing.state != State.ACCEPTED:
        raise Refused("already-settled", state=standing.state)
    comparison = compare(programme.programme, by=by)
    if comparison.conflicts:
        raise Refused("says-otherwise", conflicts=comparison.conflicts[:SHOWN])
    fresh, holder = comparison.fresh, standing.party
    if comparison.first:
        laboratory.set_programme(holder=holder, rows=fresh)
    registry.enter(holder=holder, missing=fresh.missing, incidents=fresh.incidents, families=fresh.pedigrees)
    operations.enter(holder=holder, rows=fresh)
    laboratory.enter(holder=holder, rows=fresh)
    standing.state = State.BROUGHT_IN
    standing.settled_at = timezone.now()
    standing.save(update_fields=["state", "settled_at"])
    return standing


@recorded("exchange.discard")
def discard(*, by: Member, delivery: Delivery) -> Delivery:
    """Put a delivery aside and remove its file. Its report stays."""
    by.require("import programmes")
    if delivery.party != by.party:
        raise Refused(NOT_FOUND)
    if delivery.state not in (State.ACCEPTED, State.REJECTED):
        raise Refused("already-settled", state=delivery.state)
    delivery.state = State.DISCARDED
    delivery.settled_at = timezone.now()
    delivery.save(update_fields=["state", "settled_at"])
    if delivery.kept_as:
        delivery.path.unlink(missing_ok=True)
    return delivery


@recorded("exchange.give_out")
def _give_out(*, by: Member, container: str) -> Party:
    # The file holds names, families and profiles: whoever takes it must be allowed to see all three.
    for permission in ("export programmes", "see names", "see families", "see profiles"):
        by.require(permission)
    return by.party


def give_out(*, by: Member, container: Container = "zip") -> Path:
    """Write the party's whole programme into a new folder of its own; who calls this removes it."""
    party = _give_out(by=by, container=container)
    folder = Path(tempfile.mkdtemp(prefix="homeward-"))
    try:
        path = folder / f"{party.code}.{container}"
        write_programme(programme_of(party), path, container=container)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return path
