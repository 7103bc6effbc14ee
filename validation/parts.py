"""Full-size claims in parts: each says what it claims, which code it vouches for, and writes its own section.

A part that has run with the code that stands is not run again; one that was interrupted goes on where it stopped, as
far as it keeps its own intermediate results. The sections of all parts make one committed file.
"""

from __future__ import annotations

import json
import platform
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeward.provenance import digest_of_parts
from validation.run import machine, write_atomically

ROOT = Path(__file__).parent.parent
SUFFIXES = {".py", ".c", ".js", ".html", ".json"}


@dataclass(frozen=True)
class Part:
    """One full-size claim.

    Parameters
    ----------
    name : of its section
    claim : what holds, in a sentence
    covers : files and folders, from the root of the repository, for which the result vouches
    run : does it, given a folder for its intermediate results; gives its section with ``holds``, true or false
    """

    name: str
    claim: str
    covers: tuple[str, ...]
    run: Callable[[Path], dict[str, Any]]


def code_of(part: Part) -> str:
    """Digest of the code that a part vouches for."""
    return digest_of_parts(ROOT, part.covers, SUFFIXES)


def validate(parts: Sequence[Part], result: Path, kept: Path, *, fresh: bool = False) -> bool:
    """Run the parts that have not run with this code, and write their sections; whether every claim holds.

    Parameters
    ----------
    parts : those to run; sections of others are left as they are
    result : the file of all sections
    kept : folder for intermediate results
    fresh : whether parts that have run with this code are run again, from the beginning
    """
    holds = True
    for part in parts:
        code = code_of(part)
        sections = json.loads(result.read_text(encoding="utf-8"))["parts"] if result.exists() else {}
        done = sections.get(part.name, {})
        if not fresh and done.get("code") == code and done.get("holds"):
            _say(f"{part.name}: has run with this code")
            continue
        folder = kept / f"{part.name}-{code[7:19]}"
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        section = _section(part, code, folder)
        if section is None:
            return False
        holds = holds and section["holds"]
        write_atomically(result, {"parts": {**sections, part.name: section}})
        _say(f"{part.name}: {'holds' if section['holds'] else 'DOES NOT HOLD'}, written to {result.name}")
    return holds


def _section(part: Part, code: str, folder: Path) -> dict[str, Any] | None:
    """What a part gives, with what it vouches for; nothing if the code changed meanwhile."""
    _say(f"{part.name}: {part.claim}")
    start = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    section = part.run(folder)
    if code_of(part) != code:
        _say(f"{part.name}: the code changed while it was being validated; nothing was written. Run it again.")
        return None
    return {
        "claim": part.claim,
        "covers": list(part.covers),
        "code": code,
        "machine": machine(),
        "python": platform.python_version(),
        "seconds": round(time.perf_counter() - start, 1),
        **section,
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
