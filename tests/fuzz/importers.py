"""What every importer is held to, whatever it is given.

The law: a file is read or refused with a :class:`HomewardError`, and nothing else happens; and what was accepted,
written as a programme folder and read again, is equal.
"""

from __future__ import annotations

import gzip
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from homeward.errors import HomewardError
from homeward.formats.laboratory import read, readers
from homeward.formats.laboratory.imports import PLAIN, Import, Options
from homeward.formats.laboratory.merging import merged, new_programme, write_new_folder
from homeward.programme import Programme, SampleKind

CORPUS = Path(__file__).parent / "corpus"
BESIDE = b"\n#beside#\n"  # what follows it in a case is the second file (.map, .dat, subjects)
MEMORY = Path("/dev/shm")

_OPTIONS = (
    PLAIN,
    Options(single_allele="partial", population="North"),
    Options(single_allele="homozygote", root="I3", read_error=0.05, damage=0.1),
)
_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "missing": lambda one: one.person_id,
    "pedigrees": lambda one: one.family_id,
    "markers": lambda one: one.marker,
    "samples": lambda one: one.sample_id,
    "profiles": lambda one: one.sample_id,
    "mutation": lambda one: one.marker,
    "haplotypes": lambda one: (one.sample_id, one.kind),
    "haplotype_counts": lambda one: (one.kind, one.haplotype, one.population),
    "snp_panel": lambda one: (one.snp, one.population),
    "snp_profiles": lambda one: one.sample_id,
    "remains": lambda one: one.remains_id,
}


def holds(name: str, data: bytes) -> bool:
    """Hold one importer to the law with one file.

    Returns
    -------
    Whether anything was accepted, so that it could be written and read again.

    Raises
    ------
    AssertionError
        If what was accepted does not come back equal; whatever else an importer raises is a fault of its own.
    """
    options = _OPTIONS[len(data) % len(_OPTIONS)]
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as place:
        folder = Path(place)
        path = folder / "case"
        main, _, second = data.partition(BESIDE)
        path.write_bytes(main)
        if second:
            (folder / "second").write_bytes(second)
            options = replace(options, beside=folder / "second")
        _read(path, "", options)
        found = _read(path, name, options)
        return found is not None and _comes_back(found, folder / "programme")


def _read(path: Path, name: str, options: Options) -> Import | None:
    try:
        return read(path, name, options)
    except HomewardError:
        return None


def _comes_back(found: Import, folder: Path) -> bool:
    result = merged(new_programme(found, "case"), found, file="case", kind=SampleKind.REFERENCE)
    if result.programme is None:
        return False
    try:
        reading = write_new_folder(result.programme, folder)
    except HomewardError:
        return False
    assert reading.programme is not None
    for one in fields(Programme):
        if one.name != "digest":
            wrote, came = (_in_order(one.name, getattr(of, one.name)) for of in (result.programme, reading.programme))
            assert wrote == came, f"{one.name} came back otherwise:\n{wrote}\n{came}"
    return True


def _in_order(name: str, value: Any) -> Any:
    if name == "pedigrees":
        value = [replace(one, members=tuple(sorted(one.members, key=lambda kin: kin.member_id))) for one in value]
    return sorted(value, key=_KEYS[name]) if name in _KEYS else value


# --- cases to begin with ---------------------------------------------------------------------


@cache
def seeds(name: str) -> tuple[bytes, ...]:
    """Files of a format that are read: those committed, and the same in another container."""
    files = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    if name == "vcf":
        files.append(gzip.compress(files[0], mtime=0))
    if name in ("genemapper", "wide", "yhrd", "frequencies"):
        files.append(_workbook(next(data for data in files if b"\t" in data).decode()))
    return tuple(files)


def _workbook(text: str) -> bytes:
    """The table in a workbook, the same bytes every time: nothing of it says when it was made."""
    book, dated, plain = Workbook(), io.BytesIO(), io.BytesIO()
    for row in text.splitlines():
        book.active.append(row.split("\t"))
    book.save(dated)
    with zipfile.ZipFile(dated) as one, zipfile.ZipFile(plain, "w", zipfile.ZIP_DEFLATED) as other:
        for entry in one.infolist():
            data = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2000-01-01T00:00:00Z", one.read(entry))
            other.writestr(zipfile.ZipInfo(entry.filename, (2000, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return plain.getvalue()


def importers() -> tuple[str, ...]:
    return tuple(readers)
