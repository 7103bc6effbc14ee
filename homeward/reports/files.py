"""The files of an identification: names and columns that other programs read.

``pairs.csv``, ``assignments.csv``, ``families.csv``, ``result.json`` and ``report.html`` appear
together or not at all: they are written in a directory beside the place asked for, which then takes
its name. Numbers are the shortest that read back as the same number.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from homeward.errors import WouldOverwrite
from homeward.identification.result import Candidate, Explanation, Floats, Identification, Integers, RemainsResult
from homeward.programme import Programme, Settings
from homeward.progress import Tick, silent
from homeward.reports.language import translations
from homeward.reports.since import Since, changes

FILES = ("pairs.csv", "assignments.csv", "families.csv", "result.json", "report.html")
PAIR_COLUMNS = ("remains_id", "person_id", "log10_lr", "log10_lr_all", "prior", "posterior", "label", "error")
BLOCK = 100_000  # rows written between two ticks


def write_identification(
    result: Identification,
    programme: Programme,
    out: Path,
    *,
    language: str = "en",
    replace: bool = False,
    since: Mapping[str, Any] | None = None,
    tick: Tick = silent,
) -> None:
    """Write the result files of an identification into the directory ``out``.

    Parameters
    ----------
    result : what :func:`homeward.identification.identify.identify` gave
    programme : the programme it was asked about
    out : the directory to make; the directories above it are made too
    language : of ``report.html``, ``en`` or ``ko``
    replace : whether an earlier result of Homeward in this place may be replaced
    since : what an earlier ``result.json`` tells (:func:`homeward.reports.since.read_earlier`): what changed since
        then is told too

    Raises
    ------
    WouldOverwrite
        If ``out`` holds anything but an earlier result, or holds one and ``replace`` is False.
    """
    from homeward.reports.html import report_html

    translations(language)
    refuse_to_overwrite(out, replace=replace)
    with appearing_whole(out) as place:
        _write_pairs(result, place / "pairs.csv", tick)
        if not result.assignments_absent:
            _write_assignments(result, place / "assignments.csv")
        _write_families(result, place / "families.csv")
        told = result_told(result)
        changed = None if since is None else changes(since, told)
        (place / "result.json").write_text(_json(told, changed), encoding="utf-8", newline="\n")
        tick("report", 0, 1)
        (place / "report.html").write_text(
            report_html(result, programme, language=language, since=changed), encoding="utf-8", newline="\n"
        )
        tick("report", 1, 1)
        refuse_to_overwrite(out, replace=replace)


def refuse_to_overwrite(
    out: Path, *, replace: bool, verb: str = "identify", names: Sequence[str] = FILES, told: str = "result.json"
) -> None:
    """Refuse a place that holds something which is not ours to replace.

    Parameters
    ----------
    verb, names : whose result may be replaced: what the file ``told`` says, and the files it consists of

    Raises
    ------
    WouldOverwrite
        If ``out`` is a file, a directory with anything but a result of Homeward, or such a
        result and ``replace`` is False. An empty directory is free.
    """
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir():
        raise WouldOverwrite(f"{out} is a file. Name a directory that does not exist yet.")
    if not any(out.iterdir()):
        return
    if not _is_result(out, verb, names, told):
        raise WouldOverwrite(f"{out} holds something that is not a result of Homeward. Name another directory.")
    if not replace:
        raise WouldOverwrite(f"{out} holds an earlier result. Name another directory, or ask to replace it.")


def _is_result(place: Path, verb: str, names: Sequence[str], told: str) -> bool:
    if any(path.name not in names or not path.is_file() for path in place.iterdir()):
        return False
    try:
        found = json.loads((place / told).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("provenance", {}).get("verb") == verb


@contextmanager
def appearing_whole(out: Path) -> Iterator[Path]:
    """A directory beside ``out`` that takes its place at the end, or vanishes if anything goes wrong."""
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".partial", dir=out.parent))
    try:
        yield place
        umask = os.umask(0)
        os.umask(umask)
        place.chmod(0o777 & ~umask)
        _take_place(place, out)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _take_place(place: Path, out: Path) -> None:
    earlier = place.with_suffix(".earlier")
    if out.exists():
        out.rename(earlier)
    try:
        place.rename(out)
    except BaseException:
        if earlier.exists():
            earlier.rename(out)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


# ---------- CSV ----------


def shortest(value: float) -> str:
    """The shortest text that reads back as this number; nothing for "no meaning".

    >>> shortest(0.1), shortest(2.0), shortest(float("-inf")), shortest(float("nan"))
    ('0.1', '2', '-inf', '')
    """
    if value != value:
        return ""
    return repr(value).removesuffix(".0")


def _cell(text: str) -> str:
    """One cell of a CSV file, quoted where it must be.

    >>> _cell("M-1"), _cell('a "b", c')
    ('M-1', '"a ""b"", c"')
    """
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def _numbers(values: Floats) -> list[str]:
    """A column of numbers as text. Equal numbers are written once: most columns repeat themselves."""
    distinct, which = np.unique(values, return_inverse=True)
    texts = np.array([shortest(value) for value in distinct.tolist()], dtype=object)
    column: list[str] = texts[which].tolist()
    return column


def _names(names: Sequence[str], which: Integers) -> list[str]:
    column: list[str] = np.array([_cell(name) for name in names], dtype=object)[which].tolist()
    return column


def _write_pairs(result: Identification, path: Path, tick: Tick) -> None:
    pairs = result.pairs
    count = len(pairs.remains)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(PAIR_COLUMNS) + "\n")
        for start in range(0, count, BLOCK):
            tick("pairs.csv", start, count)
            block = slice(start, start + BLOCK)
            columns = (
                _names(pairs.remains_ids, pairs.remains[block]),
                _names(pairs.hypotheses, pairs.hypothesis[block]),
                _numbers(pairs.log10_lr[block]),
                _numbers(pairs.log10_lr_all[block]),
                _numbers(pairs.prior[block]),
                _numbers(pairs.posterior[block]),
                _names([label.value for label in pairs.label], pairs.remains[block]),
                _numbers(pairs.error[block]),
            )
            file.write("\n".join(map(",".join, zip(*columns, strict=True))) + "\n")
    tick("pairs.csv", count, count)


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(",".join(header) + "\n")
        file.writelines(",".join(map(_cell, row)) + "\n" for row in rows)


def _write_assignments(result: Identification, path: Path) -> None:
    write_rows(
        path,
        ("rank", "posterior", "error", "remains_id", "hypothesis"),
        (
            (str(assignment.rank), shortest(assignment.posterior), shortest(assignment.error), remains_id, hypothesis)
            for assignment in result.assignments
            for remains_id, hypothesis in assignment.hypotheses.items()
        ),
    )


def _write_families(result: Identification, path: Path) -> None:
    write_rows(
        path,
        ("family_id", "members_typed", "missing", "log10_likelihood", "state", "marker", "reason"),
        (
            (
                family.family_id,
                ";".join(family.members_typed),
                ";".join(family.missing),
                "" if family.log10_likelihood is None else shortest(family.log10_likelihood),
                family.state,
                family.marker,
                family.reason,
            )
            for family in result.families
        ),
    )


# ---------- JSON ----------


def result_told(result: Identification) -> dict[str, Any]:
    """The whole result as ``result.json`` tells it."""
    whole = {
        "provenance": result.provenance.as_dict(),
        "settings": _settings(result.settings),
        "summary": {
            "remains": len(result.remains),
            "persons": sum(1 for name in result.pairs.hypotheses if _is_person(name)),
            "pairs": len(result.pairs.remains),
            "shares": {label.value: share for label, share in result.shares.items()},
            "median_width": result.median_width,
            "log10_evidence": result.log10_evidence,
            "log10_evidence_error": result.log10_evidence_error,
        },
        "remains": [_remains(remains) for remains in result.remains],
        "families": [_record(family) for family in result.families],
        "pairs": [_candidate(candidate) for candidate in result.candidates],
        "assignments_absent": result.assignments_absent,
        "symmetric": [_record(match) for match in result.symmetric],
        "undisputed": [_record(match) for match in result.undisputed],
        "identical": [{"remains_ids": [one, other], "log10_lr": log10_lr} for one, other, log10_lr in result.identical],
        "notes": [_record(note) for note in result.notes],
    }
    told: dict[str, Any] = _plain(whole)
    return told


def _json(told: Mapping[str, Any], changed: Since | None) -> str:
    """Each record on a line of its own, so that two results can be compared line by line."""
    whole = dict(told)
    if changed is not None:
        whole["since"] = _record(changed) | {"changed": [_record(one) for one in changed.changed]}
    parts = []
    for key, value in whole.items():
        if isinstance(value, list) and value:
            lines = ",\n  ".join(_compact(item) for item in value)
            parts.append(f"{json.dumps(key)}: [\n  {lines}\n ]")
        else:
            parts.append(f"{json.dumps(key)}: {_compact(value)}")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def _is_person(hypothesis: str) -> bool:
    from homeward.programme import NOT_LISTED, OTHER_LISTED, OUTSIDER

    return hypothesis not in (NOT_LISTED, OTHER_LISTED) and not hypothesis.startswith(OUTSIDER)


def _compact(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, separators=(", ", ": "))


def _plain(value: Any) -> Any:
    """What JSON can say: numbers without infinities, text, lists, objects."""
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


def _record(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def _settings(settings: Settings) -> dict[str, Any]:
    return _record(settings)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    record = _record(candidate)
    record = {("person_id" if key == "hypothesis" else key): value for key, value in record.items()}
    if not candidate.excluded:
        del record["excluded"]
    return record


def _remains(remains: RemainsResult) -> dict[str, Any]:
    record = _record(remains)
    record["best"] = _brief(remains.best)
    record["explanation"] = _explanation(remains.explanation)
    record["runner_up"] = None if remains.runner_up is None else _brief(remains.runner_up)
    return record


def _explanation(explanation: Explanation | None) -> dict[str, Any] | None:
    if explanation is None:
        return None
    separation = explanation.separation
    return _record(explanation) | {
        "lines": [_record(line) for line in explanation.lines],
        "separation": None if separation is None else _record(separation),
    }


def _brief(candidate: Candidate) -> dict[str, Any]:
    """A candidate without the parts of its likelihood ratio, which stand under ``pairs``."""
    return {key: value for key, value in _candidate(candidate).items() if key not in ("markers", "evidence")}
