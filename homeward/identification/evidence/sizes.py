"""What is known of the size of each individual: bones, or else the anthropologist's interval of stature."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from homeward.anthropology.bones import (
    POOLED,
    SAMPLE_MEAN_CM,
    SAMPLE_SD_CM,
    TROTTER_GLESER,
    Lengths,
    Reference,
    length_code,
    mean_lengths,
    reference,
    reference_group,
    trotter_gleser,
)
from homeward.anthropology.reading import Floats, Interval
from homeward.anthropology.stature import ERROR, log_size, read_bones
from homeward.identification.evidence.lines import Case
from homeward.identification.evidence.roster import MOST_TOLD, ROWS, parameter, parameters
from homeward.identification.result import Note
from homeward.programme import Sex
from homeward.tables import measurement_ranges

SEXES = (Sex.MALE, Sex.FEMALE)

Size = Callable[[int, int, Floats, Floats], Floats]
"""(sex, group, mean, variance of the true stature) -> ln P(size of one individual), of the shape of mean."""


def sizes(case: Case) -> tuple[Mapping[int, Size], list[Note]]:
    """Individual -> its size, where anything is known of it.

    Bones go before an interval of the same row: it is what someone made of them.
    """
    stated = {
        row.remains_id: Interval(low=row.stature_cm_low, high=row.stature_cm_high) for row in case.programme.remains
    }
    bones, impossible = _bones(case)
    references = _references(case) if bones else {}
    error = parameter(case, "stature", "error", ERROR)
    answer: dict[int, Size] = {}
    both = []
    for place, one in enumerate(case.individuals):
        found = mean_lengths([measured for name in one.merged for measured in bones.get(name, ())])
        both += [name for name in one.merged if name in bones and stated[name].says_something]
        intervals = [stated[name] for name in one.merged if name not in bones and stated[name].says_something]
        if found.cm or intervals:
            answer[place] = _size(found, intervals, references, error)
    return answer, list(_notes(case, both, impossible, references))


def _bones(case: Case) -> tuple[dict[str, list[tuple[str, float]]], list[str]]:
    """remains_id -> (code, millimetres) of its long bones; lengths that no adult has, which are left out."""
    specimens = {one.specimen_id: one for one in case.programme.specimens}
    answer: dict[str, list[tuple[str, float]]] = {}
    impossible = []
    for row in case.programme.measurements:
        specimen = specimens.get(row.specimen_id)
        code = length_code(row.code)
        if specimen is None or not specimen.remains_id or code is None:
            continue
        low, high = measurement_ranges()[code]
        if low <= row.mm <= high:
            answer.setdefault(specimen.remains_id, []).append((code, row.mm))
        else:
            impossible.append(f"{row.specimen_id} {row.code} {row.mm:g}")
    return answer, impossible


def _references(case: Case) -> dict[tuple[int, int], Reference]:
    """(sex, place of the population group) -> the regressions of its bones."""
    replaced = parameters(case, "stature")
    own = parameters(case, TROTTER_GLESER)
    answer = {}
    for k, sex in enumerate(SEXES):
        for place, population in enumerate(case.groups):
            group = reference_group(population)
            korean_war = None
            if own.get("used") and sex is Sex.MALE:
                mean, sd = own.get(f"{group}.mean", SAMPLE_MEAN_CM), own.get(f"{group}.sd", SAMPLE_SD_CM)
                korean_war = trotter_gleser(group, mean=mean, sd=sd)
            answer[k, place] = korean_war or reference(group, sex, replaced=replaced)
    return answer


def _size(
    found: Lengths, intervals: Sequence[Interval], references: Mapping[tuple[int, int], Reference], error: float
) -> Size:
    codes, lengths = tuple(found.cm), list(found.cm.values())
    readings = {key: read_bones(lengths, *one.of(codes)) for key, one in references.items()} if codes else {}

    def size(sex: int, group: int, mean: Floats, variance: Floats) -> Floats:
        bones = readings.get((sex, group))
        return log_size(bones, intervals, mean, variance, error=error, correlation=ROWS) + found.agreement

    return size


def _notes(
    case: Case, both: list[str], impossible: list[str], references: Mapping[tuple[int, int], Reference]
) -> Iterable[Note]:
    if impossible:
        yield Note(code="bones_out_of_range", values={"measurements": impossible[:MOST_TOLD]})
    if both:
        yield Note(code="stature_interval_unused", values={"remains": len(both)})
    pooled = sorted({case.groups[place] for (sex, place), one in references.items() if not sex and one.group == POOLED})
    if pooled:
        yield Note(code="bones_pooled", values={"groups": pooled})
    if any(not one.verified for one in references.values()):
        yield Note(code="unverified_parameters", values={"methods": [TROTTER_GLESER]})
