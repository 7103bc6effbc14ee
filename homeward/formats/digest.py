"""The digest of a programme's content, whatever it is kept in and in whatever order its rows stand."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from homeward.formats.records import sheets
from homeward.formats.schema import SNPS
from homeward.formats.settings import as_rows
from homeward.formats.snps import rows_of
from homeward.programme import Programme, SnpProfile

_CELL, _ROW = "\x1f", "\x1e"  # signs that no cell can hold


def digest_of(programme: Programme) -> str:
    """SHA-256 of the settings and of every table's rows, sorted, each cell in its one spelling.

    The number of the schema is part of it; the programme's own ``digest`` is not.
    """
    whole = hashlib.sha256()
    _add(whole, "programme", [_CELL.join(row) for row in as_rows(programme.settings)])
    for sheet in sheets(programme):
        known = len(sheet.table.names)
        extra = sheet.header[known:]
        if sheet.table is SNPS:
            _add_snps(whole, programme.snp_profiles)
        elif extra:
            _add(whole, sheet.table.name, [_with_extra(row, known, extra) for row in sheet.rows])
        else:
            _add(whole, sheet.table.name, list(map(_CELL.join, sheet.rows)))
    return "sha256:" + whole.hexdigest()


def _with_extra(row: list[str], known: int, extra: tuple[str, ...]) -> str:
    """Known cells by place, others by name, those left empty not at all."""
    named = [f"{name}={cell}" for name, cell in zip(extra, row[known:], strict=True) if cell]
    return _CELL.join([*row[:known], *named])


def _add(whole: hashlib._Hash, name: str, rows: list[str]) -> None:
    rows.sort()
    whole.update(f"{name}\n{len(rows)}\n".encode())
    whole.update(_ROW.join(rows).encode())


def _add_snps(whole: hashlib._Hash, profiles: Sequence[SnpProfile]) -> None:
    """The same as :func:`_add`, sample by sample, so that millions of rows are never held as text at once."""
    whole.update(f"{SNPS.name}\n{sum(len(profile.snps) for profile in profiles)}\n".encode())
    for number, profile in enumerate(sorted(profiles, key=lambda profile: profile.sample_id + _CELL)):
        rows = sorted(map(_CELL.join, rows_of(profile)))
        whole.update(((_ROW if number and rows else "") + _ROW.join(rows)).encode())
