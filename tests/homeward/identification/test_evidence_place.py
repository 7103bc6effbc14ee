"""Where remains were found, tags of boxes and recorded comparisons, as lines of evidence."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import NotFound
from homeward.identification.evidence import combine, material, place
from homeward.identification.evidence.lines import Case, Line
from homeward.identification.evidence.material import log_tag_ratio
from homeward.identification.evidence.verdicts import weigher
from homeward.identification.individuals import individuals_of
from homeward.programme import (
    Incident,
    MissingPerson,
    Place,
    Programme,
    Remains,
    Settings,
    Sex,
    Verdict,
    VerdictKind,
    VerdictRate,
)

SEOUL, PUSAN = Place(lat=37.5665, lon=126.978), Place(lat=35.1796, lon=129.0756)


def case_of(
    remains: Sequence[Remains], persons: Sequence[MissingPerson], outsiders: Sequence[str] = (), **more: object
) -> Case:
    """Everyone of one population group; settings are named as in ``Settings``."""
    named = {name: more.pop(name) for name in list(more) if name in Settings.__dataclass_fields__}
    programme = Programme(settings=Settings(name="x", **named), remains=tuple(remains), missing=tuple(persons), **more)  # type: ignore[arg-type]
    alternatives = ("not_listed", *(f"outsider:{name}" for name in outsiders))
    return Case(
        programme=programme,
        individuals=individuals_of(programme),
        persons=tuple(persons),
        sexes=(Sex.UNKNOWN,) * len(persons),
        alternatives=alternatives,
        groups=("north",),
        group_of=np.zeros(len(persons), dtype=np.intp),
        group_weights=np.ones((len(alternatives), 1)),
    )


def ratios(line: Line, case: Case) -> np.ndarray:
    return np.exp(combine([line], case).log_evidence)


# --- place ---


def test_a_distance_is_the_great_circle_of_the_atlas():
    # Seoul to Busan: 325 km
    assert place.distances_km([SEOUL], [PUSAN])[0, 0] == pytest.approx(325.1, abs=0.5)


def test_the_kernel_is_a_circular_normal_whose_radii_add_in_squares():
    find, lost = Place(lat=40, lon=127, radius_m=6000), Place(lat=40, lon=127, radius_m=8000)
    sigma2 = (24.0**2 + 6**2 + 8**2) / 4

    assert place.log_kernel([find], [lost], 24.0)[0, 0] == pytest.approx(-math.log(2 * math.pi * sigma2), rel=1e-14)


def test_the_kernel_integrates_to_one_over_the_plane():
    # rings of 0.1 km around the loss
    radii = np.arange(0.05, 60, 0.1)
    finds = [Place(lat=0.0, lon=math.degrees(r / place.EARTH_KM)) for r in radii]
    density = np.exp(place.log_kernel(finds, [Place(lat=0.0, lon=0.0)], 20.0)[:, 0])

    assert (density * 2 * np.pi * radii * 0.1).sum() == pytest.approx(1, abs=1e-4)


def lost_at(person_id: str, where: Place | None) -> MissingPerson:
    return MissingPerson(person_id=person_id, last_seen=where)


def test_who_was_lost_where_the_remains_were_found_gains_and_the_other_is_left_with_the_floor():
    persons = [lost_at("a", SEOUL), lost_at("b", PUSAN)]
    case = case_of([Remains(remains_id="r", found=SEOUL)], persons, place_floor=0.2)

    found = place.weigh(case)
    got = ratios(found, case)[0]

    # the roster's average kernel is half of a's; the even share of the background is small beside it
    assert got[0] == pytest.approx((0.8 + 0.2 * 0.45) / (0.8 * 0.5 + 0.2 * 0.45), rel=1e-3)
    assert got[1] == pytest.approx(0.2 * 0.45 / (0.8 * 0.5 + 0.2 * 0.45), rel=1e-3)
    assert got[2] == 1


@settings(max_examples=40, deadline=None)
@given(
    lats=st.lists(st.floats(33, 43), min_size=2, max_size=8),
    find=st.tuples(st.floats(33, 43), st.floats(124, 131)),
    floor=st.floats(0, 1),
)
def test_over_a_roster_whose_places_are_known_the_mean_ratio_is_one(lats, find, floor):
    persons = [lost_at(f"p{k}", Place(lat=lat, lon=124 + k)) for k, lat in enumerate(lats)]
    case = case_of([Remains(remains_id="r", found=Place(lat=find[0], lon=find[1]))], persons, place_floor=floor)

    line = place.weigh(case)

    assert np.exp(line.listed - line.general[:, 0]).mean() == pytest.approx(1, rel=1e-9)


def test_whose_place_is_not_known_is_as_the_roster():
    persons = [lost_at("a", SEOUL), lost_at("b", None)]
    case = case_of([Remains(remains_id="r", found=SEOUL)], persons)

    line = place.weigh(case)

    assert ratios(line, case)[0, 1] == 1
    assert [note.code for note in line.notes] == ["place_unknown"]


def test_the_incident_stands_in_for_where_someone_was_last_seen():
    persons = [MissingPerson(person_id="a", incident_id="i"), lost_at("b", PUSAN)]
    case = case_of([Remains(remains_id="r", found=SEOUL)], persons, incidents=(Incident(incident_id="i", place=SEOUL),))

    assert ratios(place.weigh(case), case)[0, 0] > 1


def test_far_from_every_loss_the_place_says_nothing():
    persons = [lost_at("a", SEOUL), lost_at("b", PUSAN)]
    case = case_of([Remains(remains_id="r", found=Place(lat=-33.9, lon=151.2))], persons)

    assert ratios(place.weigh(case), case)[0] == pytest.approx(1)


def test_without_a_find_that_has_a_place_there_is_no_line():
    assert place.weigh(case_of([Remains(remains_id="r")], [lost_at("a", SEOUL)])) is None


# --- material ---


def test_a_tag_in_a_box_of_one_is_worth_what_the_formula_says():
    persons = [MissingPerson(person_id=f"p{k}") for k in range(100)]
    remains = [Remains(remains_id="r", container_id="B", claimed_person="p7")]
    case = case_of(remains, persons, tag_reliability=0.25)

    got = material.weigh(case)

    assert math.exp(got.listed[0, 7]) == pytest.approx(0.25 * 99 / 0.75)
    assert not np.delete(got.listed[0], 7).any()
    assert not got.general.any()


@settings(max_examples=60, deadline=None)
@given(reliability=st.floats(0.01, 0.99), roster=st.integers(3, 50), individuals=st.integers(1, 6))
def test_the_factor_is_exact_for_every_way_to_fill_a_box(reliability, roster, individuals):
    """P(tag names t | who is in the box), counted tag by tag, is the product of the factors up to a constant."""
    wrong = (1 - reliability) / (roster - 1)
    with_t = (reliability + (individuals - 1) * wrong) / individuals

    assert log_tag_ratio(reliability, roster, individuals) == pytest.approx(math.log(with_t / wrong), abs=1e-12)


def test_a_tag_speaks_of_everyone_in_its_box_and_of_nobody_in_another():
    persons = [MissingPerson(person_id=f"p{k}") for k in range(10)]
    remains = [
        Remains(remains_id="r1", container_id="B", claimed_person="p1"),
        Remains(remains_id="r2", container_id="B"),
        Remains(remains_id="r3", container_id="C"),
    ]
    got = material.weigh(case_of(remains, persons)).listed[:, 1]

    assert got[0] == got[1] == log_tag_ratio(0.5, 10, 2)
    assert got[2] == 0


def test_effects_and_a_tag_about_one_pair_count_once():
    persons = [MissingPerson(person_id=f"p{k}") for k in range(10)]
    case = case_of(
        [Remains(remains_id="r", container_id="B", claimed_person="p1")],
        persons,
        verdicts=(Verdict(remains_id="r", about="p1", kind=VerdictKind.EFFECTS, method="ring", verdict="his"),),
        verdict_rates=(
            VerdictRate(kind=VerdictKind.EFFECTS, method="ring", verdict="his", if_same=0.5, if_different=0.001),
        ),
    )
    got = material.weigh(case)

    assert math.exp(got.listed[0, 1]) == pytest.approx(500)
    assert [note.code for note in got.notes] == ["material_once"]


# --- recorded comparisons ---


def radiograph(about: str, rank: int) -> Verdict:
    return Verdict(
        remains_id="r", about=about, kind=VerdictKind.RADIOGRAPH, method="clavicle", rank=rank, list_size=400
    )


def test_a_place_in_a_list_is_worth_what_the_study_found():
    persons = [MissingPerson(person_id=name) for name in "abc"]
    case = case_of([Remains(remains_id="r")], persons, verdicts=(radiograph("a", 20), radiograph("b", 21)))

    got = weigher(VerdictKind.RADIOGRAPH)(case)

    assert np.exp(got.listed[0]) == pytest.approx([15, 0.2631578947, 1])
    assert weigher(VerdictKind.TRAUMA)(case) is None


def test_an_origin_supports_its_group_of_outsiders():
    case = case_of(
        [Remains(remains_id="r")],
        [MissingPerson(person_id="a")],
        ["belmar"],
        verdicts=(
            Verdict(remains_id="r", about="outsider:belmar", kind=VerdictKind.ISOTOPE, method="O18", verdict="in"),
        ),
        verdict_rates=(
            VerdictRate(kind=VerdictKind.ISOTOPE, method="O18", verdict="in", if_same=0.95, if_different=0.05),
        ),
    )
    got = weigher(VerdictKind.ISOTOPE)(case)

    assert ratios(got, case)[0] == pytest.approx([1, 1, 19])


def test_two_examiners_of_one_comparison_count_once():
    verdicts = tuple(
        Verdict(remains_id="r", about="a", kind=VerdictKind.TRAUMA, method="m", verdict=word, examiner=who)
        for who, word in (("x", "yes"), ("y", "no"))
    )
    rates = tuple(
        VerdictRate(kind=VerdictKind.TRAUMA, method="m", verdict=word, if_same=same, if_different=1 - same)
        for word, same in (("yes", 0.8), ("no", 0.2))
    )
    case = case_of([Remains(remains_id="r")], [MissingPerson(person_id="a")], verdicts=verdicts, verdict_rates=rates)
    got = weigher(VerdictKind.TRAUMA)(case)

    assert math.exp(got.listed[0, 0]) == pytest.approx(1)
    assert got.notes[0].values["remains"] == ["r"]


def test_a_verdict_without_a_rate_is_refused_with_what_to_do():
    verdict = Verdict(remains_id="r", about="a", kind=VerdictKind.OTHER, method="m", verdict="perhaps")
    case = case_of([Remains(remains_id="r")], [MissingPerson(person_id="a")], verdicts=(verdict,))

    with pytest.raises(NotFound, match=r"'perhaps' has no known rate.*verdict_rates\.csv"):
        weigher(VerdictKind.OTHER)(case)
