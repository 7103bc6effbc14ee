"""A statement in readable lines: what its signer is shown before he signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from homeward.cli.showing import plain
from homeward.seals.keys import grouped
from homeward.seals.statement import Statement

WIDTH = 16
SHOWN = 120  # lines of a list; the rest is counted


def lines_of(statement: Statement) -> Iterator[str]:
    """Kind, subject, who speaks, when and where, who is to sign, and everything the body says.

    Signs that a terminal would obey rather than show are written as their numbers.
    """
    author = ", ".join(filter(None, (statement.author["name"], statement.author["office"], statement.author["party"])))
    yield _line("kind", statement.kind)
    yield _line("subject", statement.subject)
    yield _line("programme", statement.programme)
    yield _line("author", author)
    yield _line("made", f"{statement.made_local} ({statement.zone}){_at(statement.place)}")
    for signer in statement.signers:
        how = f"key {grouped(signer.key)}" if signer.key else "on paper"
        yield _line("signer", f"{signer.party} as {signer.role}, {how}")
    for digest in statement.follows:
        yield _line("follows", digest)
    for name, value in statement.body.items():
        yield from _told(name, value, 0)
    yield _line("digest", statement.digest)


def _at(place: str) -> str:
    return f", {place}" if place else ""


def _told(name: str, value: Any, depth: int) -> Iterator[str]:
    """One field: a word, or its items under it, each list with its count."""
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        yield _line(name, ", ".join(map(_word, value)) or "none", depth)
    elif isinstance(value, list):
        yield _line(name, f"{len(value)} listed", depth)
        for item in value[:SHOWN]:
            yield _line("-", _row(item), depth + 1)
        if len(value) > SHOWN:
            yield _line("-", f"and {len(value) - SHOWN} more", depth + 1)
    else:
        yield _line(name, _word(value), depth)


def _row(item: Any) -> str:
    if isinstance(item, Mapping):
        told = [f"{name} {_word(value)}" for name, value in item.items() if value not in ("", [], None)]
        return "; ".join(told)
    return _word(item)


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        return "withheld" if set(value) == {"commitment"} else f"({_row(value)})"
    if isinstance(value, list):
        return ", ".join(map(_word, value))
    if value is None or value == "":
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _line(name: str, value: str, depth: int = 0) -> str:
    return plain(f"{'  ' * depth}{name:<{WIDTH}} {value}")
