"""The truth about an invented programme, in files of their own beside the folder. No analysis reads it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from homeward.errors import Fault, Rejected, WouldOverwrite
from homeward.programme import Place
from homeward.simulation.country import Lying
from homeward.simulation.world import Truth

_FIRST = ("remains_id", "hypothesis", "incident_id")
_LYING = ("person_id", "state", "lat", "lon", "scenario_id", "grave")


def write_truth(truth: Truth, path: Path) -> None:
    """Write who the remains really are: one row each, then both alleles of each marker as ``12/13``.

    Raises
    ------
    WouldOverwrite
        If there is a file already.
    """
    markers = list(dict.fromkeys(marker for genotype in truth.genotypes.values() for marker in genotype))
    _write(path, (*_FIRST, *markers), _rows(truth, markers))


def _rows(truth: Truth, markers: Sequence[str]) -> Iterator[Sequence[str]]:
    for remains_id in sorted(truth.hypotheses):
        genotype = truth.genotypes[remains_id]
        alleles = ["/".join(genotype[marker]) if marker in genotype else "" for marker in markers]
        yield [remains_id, truth.hypotheses[remains_id], truth.incidents[remains_id], *alleles]


def write_lying(lying: Mapping[str, Lying], path: Path) -> None:
    """Write where each of the missing really lies, one row each.

    Raises
    ------
    WouldOverwrite
        If there is a file already.
    """
    rows = (
        (
            person_id,
            one.state,
            "" if one.place is None else str(one.place.lat),
            "" if one.place is None else str(one.place.lon),
            one.scenario_id,
            one.grave,
        )
        for person_id, one in sorted(lying.items())
    )
    _write(path, _LYING, rows)


def read_lying(path: Path) -> dict[str, Lying]:
    """Read back what :func:`write_lying` wrote, for validation.

    Raises
    ------
    Rejected
        If the file has other columns.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        columns = tuple(rows.fieldnames or ())
        if columns != _LYING:
            raise Rejected([Fault(path.name, 1, "", ", ".join(columns), "does not say where people of a world lie")])
        return {
            row["person_id"]: Lying(
                state=row["state"],
                place=Place(lat=float(row["lat"]), lon=float(row["lon"])) if row["lat"] else None,
                scenario_id=row["scenario_id"],
                grave=row["grave"],
            )
            for row in rows
        }


def _write(path: Path, columns: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    if path.exists():
        raise WouldOverwrite(f"{path} exists already; move it or choose another name")
    half_done = path.with_name(path.name + ".part")
    try:
        with half_done.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows(rows)
        half_done.rename(path)
    finally:
        half_done.unlink(missing_ok=True)


def read_truth(path: Path) -> Truth:
    """Read back what :func:`write_truth` wrote, for validation.

    Raises
    ------
    Rejected
        If the file has other columns.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        columns = tuple(rows.fieldnames or ())
        if columns[: len(_FIRST)] != _FIRST:
            raise Rejected([Fault(path.name, 1, "", ", ".join(columns), "is no truth of an invented programme")])
        by_remains = {row["remains_id"]: row for row in rows}
    return Truth(
        hypotheses={remains_id: row["hypothesis"] for remains_id, row in by_remains.items()},
        incidents={remains_id: row["incident_id"] for remains_id, row in by_remains.items()},
        genotypes={
            remains_id: {
                marker: (alleles[0], alleles[-1])
                for marker in columns[len(_FIRST) :]
                if (alleles := row[marker].split("/")) != [""]
            }
            for remains_id, row in by_remains.items()
        },
    )
