"""The remains of a scan: for each population, which row each of them shows at each marker."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from homeward.formats.scanfiles import RATES, ScanSet, firsts, observed, open_set, read_call
from homeward.genetics.family import calls_of, genetic_sex
from homeward.genetics.locus import Loci, MarkerNames, prepare_loci
from homeward.genetics.observation import Observation
from homeward.genetics.scoring import Seen
from homeward.programme import PriorKind, SampleKind, Settings, Sex
from homeward.scan.plan import ScanPlan
from homeward.scan.prefilter import Layout, lay_out, neighbourly, width_of, with_levels
from homeward.tables import AMELOGENIN

SEXES = (Sex.MALE, Sex.FEMALE)


@dataclass(frozen=True, eq=False)
class Shown:
    """What all remains show, marker by marker.

    Parameters
    ----------
    remains : how many there are
    calls : marker -> its distinct calls
    codes : marker -> (remains,) 1 + place of the call, 0 where not typed
    sex : (remains,) 0 unknown, 1 man, 2 woman: by amelogenin, else as stated
    """

    remains: int
    calls: Mapping[str, tuple[Observation, ...]]
    codes: Mapping[str, Any]
    sex: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Context:
    """What every block of a scan needs: prepared once in a process."""

    opened: ScanSet
    loci: Mapping[str, Loci]
    shown: Shown
    sexed: bool
    layouts: dict[str, tuple[Seen, Layout]]
    leveled: dict[str, Layout]

    def layout(self, population: str) -> tuple[Seen, Layout]:
        """The rows of a population's markers, and which of them each remains shows."""
        if population not in self.layouts:
            self.layouts[population] = _layout(self.loci[population], self.shown, self.sexed)
        return self.layouts[population]

    def levels(self, population: str) -> Layout:
        """The layout of a population in which each remains has a level of its own, which changes."""
        if population not in self.leveled:
            self.leveled[population] = with_levels(self.layout(population)[1])
        return self.leveled[population]


def context(plan: ScanPlan) -> Context:
    """The loci and the remains of a plan, prepared once in a process."""
    return _context(plan.path, plan.digest, plan.alleles, plan.sex is not None)


@lru_cache(maxsize=1)
def _context(path: Path, digest: str, alleles: tuple[tuple[str, tuple[str, ...]], ...], sexed: bool) -> Context:
    opened = open_set(path)
    loci = prepare_loci(opened.programme, seen=dict(alleles))
    return Context(opened, loci, read_remains(opened), sexed, {}, {})


def read_remains(opened: ScanSet) -> Shown:
    """Read what all remains show; several samples of one are merged as everywhere."""
    rows = opened.remains
    names = MarkerNames(opened.programme.markers)
    by_hand = _by_hand(opened)
    calls: dict[str, tuple[Observation, ...]] = {}
    codes: dict[str, Any] = {}
    heads = np.flatnonzero(firsts(rows.read(0, rows.count, ["remains_id"])["remains_id"].combine_chunks()))
    for column in rows.markers:
        marker = names(column)
        if not names.compared(marker):
            continue
        of_row, known = _coded(rows.read(0, rows.count, [column])[column])
        of_remains = of_row[heads]
        for remains, of_subject in by_hand.items():
            call = of_subject.get(marker)
            of_remains[remains] = 0 if call is None else known.setdefault(call, len(known) + 1)
        calls[marker], codes[marker] = tuple(known), of_remains.astype(width_of(len(known)))
    return Shown(len(heads), calls, codes, _sexes(opened, heads, by_hand))


def _sexes(opened: ScanSet, heads: Any, by_hand: Mapping[int, Mapping[str, Observation]]) -> npt.NDArray[np.int64]:
    """0 unknown, 1 man, 2 woman: what amelogenin shows, else what is stated."""
    rows, names = opened.remains, MarkerNames(opened.programme.markers)
    stated = rows.read(0, rows.count, ["sex"])
    known = [None, *(sex.value for sex in SEXES)]
    sex = np.zeros(len(heads), dtype=np.int64)
    if stated.num_columns:
        sex = np.array([known.index(word) if word in known else 0 for word in stated["sex"].take(heads).to_pylist()])
    for column in rows.markers:
        if names(column) == AMELOGENIN:
            of_row, calls = _coded(rows.read(0, rows.count, [column])[column])
            by_code = np.array([0, *(_shown(call) for call in calls)])
            genetic = by_code[of_row[heads]]
            for remains, of_subject in by_hand.items():
                genetic[remains] = _shown(of_subject.get(AMELOGENIN))
            sex = np.where(genetic > 0, genetic, sex)
    return sex


def _shown(call: Observation | None) -> int:
    sex = genetic_sex(call) if isinstance(call, tuple) else Sex.UNKNOWN
    return 0 if sex is Sex.UNKNOWN else 1 + SEXES.index(sex)


def _by_hand(opened: ScanSet) -> dict[int, Mapping[str, Observation]]:
    """Number of a remains with several samples, or one with rates of its own -> what they show together."""
    rows = opened.remains
    table = rows.read(0, rows.count, ["remains_id", *RATES])
    first = firsts(table["remains_id"].combine_chunks())
    number = np.cumsum(first) - 1
    apart = ~first | with_rates(table, opened)
    found: dict[int, Mapping[str, Observation]] = {}
    for remains in np.unique(number[apart]).tolist():
        start, stop = np.searchsorted(number, [remains, remains + 1]).tolist()
        own = rows.read(start, stop).to_pylist()
        samples, profiles = observed(own, "remains_id", rows.markers, SampleKind.REMAINS)
        programme = replace(opened.programme, samples=samples, profiles=profiles)
        found[remains] = calls_of(programme).get(own[0]["remains_id"], {})
    return found


def with_rates(table: pa.Table, opened: ScanSet) -> Any:
    """Rows that cannot be read as plain calls: rates of drop-out, drop-in or typing errors are stated, (row,)."""
    settings = opened.programme.settings
    if settings.dropout or settings.dropin or settings.typing_error:
        return np.ones(table.num_rows, dtype=bool)
    stated = np.zeros(table.num_rows, dtype=bool)
    for name in RATES:
        if name in table.column_names:
            stated |= pc.fill_null(table[name], 0.0).to_numpy() > 0
    return stated


def _coded(column: pa.ChunkedArray) -> tuple[Any, dict[Observation, int]]:
    """Each row's call as a number, 0 without one; and the calls. 12/14 and 14/12 are one."""
    known: dict[Observation, int] = {}
    parts = [np.zeros(0, np.int32)]
    for chunk in column.chunks:
        of_text = np.zeros(len(chunk.dictionary) + 1, dtype=np.int32)
        for place, text in enumerate(chunk.dictionary.to_pylist()):
            call = read_call(text)
            if call is not None and set(call) != {"?"}:
                first, second = sorted(call)
                of_text[place] = known.setdefault((first, second), len(known) + 1)
        places = pc.fill_null(chunk.indices, len(chunk.dictionary)).to_numpy()
        parts.append(of_text[places])
    return np.concatenate(parts), known


def _layout(loci: Loci, shown: Shown, sexed: bool) -> tuple[Seen, Layout]:
    """Rows of one population: those of :class:`Seen` for as many invented remains as there are distinct calls.

    What is seen at two linked markers is one thing that is seen.
    """
    parts = [_distinct([locus.marker for locus in part], shown) for part in loci.independent]
    most = max((len(calls) for calls, _ in parts), default=0)
    invented: list[dict[str, Observation]] = [{} for _ in range(most)]
    for calls, _ in parts:
        for one, shows in zip(invented, calls, strict=False):
            one.update(shows)
    seen = Seen(loci, invented)
    rows = len(seen.calls) + 1
    codes = np.zeros((shown.remains, len(seen.loci) + sexed), dtype=width_of(rows + sexed * len(SEXES)))
    places = {locus.marker: place for place, locus in enumerate(seen.loci)}
    for (calls, of_remains), part in zip(parts, loci.independent, strict=True):
        for locus in part:
            place = places[locus.marker]
            row_of_code = np.concatenate([[0], seen.codes[: len(calls), place]]).astype(codes.dtype)
            codes[:, place] = row_of_code[of_remains]
    marker_of_row = [-1, *(index for index, _ in seen.calls)]
    if sexed:  # one more marker, whose rows stand behind those of ``Seen``
        codes[:, -1] = np.where(shown.sex > 0, rows + shown.sex - 1, 0)
        marker_of_row += [len(seen.loci)] * len(SEXES)
    return seen, neighbourly(lay_out(codes, np.array(marker_of_row, dtype=np.int64)))


def _distinct(markers: Sequence[str], shown: Shown) -> tuple[list[dict[str, Observation]], npt.NDArray[np.integer]]:
    """What is seen at one marker, or at two together: each once; and for each remains 1 + its place, 0 for nothing."""
    known = [marker for marker in markers if marker in shown.codes]
    if not known:
        return [], np.zeros(shown.remains, dtype=np.int64)
    if len(known) == 1:
        (marker,) = known
        return [{marker: call} for call in shown.calls[marker]], shown.codes[marker]
    first, second = known
    width = len(shown.calls[second]) + 1
    pairs, of_remains = np.unique(
        np.append(0, shown.codes[first].astype(np.int64) * width + shown.codes[second]), return_inverse=True
    )
    calls = [
        {marker: shown.calls[marker][code - 1] for marker, code in zip(known, divmod(pair, width), strict=True) if code}
        for pair in pairs[1:].tolist()  # the first is nothing at either, which was put there
    ]
    return calls, of_remains[1:]


def sex_rows(settings: Settings, men: float, of_slots: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The natural log likelihood ratio of remains that show a man, or a woman, (2, slot).

    Parameters
    ----------
    men : their share of the missing whose sex is known
    of_slots : (slot,) 0 unknown, 1 man, 2 woman

    Notes
    -----
    As in :mod:`homeward.identification.problem`: seen wrongly with ``sex_error``, and bounded like all evidence
    but DNA. Where the prior is flat, the other sex is impossible.
    """
    rows = np.zeros((len(SEXES), len(of_slots)))
    for row, share in enumerate((men, 1 - men)):
        same, other = of_slots == row + 1, of_slots == 2 - row
        if settings.prior is PriorKind.FLAT:
            rows[row, other] = -np.inf
            continue
        error, bound = settings.sex_error, settings.bound
        expected = share * (1 - error) + (1 - share) * error
        if expected > 0:
            rows[row, same] = math.log(min(max((1 - error) / expected, bound), 1 / bound))
            rows[row, other] = math.log(min(max(error / expected, bound), 1 / bound))
    return rows
