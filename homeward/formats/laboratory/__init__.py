"""Files that laboratories have: recognised by what stands in them, and read with a reason for each row that is not.

To add a format: write its module with ``FORMAT = Format(name=..., title=..., is_one=..., read=...)`` and
name it in :data:`FORMATS`; a format that could be taken for a more general one stands before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from homeward.errors import Fault, NotFound, Rejected
from homeward.formats.laboratory import codis, familias, frequencytables, gedcom, genotypes, haplotypes, linkage, vcf
from homeward.formats.laboratory.exports import Writer
from homeward.formats.laboratory.familias_out import write_fam
from homeward.formats.laboratory.imports import PLAIN, Format, Import, Options, Start
from homeward.formats.laboratory.linkage_out import write_ped
from homeward.formats.laboratory.wide_out import write_wide

FORMATS: tuple[Format, ...] = (
    vcf.FORMAT,
    codis.FORMAT,
    gedcom.FORMAT,
    familias.FORMAT,
    frequencytables.BLOCKS,
    frequencytables.MATRIX,
    haplotypes.EMPOP,
    haplotypes.YHRD,
    genotypes.TALL,
    genotypes.WIDE,
    linkage.FORMAT,
)

readers: Mapping[str, Format] = MappingProxyType({one.name: one for one in FORMATS})
"""Every format that is read, by the name the command line knows."""

writers: Mapping[str, Writer] = MappingProxyType({"fam": write_fam, "ped": write_ped, "csv": write_wide})
"""Every format that is written, by the name the command line knows."""


def recognise(path: Path) -> str:
    """The name of a file's format, told from what stands in it.

    Raises
    ------
    Rejected
        If there is no file, or it is of no format that is read.
    """
    start = Start.of(path)
    for one in FORMATS:
        if one.is_one(start):
            return one.name
    known = ", ".join(one.title for one in FORMATS)
    raise Rejected(
        [
            Fault(
                path.name,
                None,
                "",
                "",
                "is of no format that is recognised by what stands in it.",
                f"Name it with --format. Read are: {known}.",
            )
        ]
    )


def read(path: Path, format: str = "", options: Options = PLAIN) -> Import:
    """Read a laboratory's file.

    Parameters
    ----------
    format : its name; empty recognises it

    Raises
    ------
    NotFound
        If no format has that name.
    Rejected
        If nothing of the file can be read. Rows that cannot are in the result's ``rejected``.
    """
    if format and format not in readers:
        raise NotFound(f"There is no format {format!r}; there is {', '.join(readers)}.")
    return readers[format or recognise(path)].read(path, options)
