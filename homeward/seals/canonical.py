"""Canonical bytes: the one way to write a value (RFC 8785, and no fractions).

Everything that is hashed or signed is JSON in the canonical form of RFC 8785, restricted to objects, arrays, text,
``true``, ``false``, ``null`` and whole numbers that every reader holds exactly. Base64 inside it is strict.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NoReturn

import rfc8785

from homeward.errors import NotCanonical, SealBroken

LARGEST = 2**53 - 1  # the largest whole number that an IEEE double, and so a browser, holds exactly
DEEPEST = 64  # levels of objects and arrays; no statement needs a quarter of it, and every reader can go so deep
_WRITER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
_BEYOND = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")  # with these begins what is beyond U+FFFF in UTF-8


def canonical(value: Any) -> bytes:
    """The canonical bytes of a value.

    Raises
    ------
    NotCanonical
        If the value holds a fraction, a number beyond 2^53 - 1, a key that is not text, half of a surrogate pair,
        something that JSON has no word for, or more than 64 levels.

    Examples
    --------
    >>> canonical({"b": [1, None], "a": "é"}).decode()
    '{"a":"é","b":[1,null]}'
    """
    _allowed(value, "", 0)
    return _written(value)


def read_canonical(data: bytes) -> Any:
    """Read a value, if its bytes are exactly its canonical bytes.

    Raises
    ------
    NotCanonical
        If they are not: spare blanks, another order, a key twice, another escape, a fraction, not UTF-8, not JSON.

    Examples
    --------
    >>> read_canonical(b'{"a":1}')
    {'a': 1}
    """
    try:
        value = _parsed(data.decode("utf-8"))
        again = _written(value)
    except UnicodeEncodeError:
        raise NotCanonical("/", "text with half of a surrogate pair.") from None
    except UnicodeDecodeError as fault:
        raise NotCanonical(f"byte {fault.start}", "this is not UTF-8.") from None
    except json.JSONDecodeError as fault:
        raise NotCanonical(f"character {fault.pos}", f"this is not JSON: {fault.msg}.") from None
    except RecursionError:
        raise NotCanonical("/", f"more than {DEEPEST} levels deep.") from None
    if data.count(b"[") + data.count(b"{") > DEEPEST:
        _not_too_deep(value)
    if again != data:
        raise NotCanonical(f"byte {_first_difference(data, again)}", "written otherwise than in canonical form.")
    return value


def read_base64(text: Any, where: str, length: int | None = None, *, code: str = "schema") -> bytes:
    """Bytes from standard base64 with padding, written in the only way these bytes are written.

    Raises
    ------
    SealBroken
        With ``code``, if it is not text, not base64, has another alphabet or spare bits, or not the length asked for.

    Examples
    --------
    >>> read_base64("aGk=", "greeting")
    b'hi'
    """
    if not isinstance(text, str):
        raise SealBroken(code, where, "base64 text is expected here.")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise SealBroken(code, where, "this is not base64.") from None
    if base64.b64encode(data).decode() != text:
        raise SealBroken(code, where, "base64 that decodes to these bytes is written otherwise.")
    if length is not None and len(data) != length:
        raise SealBroken(code, where, f"{length} bytes are expected, here are {len(data)}.")
    return data


def write_base64(data: bytes) -> str:
    """Standard base64 with padding.

    >>> write_base64(b"hi")
    'aGk='
    """
    return base64.b64encode(data).decode()


def _written(value: Any) -> bytes:
    """The canonical bytes of a value that may have them.

    Python's own writer differs from RFC 8785 in one thing, the order of keys with characters beyond U+FFFF, and takes
    a tenth of the time; where there are none, it writes. Tests hold the two together.
    """
    data = _WRITER.encode(value).encode("utf-8")
    return rfc8785.dumps(value) if not data.isascii() and any(lead in data for lead in _BEYOND) else data


def _parsed(text: str) -> Any:
    """The value of a JSON text; whole numbers only."""
    return json.loads(text) if text.startswith("\ufeff") else _READER.decode(text)  # the former says what that is


def _not_too_deep(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        containers = [item for item in level if isinstance(item, dict | list)]
        level = [item for one in containers for item in (one.values() if isinstance(one, dict) else one)]
    if any(isinstance(item, dict | list) for item in level):
        raise NotCanonical("/", f"more than {DEEPEST} levels deep.")


def _allowed(value: Any, where: str, depth: int) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _whole_text(value, where)
    elif isinstance(value, int):
        if abs(value) > LARGEST:
            raise NotCanonical(where or "/", "a whole number beyond 2^53 - 1 is not held exactly everywhere.")
    elif depth == DEEPEST and isinstance(value, list | tuple | dict):
        raise NotCanonical(where[:200], f"more than {DEEPEST} levels deep.")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _allowed(item, f"{where}/{index}", depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotCanonical(where or "/", f"the key {key!r} is not text.")
            _whole_text(key, where)
            _allowed(item, f"{where}/{key}", depth + 1)
    else:
        raise NotCanonical(where or "/", f"{type(value).__name__} is not allowed; fractions travel as decimal text.")


def _whole_text(text: str, where: str) -> None:
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise NotCanonical(where or "/", "text with half of a surrogate pair.")


def _whole(text: str) -> int:
    if len(text) > 17 or abs(number := int(text)) > LARGEST:
        raise NotCanonical("/", f"{text[:40]} is beyond 2^53 - 1 and not held exactly everywhere.")
    return number


def _fraction(text: str) -> NoReturn:
    raise NotCanonical("/", f"the number {text[:40]} is not a whole number in canonical form.")


def _first_difference(one: bytes, other: bytes) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


_READER = json.JSONDecoder(parse_float=_fraction, parse_constant=_fraction, parse_int=_whole)
