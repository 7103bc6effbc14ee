"""From laid-out data to a PDF: the one door to typst.

A template gets data, never markup; it is set with the package's own type and no other, dated with the statement's time,
and so the same statement gives the same bytes on every machine. What comes out is PDF/A-2a, tagged for readers who
listen to it.
"""

from __future__ import annotations

import io
import json
import struct
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import segno

STANDARDS: list[Literal["a-2a", "ua-1"]] = ["a-2a", "ua-1"]
_MARKS = range(0x300, 0x370)  # combining marks, and below the jamo that hangul is composed of
_JAMO = range(0x1100, 0x1200)


def pdf(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """Set data in a template.

    Parameters
    ----------
    template : name of a file of ``templates/``, without ending
    data : what the template lays out; every text in it is made :func:`printable`
    at : the time that stands in the PDF as its date

    Raises
    ------
    ValueError
        If ``at`` has no zone.
    """
    import typst

    if at.tzinfo is None:
        raise ValueError("a paper's time has a zone")
    moment = at.astimezone(UTC)
    dated = {"year": moment.year, "month": moment.month, "day": moment.day}
    timed = {"hour": moment.hour, "minute": moment.minute, "second": moment.second}
    whole = json.dumps({**_printable(data), "date": {**dated, **timed}}, ensure_ascii=False)
    folder = Path(str(files("homeward.reports.paper") / "templates"))
    return typst.compile(
        folder / f"{template}.typ",
        root=folder,
        font_paths=_fonts(),
        sys_inputs={"data": whole},
        format="pdf",
        pdf_standards=[*STANDARDS],
        timestamp=int(moment.timestamp()),
    )


@cache
def _folder() -> Path:
    return Path(str(files("homeward.reports") / "fonts"))


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_folder())])


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {name: _printable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(inner) for inner in value]
    return value


def printable(text: str) -> str:
    """A text as it can be printed: composed, and each sign that we have no type for as its number.

    Nothing that was signed is left off the paper because a face lacks it.

    Examples
    --------
    >>> printable("Sŏmun Chae-hyŏn 서문재현 西門在賢")
    'Sŏmun Chae-hyŏn 서문재현 西門在賢'
    >>> printable("a \\U0001F600 b\\x07")
    'a [U+1F600] b[U+0007]'
    """
    if any(ord(sign) in _MARKS or ord(sign) in _JAMO for sign in text):
        text = unicodedata.normalize("NFC", text)
    known = _covered()
    if all(sign in known for sign in text):
        return text
    text = text.replace("\r\n", "\n").replace("\t", " ")
    return "".join(sign if sign in known else f"[U+{ord(sign):04X}]" for sign in text)


@cache
def _covered() -> frozenset[str]:
    """Every sign that one of our faces has, and the line feed."""
    found = {"\n"}
    for face in sorted(_folder().iterdir()):
        if face.suffix in (".ttf", ".otf"):
            found |= set(map(chr, _code_points(face.read_bytes())))
    return frozenset(found - {"\r", "\x00"})


def _code_points(font: bytes) -> set[int]:
    """The code points of a font's character map (OpenType, table cmap, formats 4 and 12)."""
    tables = {}
    for at in range(12, 12 + 16 * struct.unpack_from(">H", font, 4)[0], 16):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, at)
        tables[tag] = offset
    start = tables[b"cmap"]
    found: set[int] = set()
    for at in range(start + 4, start + 4 + 8 * struct.unpack_from(">H", font, start + 2)[0], 8):
        found |= _of_subtable(font, start + struct.unpack_from(">I", font, at + 4)[0])
    return found


def _of_subtable(font: bytes, at: int) -> set[int]:
    kind = struct.unpack_from(">H", font, at)[0]
    found: set[int] = set()
    if kind == 12:
        for group in range(struct.unpack_from(">I", font, at + 12)[0]):
            first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * group)
            found |= set(range(first, last + 1))
    if kind == 4:
        segments = struct.unpack_from(">H", font, at + 6)[0] // 2
        ends = struct.unpack_from(f">{segments}H", font, at + 14)
        starts = struct.unpack_from(f">{segments}H", font, at + 16 + 2 * segments)
        for first, last in zip(starts, ends, strict=True):
            found |= set(range(first, min(last, 0xFFFE) + 1))
    return found


def qr_svg(content: str, *, error: str = "q") -> str:
    """A QR code as SVG; by default with the error correction that a creased paper needs (Q: a quarter may be lost).

    >>> qr_svg("homeward:sha256:00").startswith("<svg")
    True
    """
    drawn = io.BytesIO()
    segno.make(content, error=error, boost_error=False, micro=False).save(
        drawn, kind="svg", border=2, xmldecl=False, svgns=True, nl=False
    )
    return drawn.getvalue().decode()
