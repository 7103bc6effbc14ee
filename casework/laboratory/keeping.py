"""Files of laboratories: handed in and read, kept as they were shown, or put aside."""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from casework.journal.actions import recorded
from casework.laboratory import actions as laboratory
from casework.laboratory import incoming, queries
from casework.laboratory.models import LaboratoryFile
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, NOT_PERMITTED, Refused
from casework.registry import actions as registry
from homeward.errors import Fault
from homeward.formats.laboratory.imports import Options


def hand_in(
    *, by: Member, file: UploadedFile, beside: UploadedFile | None = None, options: Mapping[str, str]
) -> LaboratoryFile:
    """Take a laboratory's file, read all of it against the records, and keep what that gave. No record is made.

    Parameters
    ----------
    beside : a second file that belongs to it, such as the .map of a .ped
    options : what the file does not say of itself, by the names of ``homeward import``: kind, format,
        single_allele, population, pedigree, encoding, sheet

    Raises
    ------
    Refused
        ``not-permitted`` for anyone but a DNA analyst; ``no-programme`` while the party has brought none in.
    """
    _require_analyst(by)
    folder = Path(settings.UPLOADS) / secrets.token_hex(16)
    folder.mkdir(parents=True, mode=0o700)
    with _removed_unless_read(folder) as standing:
        path = _stored(folder, file)
        second = _stored(folder, beside) if beside else None
        found = _Found(path.name, _read(path, second, party=by.party, options=options))
        one = _keep_report(
            by=by,
            name=path.name,
            beside=second.name if second else "",
            folder=folder.name,
            options=options,
            found=found,
        )
        standing.append(one)
    return one


@contextlib.contextmanager
def _removed_unless_read(folder: Path) -> Iterator[list[LaboratoryFile]]:
    """The folder stays only for a file that may be confirmed."""
    standing: list[LaboratoryFile] = []
    try:
        yield standing
    finally:
        if not any(one.state == LaboratoryFile.State.READ for one in standing):
            shutil.rmtree(folder, ignore_errors=True)


def _require_analyst(by: Member) -> None:
    if not queries.brings_files(by):
        raise Refused(NOT_PERMITTED, permission="keep files of laboratories")


def _stored(folder: Path, file: UploadedFile) -> Path:
    """The bytes under the file's own name, by which its faults call it, without signs that lead elsewhere."""
    name = re.sub(r"[\x00-\x1f/\\\\]", "_", Path(file.name or "file").name)[:200]
    path = folder / (name if name not in ("", ".", "..") else "file")
    if path.exists():
        path = folder / f"beside {path.name}"
    with path.open("xb") as kept:
        path.chmod(0o600)
        for chunk in file.chunks():
            kept.write(chunk)
    return path


def _read(path: Path, beside: Path | None, *, party: Party, options: Mapping[str, str]) -> incoming.Dry:
    said = {name: value for name, value in options.items() if name not in ("kind", "format") and value}
    return incoming.dry_run(
        path,
        party=party,
        options=Options(beside=beside, **said),  # type: ignore[arg-type]  # names of text fields alone
        format=options.get("format", ""),
        kind=options.get("kind", ""),
    )


class _Found:
    """What reading gave on its way into its report; the journal writes the file's name alone."""

    def __init__(self, name: str, dry: incoming.Dry) -> None:
        self.dry = dry
        self.journal_name = name


@recorded("laboratory.hand_in_file")
def _keep_report(
    *, by: Member, name: str, beside: str, folder: str, options: Mapping[str, str], found: _Found
) -> LaboratoryFile:
    dry = found.dry
    readable = dry.fresh is not None and bool(dry.new_rows)
    return LaboratoryFile.objects.create(
        party=by.party,
        name=name,
        beside=beside,
        folder=folder if readable else "",
        handed_in_by=by.actor,
        state=LaboratoryFile.State.READ if readable else LaboratoryFile.State.REFUSED,
        options=dict(options),
        format=dry.format,
        version=dry.version,
        counts=dict(dry.counts),
        rejected=[_fault(one) for one in dry.rejected],
        hindrances=[_fault(one) for one in dry.hindrances],
        notes=[_fault(one) for one in dry.notes],
        new_rows=dry.new_rows,
        named=dry.named,
        content=dry.content,
    )


def _fault(fault: Fault) -> dict[str, str | int | None]:
    return {
        "file": fault.file,
        "line": fault.line,
        "column": fault.column,
        "value": fault.value[:200],
        "reason": fault.reason,
        "remedy": fault.remedy,
    }


def keep_file(*, by: Member, file: LaboratoryFile, without_rejected: bool = False) -> LaboratoryFile:
    """Keep what a file adds: all that was shown and nothing else.

    The file is read again against the records as they stand now; it must still add exactly what the page showed.

    Parameters
    ----------
    without_rejected : keep the rest although rows were rejected

    Raises
    ------
    Refused
        ``rows-rejected`` unless that is said; ``shown-otherwise`` if it would add something else by now.
    """
    _require_analyst(by)
    if file.party != by.party:
        raise Refused(NOT_FOUND)
    if file.state != LaboratoryFile.State.READ:
        raise Refused("file-settled", state=file.state)
    if file.rejected and not without_rejected:
        raise Refused("rows-rejected", rows=len(file.rejected))
    dry = _read(file.path, file.path_beside, party=by.party, options=file.options)
    if dry.fresh is None or dry.content != file.content:
        raise Refused("shown-otherwise", name=file.name)
    folder = file.path.parent
    kept = _keep(by=by, file=file, without_rejected=without_rejected, found=_Found(file.content, dry))
    shutil.rmtree(folder, ignore_errors=True)
    return kept


@recorded("laboratory.keep_file")
def _keep(*, by: Member, file: LaboratoryFile, without_rejected: bool, found: _Found) -> LaboratoryFile:
    standing = LaboratoryFile.objects.select_for_update().get(pk=file.pk)
    if standing.state != LaboratoryFile.State.READ:
        raise Refused("file-settled", state=standing.state)
    fresh = found.dry.fresh
    assert fresh is not None
    registry.enter(holder=by.party, missing=fresh.missing, incidents=fresh.incidents, families=fresh.pedigrees)
    laboratory.enter(holder=by.party, rows=fresh)
    return _settled(standing, LaboratoryFile.State.KEPT)


@recorded("laboratory.discard_file")
def discard_file(*, by: Member, file: LaboratoryFile) -> LaboratoryFile:
    """Put a file aside and remove it. What reading it gave stays."""
    _require_analyst(by)
    if file.party != by.party:
        raise Refused(NOT_FOUND)
    if file.state != LaboratoryFile.State.READ:
        raise Refused("file-settled", state=file.state)
    shutil.rmtree(file.path.parent, ignore_errors=True)
    return _settled(file, LaboratoryFile.State.DISCARDED)


def _settled(file: LaboratoryFile, state: LaboratoryFile.State) -> LaboratoryFile:
    file.state, file.settled_at, file.folder = state, timezone.now(), ""
    file.save(update_fields=["state", "settled_at", "folder"])
    return file
