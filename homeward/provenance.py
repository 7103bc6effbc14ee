"""Where a result came from: version, parameters, seed, digest of the input.

Same input and seed give the same result; the time stamp is the one thing that may differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from homeward import __version__


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What is needed to compute a result again and find the same digits.

    Parameters
    ----------
    verb : the command or function asked for ("identify")
    version : Homeward's version
    science : digest of the package's science (see :func:`digest_of_science`)
    input : digest of the input as it was read
    parameters : every setting that moved the result
    seed : the random seed, None where no chance was involved
    made_at : UTC time stamp, ISO 8601
    """

    verb: str
    version: str
    science: str
    input: str
    parameters: Mapping[str, Any]
    seed: int | None
    made_at: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def provenance(verb: str, *, input_digest: str, parameters: Mapping[str, Any], seed: int | None = None) -> Provenance:
    """Stamp a result."""
    return Provenance(
        verb=verb,
        version=__version__,
        science=digest_of_science(),
        input=input_digest,
        parameters=dict(parameters),
        seed=seed,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spare blanks, so that equal values give equal text.

    >>> canonical_json({"b": 1, "a": [0.1, None]})
    '{"a":[0.1,null],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal, with its name in front.

    >>> digest(b"")[:18]
    'sha256:e3b0c44298f'
    """
    return "sha256:" + hashlib.sha256(data).hexdigest()


# What the committed validation results vouch for: the packages whose code or numbers move a posterior.
SCIENCE = (
    "genetics",
    "anthropology",
    "identification",
    "search",
    "geography",
    "simulation",
    "programme",
    "tables.py",
    "data",
)


def digest_of_science(package: Path | None = None) -> str:
    """Digest of the code and tables that decide a posterior.

    Files are taken in the order of their paths with line ends as ``\\n``, so the
    digest is the same on every machine and does not move when a page or a reader changes.
    """
    return digest_of_parts(package or Path(__file__).parent, SCIENCE, {".py", ".csv", ".json", ".toml", ".fasta"})


def digest_of_parts(root: Path, names: Sequence[str], suffixes: Set[str]) -> str:
    """Digest of chosen files and folders: what a committed result vouches for.

    Parameters
    ----------
    root : where the names begin
    names : files, or folders with all that is in them
    suffixes : files that count
    """
    files = sorted(
        path
        for name in names
        for path in ([root / name] if (root / name).is_file() else (root / name).rglob("*"))
        if path.is_file() and path.suffix in suffixes
    )
    whole = hashlib.sha256()
    for path in files:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        whole.update(f"{path.relative_to(root).as_posix()}\n{len(content)}\n".encode())
        whole.update(content)
    return "sha256:" + whole.hexdigest()
