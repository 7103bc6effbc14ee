"""The shape of a value: what may stand where, and everything that stands there wrongly.

A shape goes through the whole value and gives every fault with its path (a JSON pointer, RFC 6901), the value, the
reason and what to do. It never repairs and never stops at the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from homeward.errors import Fault

SHOWN = 80  # signs of a wrong value that are shown
LARGEST = 2**53 - 1

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_PARTY = re.compile(r"[A-Za-z0-9_-]{1,50}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{4,}={0,2}")


class Shape(Protocol):
    """Says what is wrong with a value at a path."""

    def faults(self, value: Any, path: str) -> Iterator[Fault]: ...

    def fits(self, value: Any) -> bool:
        """Whether there is none: the same question, answered without words and many times as fast."""
        ...


def fault(path: str, value: Any, reason: str, remedy: str = "") -> Fault:
    """One thing wrong inside a statement; its column is the path."""
    shown = "" if value is None else value if isinstance(value, str) else repr(value)
    shown = shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"
    return Fault("statement", None, path, shown, reason, remedy)


@dataclass(frozen=True, slots=True)
class Text:
    """Text; ``filled`` forbids the empty one. ``held_back`` lets its salted commitment stand for it."""

    filled: bool = False
    held_back: bool = False

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if self.held_back and isinstance(value, dict):
            yield from COMMITMENT.faults(value, path)
        elif not isinstance(value, str):
            yield fault(path, value, "is not text.", "Write text, which may be empty." if not self.filled else "")
        elif self.filled and not value.strip():
            yield fault(path, value, "says nothing.", "Write what is meant here.")
        elif not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value):
            yield fault(path, "", "has half of a surrogate pair.", "Type it again.")

    def fits(self, value: Any) -> bool:
        if isinstance(value, str) and value.isascii() and not self.filled:
            return True
        return _faultless(self, value)


@dataclass(frozen=True, slots=True)
class Written:
    """Text of a fixed form: a digest, a party's code, a date."""

    called: str
    is_so: Callable[[str], bool]
    remedy: str
    may_be_empty: bool = False

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if self.may_be_empty and value == "":
            return
        if not isinstance(value, str) or not self.is_so(value):
            yield fault(path, value, f"is not {self.called}.", self.remedy)

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and (self.is_so(value) or (self.may_be_empty and not value))

    def or_empty(self) -> Written:
        return Written(self.called, self.is_so, self.remedy, may_be_empty=True)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number of at least ``least``; ``or_null`` where it may not be known."""

    least: int = 0
    or_null: bool = False

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if value is None and self.or_null:
            return
        if isinstance(value, float):
            yield fault(path, value, "is a fraction.", "Write a whole number; weights are in grams.")
        elif not isinstance(value, int) or isinstance(value, bool):
            yield fault(path, value, "is not a whole number.", "Write null if it is not known." if self.or_null else "")
        elif not self.least <= value <= LARGEST:
            yield fault(path, value, f"is not a number from {self.least} to 2^53 - 1.")

    def fits(self, value: Any) -> bool:
        return (type(value) is int and self.least <= value <= LARGEST) or (value is None and self.or_null)


@dataclass(frozen=True, slots=True)
class YesNo:
    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, bool):
            yield fault(path, value, "is neither true nor false.")

    def fits(self, value: Any) -> bool:
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words; ``held_back`` lets its salted commitment stand for it."""

    words: tuple[str, ...]
    held_back: bool = False

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if self.held_back and isinstance(value, dict):
            yield from COMMITMENT.faults(value, path)
        elif not isinstance(value, str) or value not in self.words:
            yield fault(path, value, "is not one of the words for this.", f"Write one of {', '.join(self.words)}.")

    def fits(self, value: Any) -> bool:
        return (isinstance(value, str) and value in self.words) or (self.held_back and _faultless(self, value))


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of things of one shape, at least so many."""

    each: Shape
    least: int = 0

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield fault(path, value, "is not a list.")
            return
        if len(value) < self.least:
            yield fault(path, None, f"has {len(value)} entries.", f"Give at least {self.least}.")
        for at, item in enumerate(value):
            yield from self.each.faults(item, f"{path}/{at}")

    def fits(self, value: Any) -> bool:
        return isinstance(value, list) and len(value) >= self.least and all(map(self.each.fits, value))


@dataclass(frozen=True, slots=True)
class Record:
    """An object with exactly these fields."""

    fields: Mapping[str, Shape]

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield fault(path, value, f"is not an object with {', '.join(self.fields)}.")
            return
        for name, shape in self.fields.items():
            if name in value:
                yield from shape.faults(value[name], f"{path}/{name}")
            else:
                yield fault(f"{path}/{name}", None, "is missing.", "Every field is required, if only to be empty.")
        for name in value.keys() - self.fields.keys():
            yield fault(f"{path}/{_escaped(name)}", None, "is not a field here.", f"Known: {', '.join(self.fields)}.")

    def fits(self, value: Any) -> bool:
        if not isinstance(value, dict) or value.keys() != self.fields.keys():
            return False
        for name, shape in self.fields.items():  # noqa: SIM110 - a generator would take half as long again
            if not shape.fits(value[name]):
                return False
        return True


@dataclass(frozen=True, slots=True)
class AnObject:
    """An object, whatever is in it."""

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield fault(path, value, "is not an object.")

    def fits(self, value: Any) -> bool:
        return isinstance(value, dict)


@dataclass(frozen=True, slots=True)
class AList:
    """A list, whatever is in it."""

    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield fault(path, value, "is not a list.")

    def fits(self, value: Any) -> bool:
        return isinstance(value, list)


@dataclass(frozen=True, slots=True)
class Anything:
    def faults(self, value: Any, path: str) -> Iterator[Fault]:
        return iter(())

    def fits(self, value: Any) -> bool:
        return True


def pointed_at(value: Any, path: str) -> Any:
    """What a JSON pointer (RFC 6901) leads to.

    Raises
    ------
    LookupError
        If it leads nowhere.

    Examples
    --------
    >>> pointed_at({"lines": [{"line": 7}]}, "/lines/0/line")
    7
    """
    if path and not path.startswith("/"):
        raise LookupError(path)
    for step in path.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]*", name):
            value = value[int(name)]
        elif isinstance(value, dict):
            value = value[name]
        else:
            raise LookupError(path)
    return value


def _faultless(shape: Shape, value: Any) -> bool:
    return next(shape.faults(value, ""), None) is None


def _escaped(name: str) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _on_the_calendar(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


DIGEST = Written("a digest", lambda text: bool(_DIGEST.fullmatch(text)), "Write sha256: and 64 digits 0-9 a-f.")
FINGERPRINT = Written("a fingerprint", lambda text: bool(_FINGERPRINT.fullmatch(text)), "Write 64 digits 0-9 a-f.")
PARTY = Written("a party's code", lambda text: bool(_PARTY.fullmatch(text)), "Use 1 to 50 of A-Z a-z 0-9 _ and -.")
DATE = Written("a date", _on_the_calendar, "Write YYYY-MM-DD.")
LANGUAGE = Written("a language", lambda text: bool(_LANGUAGE.fullmatch(text)), "Write its code, as en or ko.")
BASE64 = Written("base64", lambda text: bool(_BASE64.fullmatch(text)) and len(text) % 4 == 0, "Pad it with =.")
COMMITMENT = Record({"commitment": DIGEST})
TEXTS = ListOf(Record({"lang": LANGUAGE, "text": Text(filled=True)}))
