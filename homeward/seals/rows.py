"""Long lists in canonical JSON, read by the pattern of their rows.

An inventory has a row for every file, a log one for every signature: hundreds of thousands, all of one form. Where
every row has exactly the bytes that a canonical one has, nothing needs to be written again to be compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

from homeward.errors import NotCanonical
from homeward.seals.canonical import read_canonical

Row = TypeVar("Row")


def read_rows(
    data: bytes, field: str, pattern: re.Pattern[bytes], take: Callable[[re.Match[bytes]], Row | None]
) -> tuple[dict[str, Any], list[Row]] | None:
    """An object with one long list, apart: the object with that list empty, and the rows.

    The caller has to see that the object has its shape, and no list but this one that could hold objects: then the
    list found here is the one of that name.

    Parameters
    ----------
    data : the object's bytes
    field : name of the list
    pattern : matches the bytes of a canonical row, and nothing else, or ``take`` refuses what it matches beyond
    take : the row that was matched; None if it is none

    Returns
    -------
    None if the bytes are not those of such an object, or may not be: then ask :func:`read_canonical`.
    """
    opening = b'"%s":[' % field.encode()
    start = data.find(opening) + len(opening)
    rows: list[Row] = []
    at = start
    while matched := pattern.match(data, at + bool(rows)):
        row = take(matched)
        if row is None or (rows and data[at : at + 1] != b","):
            return None
        rows.append(row)
        at = matched.end()
    if data[at : at + 1] != b"]":
        return None
    try:
        value = read_canonical(data[:start] + data[at:])
    except NotCanonical:
        return None
    return (value, rows) if isinstance(value, dict) and value.get(field) == [] else None
