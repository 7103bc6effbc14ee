"""Individuals: the remains, with those rows merged that ``same_as`` joins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from homeward.errors import NotFound, UnequalCalls
from homeward.genetics.family import calls_of, genetic_sex
from homeward.genetics.lineage.evidence import Category, LineageEvidence, category_of, events_between
from homeward.genetics.locus import MarkerNames
from homeward.genetics.observation import UNTYPED, Observation, agree, calls_shown, together
from homeward.genetics.snp.observation import profiles_of
from homeward.genetics.snp.panel import panels
from homeward.programme import LineageKind, Programme, Remains, Sex
from homeward.tables import AMELOGENIN


@dataclass(frozen=True, eq=False, kw_only=True)
class Individual:
    """Remains presumed to be one individual: the rows that ``same_as`` joins, named by the first of them."""

    remains_id: str
    merged: tuple[str, ...]
    calls: Mapping[str, Observation]
    sex: Sex

    @property
    def markers_typed(self) -> int:
        return sum(marker != AMELOGENIN for marker in self.calls)


def individuals_of(
    programme: Programme, calls: Mapping[str, Mapping[str, Observation]] | None = None
) -> tuple[Individual, ...]:
    """The remains with those rows merged that ``same_as`` joins, in order of their names.

    ``calls`` are those of :func:`homeward.genetics.family.calls_of`, if they are known already.
    """
    rows = {row.remains_id: row for row in programme.remains}
    joined = {name: name for name in rows}

    def first(name: str) -> str:
        while joined[name] != name:
            name = joined[name]
        return name

    for row in programme.remains:
        if row.same_as:
            if row.same_as not in rows:
                raise NotFound(f"remains {row.remains_id}: same_as names {row.same_as}, which is not among the remains")
            a, b = sorted((first(row.remains_id), first(row.same_as)))
            joined[b] = a
    groups: dict[str, list[str]] = {}
    for name in sorted(rows):
        groups.setdefault(first(name), []).append(name)
    calls, known = calls_of(programme) if calls is None else calls, MarkerNames(programme.markers)
    evidence = LineageEvidence(programme)
    for names in groups.values():
        if len(names) > 1:
            _require_one_line(names, evidence)
    return tuple(_individual([rows[name] for name in names], calls, known) for _, names in sorted(groups.items()))


def joiner(programme: Programme) -> Callable[[Sequence[Individual]], Individual | None]:
    """What makes one individual of several, as if ``same_as`` joined their rows; None where they cannot be one."""
    rows = {row.remains_id: row for row in programme.remains}
    calls, known = calls_of(programme), MarkerNames(programme.markers)
    evidence = LineageEvidence(programme)
    profiles = profiles_of(programme) if programme.snp_profiles else {}
    of_population = panels(programme.snp_panel) if programme.snp_profiles else {}

    def join(individuals: Sequence[Individual]) -> Individual | None:
        names = sorted(name for one in individuals for name in one.merged)
        try:
            _require_one_line(names, evidence)
            for panel in of_population.values():
                panel.aligned([profile for name in names for profile in profiles.get(name, ())])
            return _individual([rows[name] for name in names], calls, known)
        except UnequalCalls:
            return None

    return join


def _require_one_line(names: Sequence[str], evidence: LineageEvidence) -> None:
    """Refuse rows whose haplotypes differ so much that laboratories exclude one person."""
    for kind, called in ((LineageKind.MITOCHONDRIAL, "mitochondrial DNA"), (LineageKind.Y, "Y chromosome")):
        told = [(name, one) for name in names for one in evidence.by_subject.get((kind, name), ())]
        for (first, one), (second, other) in combinations(told, 2):
            events = events_between(one, other, evidence.model)
            if first != second and category_of(kind, events) is Category.EXCLUSION:
                raise UnequalCalls(
                    f"remains {first} and {second} are said to be one individual (same_as), but their haplotypes of "
                    f"the {called} differ by {events}: correct one of them"
                )


def _individual(
    rows: Sequence[Remains], calls: Mapping[str, Mapping[str, Observation]], known: MarkerNames
) -> Individual:
    merged: dict[str, Observation] = {}
    shown_by: dict[str, str] = {}
    for row in rows:
        for marker, call in calls.get(row.remains_id, {}).items():
            before = merged.get(marker, UNTYPED)
            joint = together(before, call) if agree(before, call, silent=known.has_silent(marker)) else None
            if joint is None:
                raise UnequalCalls(
                    f"remains {shown_by[marker]} and {row.remains_id} are said to be one individual (same_as), "
                    f"but marker {marker} shows {_written(before)} and {_written(call)}: correct one of them"
                )
            merged[marker] = joint
            shown_by.setdefault(marker, row.remains_id)
    stated = {row.sex for row in rows} - {Sex.UNKNOWN}
    amelogenin = merged.get(AMELOGENIN)
    genetic = genetic_sex(amelogenin) if isinstance(amelogenin, tuple) else Sex.UNKNOWN
    if genetic is Sex.UNKNOWN and len(stated) > 1:
        names = " and ".join(row.remains_id for row in rows)
        raise UnequalCalls(f"remains {names} are said to be one individual (same_as) and have different sexes")
    sex = genetic if genetic is not Sex.UNKNOWN else next(iter(stated), Sex.UNKNOWN)
    return Individual(remains_id=rows[0].remains_id, merged=tuple(r.remains_id for r in rows), calls=merged, sex=sex)


def _written(observation: Observation) -> str:
    return ", ".join("/".join(call) for call in calls_shown(observation))
