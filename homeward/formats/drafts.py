"""Drafts: a statement written by hand in TOML or JSON, made into its exact bytes.

So that a party without the application can say everything. A draft has the fields of a statement; made_at may be left
out and is then now, made_local is computed, and the first signer may be left out and is then the author on paper.

What is null where it is not known (a weight, a count of individuals) may be left out: TOML has no null.
Two things a hand cannot write are written for it:

- ``"file:handover.json"`` where a digest, a fingerprint or a key belongs: that of the statement, envelope, document or
  public key in that file, looked for beside the draft.
- ``{withheld = "a value"}`` where personal text belongs: its salted commitment, with the opening for who should know.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from homeward.errors import Fault, HomewardError, Rejected
from homeward.formats.files import read_file
from homeward.formats.keyfiles import read_public_key
from homeward.formats.positions import json_positions, line_of, toml_positions
from homeward.seals.bodies import BODIES
from homeward.seals.canonical import write_base64
from homeward.seals.envelope import read_envelope
from homeward.seals.shapes import ListOf, Record, Shape, Whole
from homeward.seals.statement import (
    SALT_BYTES,
    Opening,
    Openings,
    Signer,
    Statement,
    commit,
    make_statement,
)

FIELDS = ("programme", "subject", "made_at", "zone", "place", "author", "signers", "follows", "body")
_OPTIONAL = ("made_at", "place", "follows", "signers")
_FILE = "file:"
_FROM_FILE = re.compile(r"/(manifest|on|refuses|voids|statement|answers|scan|digest|key|fingerprint|follows/\d+)$")
_AUTHOR_FIELDS = ("name", "office", "party")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A statement made from a draft, with the openings of what it withholds (None if it withholds nothing)."""

    statement: Statement
    openings: Openings | None


def read_draft(
    path: Path, kind: str, *, now: datetime, salt: Callable[[], bytes] = lambda: os.urandom(SALT_BYTES)
) -> Drafted:
    """Make a statement of a draft.

    Parameters
    ----------
    path : a file that ends in .toml or .json
    kind : what the statement is
    now : made_at, where the draft gives none
    salt : draws 32 random bytes

    Raises
    ------
    Rejected
        With every fault, its line in the draft and its path in the statement.
    """
    text = _text(path)
    value, positions = _parsed(path, text)
    faults: list[Fault] = list(_frame_faults(value))
    opened: list[Opening] = []
    filled = _filled(value, "", path.parent, faults, opened, salt)
    try:
        statement = _made(filled, kind, now)
    except Rejected as refusal:
        told = {fault.column for fault in faults}
        faults += [fault for fault in refusal.faults if fault.column not in told and not _left_out(fault, faults)]
    if faults:
        raise Rejected([_placed(fault, path, positions) for fault in faults])
    openings = Openings(statement.digest, tuple(opened)) if opened else None
    return Drafted(statement, openings)


def digest_in(path: Path) -> str:
    """The digest of what is in a file: of the statement in an envelope, or of the bytes as they are.

    Raises
    ------
    Rejected
        If the file cannot be read.
    """
    data = read_file(path)
    with suppress(HomewardError):  # no envelope: a statement not yet signed, or a document
        data = read_envelope(data).payload
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _text(path: Path) -> str:
    try:
        return read_file(path).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = fault.object[: fault.start].count(b"\n") + 1
        raise Rejected([Fault(path.name, line, "", "", "is not UTF-8.", "Save it as UTF-8.")]) from None


def _parsed(path: Path, text: str) -> tuple[dict[str, Any], dict[str, int]]:
    """The value of a draft, and where everything in it stands."""
    try:
        if path.suffix == ".toml":
            return tomllib.loads(text), toml_positions(text)
        if path.suffix == ".json":
            value = json.loads(text, object_pairs_hook=_once)
            if not isinstance(value, dict):
                raise Rejected([Fault(path.name, 1, "", "", "is not an object.", f"Give {', '.join(FIELDS)}.")])
            return value, json_positions(text)
    except tomllib.TOMLDecodeError as fault:
        raise Rejected([Fault(path.name, _line_in(str(fault)), "", "", f"is not TOML: {fault}.")]) from None
    except json.JSONDecodeError as fault:
        raise Rejected([Fault(path.name, fault.lineno, "", "", f"is not JSON: {fault.msg}.")]) from None
    except (_Twice, RecursionError) as fault:
        raise Rejected([Fault(path.name, None, "", str(fault), "stands twice, or too deep.")]) from None
    raise Rejected([Fault(path.name, None, "", path.suffix, "is neither .toml nor .json.", "Name it so.")])


class _Twice(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return value


def _line_in(message: str) -> int | None:
    """tomllib tells the line only in words."""
    _, found, rest = message.partition("at line ")
    return int(rest.split(",")[0]) if found else None


def _frame_faults(value: Mapping[str, Any]) -> Iterator[Fault]:
    for name in FIELDS:
        if name not in value and name not in _OPTIONAL:
            yield Fault(
                "", None, f"/{name}", "", "is missing.", "See docs/methods/transfers.md for a draft of each kind."
            )
    for name in value.keys() - set(FIELDS):
        yield Fault("", None, f"/{name}", "", "is not a field of a draft.", f"Known: {', '.join(FIELDS)}.")


def _left_out(fault: Fault, told: list[Fault]) -> bool:
    """Whether a fault only repeats that a whole field is missing or of the wrong kind."""
    return any(fault.column.startswith(f"{other.column}/") for other in told if other.column.count("/") == 1)


def _filled(
    value: Any, path: str, folder: Path, faults: list[Fault], opened: list[Opening], salt: Callable[[], bytes]
) -> Any:
    """A draft's value with files turned into digests, dates into text and withheld values into commitments."""
    if isinstance(value, dict) and set(value) == {"withheld"} and path.startswith("/body/"):
        drawn = salt()
        opened.append(Opening(path.removeprefix("/body"), drawn, value["withheld"]))
        return {"commitment": commit(value["withheld"], drawn)}
    if isinstance(value, dict):
        return {name: _filled(one, f"{path}/{name}", folder, faults, opened, salt) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, f"{path}/{at}", folder, faults, opened, salt) for at, one in enumerate(value)]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(_FILE) and _FROM_FILE.search(path):
        return _from_file(value, path, folder, faults)
    return value


def _from_file(value: str, path: str, folder: Path, faults: list[Fault]) -> str:
    file = folder / value.removeprefix(_FILE)
    try:
        if path == "/body/key":
            return write_base64(read_public_key(file).raw)
        if path.endswith(("/key", "/fingerprint")):
            return read_public_key(file).fingerprint
        return digest_in(file)
    except HomewardError as refusal:
        faults.append(Fault("", None, path, value, f"cannot be used: {refusal}"))
        return "sha256:" + 64 * "0" if not path.endswith(("key", "fingerprint")) else ""


def _made(value: Mapping[str, Any], kind: str, now: datetime) -> Statement:
    author = value.get("author")
    author = author if isinstance(author, Mapping) else {}
    return make_statement(
        kind=kind,
        programme=value.get("programme", "?"),
        subject=value.get("subject", "draft:?"),
        made_at=_instant(value.get("made_at"), now),
        zone=value.get("zone", "UTC"),
        place=value.get("place", ""),
        author={name: author.get(name, "") for name in _AUTHOR_FIELDS} | dict(author),
        signers=_signers(value.get("signers"), author),
        follows=_digests(value.get("follows", [])),
        body=_with_nulls(value.get("body", {}), BODIES[kind]) if kind in BODIES else value.get("body", {}),
    )


def _with_nulls(value: Any, shape: Shape) -> Any:
    """A body in which what may be null, and was left out, is null."""
    if isinstance(shape, ListOf) and isinstance(value, list):
        return [_with_nulls(one, shape.each) for one in value]
    if not isinstance(shape, Record) or not isinstance(value, dict):
        return value
    left_out = {name: None for name, one in shape.fields.items() if isinstance(one, Whole) and one.or_null}
    told = {name: _with_nulls(one, shape.fields[name]) if name in shape.fields else one for name, one in value.items()}
    return {**left_out, **told}


def _digests(given: Any) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise Rejected([Fault("", None, "/follows", str(given), "is not a list of digests.")])
    return given


def _instant(given: Any, now: datetime) -> datetime:
    if given is None:
        return now
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            given = None
    if not isinstance(given, datetime) or given.tzinfo is None:
        reason = "is not a time with its offset."
        raise Rejected([Fault("", None, "/made_at", str(given), reason, "Write 2018-07-27T10:40:00+09:00.")])
    return given


def _signers(given: Any, author: Mapping[str, Any]) -> list[Signer]:
    if given is None:
        return [Signer(str(author.get("party", "")), "", "author")]
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Rejected([Fault("", None, "/signers", "", "is not a list of party, key and as.")])
    for at, one in enumerate(given):
        spare = one.keys() - {"party", "key", "as"}
        if spare:
            raise Rejected([Fault("", None, f"/signers/{at}", ", ".join(spare), "is no field of a signer.")])
    return [Signer(one.get("party", ""), one.get("key", ""), one.get("as", "")) for one in given]


def _placed(fault: Fault, path: Path, positions: Mapping[str, int]) -> Fault:
    line = line_of(fault.column, positions)
    return Fault(path.name, line, fault.column, fault.value, fault.reason, fault.remedy)
