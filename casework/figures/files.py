"""A published sheet as a file: a table for a spreadsheet, a page for the wall, and the content itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from casework.figures.drawing import COLUMNS
from casework.figures.paper import sheet_for_paper
from homeward.provenance import canonical_json
from homeward.reports.paper.sheet import figures_pdf

HEADER = (
    "stream_en", "stream_ko", "column", "value", "qualifier", "unit", "from", "measure", "claim", "claimant", "scope",
    "as_of", "status", "source_title", "source_publisher", "source_dated", "source_page", "source_digest", "notes",
)  # fmt: skip


def as_csv(content: Mapping[str, Any], *, digest: str) -> tuple[bytes, str]:
    """One row a number, with where it comes from; the footnotes and the digest below, each in a row of its own."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(_rows(content))
    for note in content["footnotes"]:
        writer.writerow([note["en"], note["ko"], f"footnote {note['mark']}"])
    writer.writerow([content["title"]["en"], content["title"]["ko"], f"as of {content['as_of']}", digest])
    return out.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8"


def _rows(content: Mapping[str, Any]) -> Iterator[list[str]]:
    for cell in content["headlines"]:
        yield _row({"en": "", "ko": ""}, "headline", cell)
    for stream in content["streams"]:
        for column in COLUMNS:
            for cell in stream["cells"].get(column, []):
                yield _row(stream["title"], column, cell)


def _row(title: Mapping[str, str], column: str, cell: Mapping[str, Any]) -> list[str]:
    source = cell.get("source") or {}
    given = ("value", "qualifier", "unit", "from", "measure", "claim", "claimant", "scope", "as_of", "status")
    where = ("title", "publisher", "dated", "page", "digest")
    return [
        title["en"],
        title["ko"],
        column,
        *(str(cell.get(name, "")) for name in given),
        *(source.get(name, "") for name in where),
        " ".join(cell["notes"]),
    ]


def as_json(content: Mapping[str, Any], *, digest: str) -> tuple[bytes, str]:
    """The canonical content, of which the digest is."""
    return canonical_json(content).encode(), "application/json"


def as_pdf(content: Mapping[str, Any], *, digest: str) -> tuple[bytes, str]:
    """The sheet on paper, English and Korean side by side, with its digest as a QR code."""
    programme = str(content["publisher"]["en"])
    return figures_pdf(sheet_for_paper(content, programme=programme, digest=digest)), "application/pdf"


FILES: Mapping[str, Callable[..., tuple[bytes, str]]] = {"pdf": as_pdf, "csv": as_csv, "json": as_json}
