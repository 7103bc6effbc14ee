"""Numbers as people write them: compared, searched for, and counted up, without minding how they are set."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MOST = 1000  # numbers that one range may name; more is a slip of the hand
_OFFICE = re.compile(r"[^\W\d_]+[\s.:#/]+(?=.*\d)")
_RANGE = re.compile(r"(?P<head>.*?)(?P<first>\d+)\s*(?:–|—|\.\.+|~|\bto\b|부터)\s*(?P<again>.*?)(?P<last>\d+)(?:까지)?")
_APART = re.compile(r"[,;\n\r\t]+")


def key_of(number: str) -> str:
    """What makes two numbers the same number: signs between their parts and capitals do not count.

    >>> key_of("C 0411") == key_of("c-0411"), key_of("1-11") == key_of("11-1")
    (True, False)
    """
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", number).casefold()).strip("-")


def squeezed(number: str) -> str:
    """A number for searching: letters and digits alone.

    >>> squeezed("2022-109-I-01")
    '2022109i01'
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", number).casefold())


def asked(text: str) -> tuple[str, ...]:
    """How a number that someone asks for may be kept: as it is, and without the office before it.

    >>> asked("CIL 2022-109-I-01")
    ('cil2022109i01', '2022109i01')
    """
    whole = squeezed(text)
    bare = squeezed(_OFFICE.sub("", text.strip(), count=1))
    return tuple(dict.fromkeys(form for form in (whole, bare) if form))


def listed(text: str) -> list[str]:
    """The numbers that a text names, one by one or from one to another, in its order.

    >>> listed("C-008 to C-010, D-1")
    ['C-008', 'C-009', 'C-010', 'D-1']
    """
    return [number for part in _APART.split(text) if part.strip() for number in _counted(part.strip())]


def _counted(part: str) -> Iterator[str]:
    found = _RANGE.fullmatch(part)
    if found is None:
        yield part
        return
    head, first, last = found["head"], found["first"], found["last"]
    again = found["again"].strip()
    if (again and key_of(again) != key_of(head)) or not 0 <= int(last) - int(first) < MOST:
        yield part
        return
    for number in range(int(first), int(last) + 1):
        yield f"{head}{number:0{len(first)}d}"
