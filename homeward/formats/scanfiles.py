"""Large sets in Parquet, the files a scan keeps block by block, and its results.

A *set* is a folder: ``programme/`` is a programme folder with settings, markers, frequencies and mutation
models and nobody in it; ``families.parquet`` has one row for each member of a family (a further row for a
further sample), the rows of a family together; ``remains.parquet`` one row for each sample of remains. A
column for each marker holds the call as text, ``12/14``. Either file may be a folder of parts in the order
of their names. ``docs/methods/scan.md`` has every column.

A block's file and every other file is written beside its place, put on the disk and then given its name,
so that a scan that is killed at any instant leaves no half block.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from homeward.errors import Fault, Rejected
from homeward.formats.files import make_folder, refuse_taken, write_again
from homeward.formats.folder import read_programme, write_programme
from homeward.genetics.family import population_of
from homeward.genetics.locus import MarkerNames, prepare_loci
from homeward.identification.individuals import individuals_of
from homeward.programme import (
    NOT_OBSERVED,
    Call,
    Member,
    MissingPerson,
    Pedigree,
    Profile,
    Programme,
    Sample,
    SampleKind,
    Sex,
    Status,
)
from homeward.provenance import canonical_json
from homeward.tables import AMELOGENIN

FAMILIES, REMAINS, BASE = "families", "remains", "programme"
OF_MEMBER = (
    "family_id",
    "member_id",
    "father_id",
    "mother_id",
    "sex",
    "population",
    "person_id",
    "twin_of",
    "inbreeding",
)
RATES = ("dropout", "dropin", "typing_error")
OF_SAMPLE = ("sample_id", *RATES)
OF_REMAINS = ("remains_id", "sex")
NUMBERS = ("inbreeding", *RATES)
_ROW_GROUP = 16_384  # rows written together
_PAIRS = 1 << 17  # pairs written and read together
_OF_BLOCK = pa.schema([("remains", pa.uint32()), ("slot", pa.uint32()), ("log10_lr", pa.float64())])
_SOURCE = "source.json"
_END = 8  # bytes behind a Parquet footer: its length, and four letters
_CANDIDATES = (Status.MISSING, Status.ACCOUNTED_FOR)


@dataclass(frozen=True)
class _Piece:
    file: Path
    row_group: int
    start: int
    stop: int


class Rows:
    """The rows of one table, however many files it is kept in.

    Parameters
    ----------
    folder : the set
    name : "families" or "remains"
    known : columns that are not markers

    Raises
    ------
    Rejected
        If it is not there or no Parquet.
    """

    def __init__(self, folder: Path, name: str, known: Sequence[str]) -> None:
        single, parts = folder / f"{name}.parquet", folder / name
        self.name = f"{name}.parquet"
        self.files = [single] if single.is_file() else sorted(parts.glob("*.parquet"))
        if not self.files:
            raise Rejected([Fault(str(single), None, "", "", "is not there.", "Give the folder of a set.")])
        self.pieces: list[_Piece] = []
        self._opened: dict[Path, pq.ParquetFile] = {}
        self.columns: tuple[str, ...] = ()
        self.kinds: dict[str, pa.DataType] = {}  # column -> what it holds
        at = 0
        for file in self.files:
            metadata = self._metadata(file)
            schema = metadata.schema.to_arrow_schema()
            columns = tuple(schema.names)
            self.kinds.update({field.name: field.type for field in schema})
            if self.columns and columns != self.columns:
                raise Rejected([Fault(str(file), 1, "", "", "has other columns than the part before it.")])
            self.columns = columns
            for group in range(metadata.num_row_groups):
                rows = metadata.row_group(group).num_rows
                self.pieces.append(_Piece(file, group, at, at + rows))
                at += rows
        self.count = at
        self.markers = tuple(column for column in self.columns if column not in known)

    def _metadata(self, file: Path) -> pq.FileMetaData:
        try:
            return pq.read_metadata(file)
        except (OSError, pa.ArrowInvalid) as problem:
            raise Rejected([Fault(str(file), None, "", "", f"is no Parquet file: {problem}.")]) from None

    def read(self, start: int, stop: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Rows ``start`` to ``stop``; calls come as dictionaries."""
        wanted = [column for column in (columns or self.columns) if column in self.columns]
        found = []
        for piece in self.pieces:
            if piece.start >= stop or piece.stop <= start:
                continue
            try:
                table = self._open(piece.file).read_row_group(piece.row_group, columns=wanted, use_threads=False)
                low, high = max(start - piece.start, 0), min(stop, piece.stop) - piece.start
                found.append(self._as_expected(table.slice(low, high - low)))
            except (OSError, pa.ArrowException) as problem:
                reason = f"and the rows after it cannot be read: {problem}."
                raise Rejected([Fault(str(piece.file), piece.start + 1, "", "", reason)]) from None
        empty = self._as_expected(pa.table({column: pa.array([], pa.string()) for column in wanted}))
        return pa.concat_tables([empty, *found])

    def _open(self, file: Path) -> pq.ParquetFile:
        """A file, opened once: reading what stands in a large one takes longer than a row group of it."""
        if file not in self._opened:
            self._opened[file] = pq.ParquetFile(file, read_dictionary=list(self.markers))
        return self._opened[file]

    def _as_expected(self, table: pa.Table) -> pa.Table:
        """Text as text and calls as dictionaries, whichever of Parquet's ways the writer chose."""
        schema = schema_of([name for name in table.column_names if name not in self.markers], self.markers)
        return table.cast(pa.schema([schema.field(name) for name in table.column_names]))

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[tuple[int, pa.Table]]:
        """First row and rows of each row group in turn."""
        for piece in self.pieces:
            yield piece.start, self.read(piece.start, piece.stop, columns)


@dataclass(frozen=True, eq=False)
class ScanSet:
    """A set that was opened: who is missing in which family, and the remains.

    Parameters
    ----------
    path : its folder
    programme : its settings, markers, frequencies and mutation models
    """

    path: Path
    programme: Programme

    @cached_property
    def families(self) -> Rows:
        return Rows(self.path, FAMILIES, (*OF_MEMBER, *OF_SAMPLE))

    @cached_property
    def remains(self) -> Rows:
        return Rows(self.path, REMAINS, (*OF_REMAINS, *OF_SAMPLE))

    def default_population(self) -> str:
        """That of a family which states none; "" if it cannot be told."""
        settings, known = self.programme.settings, self.programme.frequencies
        return settings.population or (next(iter(known)) if len(known) == 1 else "")

    def remains_ids(self) -> pa.Array:
        """The identifier of each remains, (remains,)."""
        names = self.remains.read(0, self.remains.count, ["remains_id"])["remains_id"].combine_chunks()
        return names.filter(pa.array(firsts(names)))

    def digest(self) -> str:
        """Of the settings as understood and of the bytes of the two tables."""
        whole = hashlib.sha256(self.programme.digest.encode())
        for rows in (self.families, self.remains):
            for file in rows.files:
                whole.update(f"\n{rows.name} {file.stat().st_size}\n".encode())
                with file.open("rb") as stream:
                    while piece := stream.read(1 << 22):
                        whole.update(piece)
        return "sha256:" + whole.hexdigest()

    def footprint(self) -> str:
        """Of the settings, and of the sizes and footers of the two tables: where each column of each row group
        lies, how long it is, its least and greatest value. Tells sets apart at once; ``digest`` reads every byte.
        """
        whole = hashlib.sha256(self.programme.digest.encode())
        for rows in (self.families, self.remains):
            for file in rows.files:
                with file.open("rb") as stream:
                    size = stream.seek(0, os.SEEK_END)
                    stream.seek(size - _END)
                    footer = int.from_bytes(stream.read(4), "little")
                    stream.seek(size - _END - footer)
                    whole.update(f"\n{rows.name} {size}\n".encode() + stream.read(footer))
        return "sha256:" + whole.hexdigest()


def open_set(path: Path) -> ScanSet:
    """Open a set.

    Raises
    ------
    Rejected
        If ``programme/`` has faults or a table is not there.
    """
    reading = read_programme(path / BASE)
    if reading.programme is None:
        raise Rejected(reading.rejected)
    return ScanSet(path, reading.programme)


def is_set(path: Path) -> bool:
    """Whether a folder holds a set rather than a programme."""
    return (path / f"{REMAINS}.parquet").is_file() or (path / REMAINS).is_dir()


def firsts(names: pa.Array) -> npt.NDArray[np.bool_]:
    """Which rows begin a run of equal names, (row,)."""
    found = np.ones(len(names), dtype=bool)
    if len(names) > 1:
        found[1:] = pc.not_equal(names.slice(1), names.slice(0, len(names) - 1)).to_numpy(zero_copy_only=False)
    return found


def read_call(text: str | None) -> Call | None:
    """The two alleles of a cell; None if it is empty.

    >>> read_call("12/14"), read_call("9.3/?"), read_call(None)
    (('12', '14'), ('9.3', '?'), None)

    Raises
    ------
    ValueError
        If it is not two alleles separated by one stroke.
    """
    if not text:
        return None
    first, stroke, second = text.partition("/")
    if not stroke or not first or not second or "/" in second or text != "".join(text.split()):
        raise ValueError("is not a call: two alleles with / between them, ? for one that was not observed")
    return first, second


def members_of(table: pa.Table) -> list[dict[str, Any]]:
    """Rows of ``families`` as plain values, without the calls."""
    columns = {name: table[name].to_pylist() for name in OF_MEMBER if name in table.column_names}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def pedigree_of(rows: Sequence[Mapping[str, Any]]) -> Pedigree:
    """A family from its rows; a further row of one member is a further sample of his.

    Raises
    ------
    Nonsense
        If the members cannot be one family.
    """
    members: dict[str, Member] = {}
    for row in rows:
        members.setdefault(row["member_id"], Member(**_given(row)))
    return Pedigree(family_id=rows[0]["family_id"], members=tuple(members.values()))


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in row.items() if value is not None}
    given["sex"] = Sex(given.get("sex") or "U")
    return given


def observed(
    rows: Sequence[Mapping[str, Any]], subject: str, markers: Sequence[str], kind: SampleKind
) -> tuple[tuple[Sample, ...], tuple[Profile, ...]]:
    """The samples and profiles of rows.

    Parameters
    ----------
    subject : the column that says whose they are
    markers : the columns that hold calls
    """
    samples, profiles = [], []
    for number, row in enumerate(rows, 1):
        calls = {marker: call for marker in markers if (call := read_call(row.get(marker))) is not None}
        if not calls:
            continue
        given = {name: row[name] for name in OF_SAMPLE if row.get(name) is not None}
        given.setdefault("sample_id", f"{row[subject]}, row {number}")
        samples.append(Sample(subject_id=row[subject], kind=kind, **given))
        profiles.append(Profile(sample_id=given["sample_id"], subject_id=row[subject], calls=calls))
    return tuple(samples), tuple(profiles)


# --- writing a set ---


def write_set(programme: Programme, path: Path) -> None:
    """Write the families and remains of a programme as a set, whole or not at all.

    Remains that ``same_as`` joins are one. ``source.json`` keeps the programme's digest.

    Raises
    ------
    WouldOverwrite
        If something is at ``path``.
    """
    refuse_taken(path)
    make_folder(path.parent, mode=0o755)
    beside = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        _write_set(programme, beside)
        write_again(beside / _SOURCE, canonical_json({"digest": programme.digest}).encode())
        beside.rename(path)
        _sync_folder(path.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk; a system whose folders cannot be opened does so by itself."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def source_of(path: Path) -> str:
    """The digest of the programme that a set was written from; "" if from none."""
    try:
        return str(json.loads((path / _SOURCE).read_text(encoding="utf-8"))["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _write_set(programme: Programme, path: Path) -> None:
    base = Programme(
        settings=programme.settings,
        markers=programme.markers,
        frequencies=programme.frequencies,
        mutation=programme.mutation,
    )
    path.mkdir()
    write_programme(base, path / BASE)
    names = MarkerNames(programme.markers)
    shown = {names(name) for profile in programme.profiles for name in profile.calls}
    tabled = {names(name) for tables in programme.frequencies.values() for name in tables}
    markers = sorted(tabled | (shown & {AMELOGENIN}))
    loci = prepare_loci(programme)
    samples = {sample.sample_id: sample for sample in programme.samples}
    profiles: dict[str, list[Profile]] = {}
    for profile in programme.profiles:
        profiles.setdefault(profile.subject_id, []).append(profile)

    def calls(subject_id: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for profile in profiles.get(subject_id, ()):
            row: dict[str, Any] = {"sample_id": profile.sample_id}
            sample = samples.get(profile.sample_id)
            row |= {name: getattr(sample, name) for name in RATES} if sample else {}
            row |= {names(name): "/".join(call) for name, call in profile.calls.items() if call != _NOTHING}
            rows.append(row)
        return rows or [{}]

    def of_families() -> Iterator[dict[str, Any]]:
        for pedigree in programme.pedigrees:
            population = population_of(programme, pedigree, loci)
            for member in pedigree.members:
                own = _member_row(member, programme.people, population)
                for row in calls(member.member_id):
                    yield own | row

    def of_remains() -> Iterator[dict[str, Any]]:
        for individual in individuals_of(programme):
            own = {"remains_id": individual.remains_id, "sex": individual.sex.value}
            rows = [row for name in individual.merged for row in calls(name) if row]
            for row in rows or [{}]:
                yield own | row

    write_rows(path / f"{FAMILIES}.parquet", (*OF_MEMBER, *OF_SAMPLE), markers, of_families())
    write_rows(path / f"{REMAINS}.parquet", (*OF_REMAINS, *OF_SAMPLE), markers, of_remains())


_NOTHING = (NOT_OBSERVED, NOT_OBSERVED)


def _member_row(member: Member, people: Mapping[str, MissingPerson], population: str) -> dict[str, Any]:
    person = people.get(member.person_id)
    row = {name: getattr(member, name) for name in OF_MEMBER}
    row["population"] = population
    if person is not None and member.sex is Sex.UNKNOWN:
        row["sex"] = person.sex
    row["sex"] = row["sex"].value
    if person is not None and person.status not in _CANDIDATES:
        row["person_id"] = ""  # remains cannot be him
    return row


def schema_of(known: Sequence[str], markers: Sequence[str]) -> pa.Schema:
    """The columns of a table."""
    numbers = [(name, pa.float64() if name in NUMBERS else pa.string()) for name in known]
    return pa.schema([*numbers, *((marker, pa.dictionary(pa.int32(), pa.string())) for marker in markers)])


def write_rows(path: Path, known: Sequence[str], markers: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a table of a set from its rows."""
    schema = schema_of(known, markers)
    plain = pa.schema([field.with_type(_plain(field.type)) for field in schema])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        waiting: list[Mapping[str, Any]] = []
        for row in rows:
            waiting.append({name: value if value != "" else None for name, value in row.items()})
            if len(waiting) == _ROW_GROUP:
                writer.write_table(pa.Table.from_pylist(waiting, schema=plain).cast(schema))
                waiting = []
        writer.write_table(pa.Table.from_pylist(waiting, schema=plain).cast(schema))


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


# --- the files of a scan ---


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """Pairs that are kept.

    Parameters
    ----------
    remains, slots : (pair,) their numbers in the set
    log10_lr : (pair,)
    """

    remains: npt.NDArray[np.uint32]
    slots: npt.NDArray[np.uint32]
    log10_lr: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.remains)

    def __getitem__(self, chosen: Any) -> Pairs:
        return Pairs(remains=self.remains[chosen], slots=self.slots[chosen], log10_lr=self.log10_lr[chosen])


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Pairs one after the other."""
    return Pairs(
        remains=np.concatenate([np.zeros(0, np.uint32), *(part.remains for part in parts)]),
        slots=np.concatenate([np.zeros(0, np.uint32), *(part.slots for part in parts)]),
        log10_lr=np.concatenate([np.zeros(0), *(part.log10_lr for part in parts)]),
    )


def write_block(path: Path, pairs: Pairs, account: Mapping[str, Any]) -> None:
    """Keep what a block gave: whole, or not at all."""
    schema = _OF_BLOCK.with_metadata({"account": json.dumps(dict(account), sort_keys=True)})
    stream = io.BytesIO()
    with pq.ParquetWriter(stream, schema, compression="zstd", use_dictionary=False) as writer:
        for start in range(0, len(pairs), _PAIRS):
            piece = pairs[start : start + _PAIRS]
            writer.write_table(pa.table([piece.remains, piece.slots, piece.log10_lr], schema=schema))
    write_again(path, stream.getvalue())


def read_block(path: Path) -> tuple[Pairs, dict[str, Any]]:
    """What :func:`write_block` kept.

    Raises
    ------
    Rejected
        If the file is no block's.
    """
    return joined(list(pairs_in(path))), account_of(path)


def pairs_in(path: Path) -> Iterator[Pairs]:
    """The pairs of a block part by part, so that never all of them are in memory.

    Raises
    ------
    Rejected
        If the file is no block's.
    """
    with _refused(path), pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, use_threads=False)
            yield Pairs(
                remains=table["remains"].to_numpy().astype(np.uint32, copy=False),
                slots=table["slot"].to_numpy().astype(np.uint32, copy=False),
                log10_lr=table["log10_lr"].to_numpy(),
            )


def account_of(path: Path) -> dict[str, Any]:
    """What a block's file says of it, without its pairs.

    Raises
    ------
    Rejected
        If the file is no block's.
    """
    with _refused(path):
        account: dict[str, Any] = json.loads(pq.read_schema(path).metadata[b"account"])
        return account


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError) as problem:
        raise Rejected([Fault(str(path), None, "", "", f"is no block of a scan: {problem}.", "Remove it.")]) from None


class ResultWriter:
    """Writes results part by part, and gives them their name only when they are whole.

    The digest is of the rows in order: all remains_id, all person_id, all values as they stand in
    memory; so it does not depend on the parts, nor on whether CSV or Parquet is written.

    Parameters
    ----------
    path : ``….parquet`` or ``….csv``
    """

    SCHEMA = pa.schema([("remains_id", pa.string()), ("person_id", pa.string()), ("log10_lr", pa.float64())])

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._beside = path.with_name(f".{path.name}.unfinished")
        self._digests = [hashlib.sha256() for _ in self.SCHEMA]

    def __enter__(self) -> ResultWriter:
        self._file = self._beside.open("wb")
        self._writer: Any = (
            pa.csv.CSVWriter(self._file, self.SCHEMA, write_options=pa.csv.WriteOptions(quoting_style="needed"))
            if self.path.suffix == ".csv"
            else pq.ParquetWriter(self._file, self.SCHEMA, compression="zstd")
        )
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is None:
            self._beside.replace(self.path)
            _sync_folder(self.path.parent)
        else:
            self._beside.unlink(missing_ok=True)

    def add(self, remains_ids: pa.Array, persons: pa.Array, pairs: Pairs, first_slot: int) -> None:
        """Write pairs of a range of slots, ``persons`` from ``first_slot`` on; takes some ten times their memory."""
        table = pa.table(
            {
                "remains_id": remains_ids.take(pa.array(pairs.remains)),
                "person_id": persons.take(pa.array(pairs.slots - np.uint32(first_slot))),
                "log10_lr": pairs.log10_lr,
            },
            schema=self.SCHEMA,
        )
        self._writer.write_table(table)
        self.count += len(pairs)
        for name, digest in zip(("remains_id", "person_id"), self._digests[:2], strict=True):
            for chunk in table[name].chunks:
                digest.update("".join(f"{text}\n" for text in chunk.to_pylist()).encode())
        self._digests[2].update(pairs.log10_lr.astype("<f8").tobytes())

    def digest(self) -> str:
        """Of everything added."""
        return "sha256:" + hashlib.sha256(b"".join(one.digest() for one in self._digests)).hexdigest()
