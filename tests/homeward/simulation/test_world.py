"""An invented programme is the same from the same seed, has the stated shares, and no order tells who is who."""

from collections import Counter
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from homeward.errors import Nonsense
from homeward.formats.folder import read_programme, write_programme
from homeward.programme import NOT_OBSERVED, SampleKind, Sex
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.families import apportion, family_types
from homeward.simulation.scenario import FamilyType
from homeward.tables import AMELOGENIN, MutationRates

KOREA = scenarios()["korea"]
SMALL = scaled(KOREA, persons=400)


@pytest.fixture(scope="module")
def small():
    return simulate(SMALL, seed=5)


@pytest.fixture(scope="module")
def faithful():
    """A world without mutation and without failures."""
    still = MutationRates(female=0.0, male=0.0, rate2=0.0, range=0.1, source="none")
    return simulate(replace(SMALL, rates=still, reference_failure=0.0), seed=6)


def test_the_same_seed_makes_the_same_programme(small):
    programme, truth = small
    again, same_truth = simulate(SMALL, seed=5)
    assert repr(again) == repr(programme)
    assert same_truth.hypotheses == truth.hypotheses
    assert same_truth.genotypes == truth.genotypes


def test_another_seed_makes_another_programme(small):
    other, _ = simulate(SMALL, seed=6)
    assert repr(other.profiles) != repr(small[0].profiles)


def test_korea_has_the_published_sizes():
    assert (KOREA.persons, KOREA.boxes, KOREA.individuals) == (5300, 55, 250)
    lost = Counter()
    for incident in KOREA.incidents:
        lost[incident.group] += incident.scale
    # DPAA fact sheet 569604 and the totals of 2017, as in homeward/data/korea/README.md
    assert lost["Apex camps"] == 300
    assert lost["Camp 5"] == 550
    assert lost["Death Valley"] == 350
    assert lost["Suan camps"] == 225
    assert 1294 <= lost["Unsan and Chongchon"] <= 1600
    assert 598 <= lost["Chosin"] <= 1200
    assert lost["Demilitarized zone"] == 1000
    assert sum(lost.values()) == 5300


def test_everyone_on_the_roster_is_lost_in_an_incident_by_its_scale(small):
    programme, _ = small
    names = {incident.incident_id: incident.name for incident in programme.incidents}
    lost = Counter(names[person.incident_id] for person in programme.missing)
    expected = apportion(400, [incident.scale for incident in KOREA.incidents])
    assert [lost[incident.name] for incident in KOREA.incidents] == expected


def test_families_have_the_stated_shares_and_miss_as_many_as_the_roster():
    types = family_types(KOREA, np.random.default_rng(1))
    assert sum(family.missing for family in types) == 5300
    counts = Counter((family.missing, family.relatives) for family in types)
    for family in KOREA.families:
        assert counts[family.missing, family.relatives] / len(types) == pytest.approx(family.share, abs=1e-3)


def test_each_of_the_missing_stands_in_at_most_one_family(small):
    programme, _ = small
    in_families = [member.person_id for pedigree in programme.pedigrees for member in pedigree.missing]
    assert len(in_families) == len(set(in_families))
    assert set(in_families) <= set(programme.people)


def test_a_child_shares_an_allele_with_each_typed_parent_where_nothing_mutates(faithful):
    programme, _ = faithful
    calls = {profile.subject_id: profile.calls for profile in programme.profiles}
    compared = 0
    for pedigree in programme.pedigrees:
        for child in pedigree.members:
            for parent in {child.father_id, child.mother_id} & calls.keys() if child.member_id in calls else ():
                compared += 1
                for marker, _ in SMALL.kit:
                    assert set(calls[child.member_id][marker]) & set(calls[parent][marker])
    assert compared > 5


def test_remains_of_a_man_with_typed_children_share_an_allele_with_each_of_them(faithful):
    programme, truth = faithful
    calls = {profile.subject_id: profile.calls for profile in programme.profiles}
    remains_of = {hypothesis: remains_id for remains_id, hypothesis in truth.hypotheses.items()}
    members = {m.person_id: (pedigree, m) for pedigree in programme.pedigrees for m in pedigree.missing}
    compared = 0
    for person_id in remains_of.keys() & members.keys():
        pedigree, father = members[person_id]
        for child in pedigree.members:
            if child.father_id == father.member_id and child.member_id in calls:
                compared += 1
                for marker, alleles in truth.genotypes[remains_of[person_id]].items():
                    assert set(calls[child.member_id][marker]) & set(alleles)
    assert compared > 0


def test_what_the_laboratory_sees_of_remains_is_true(small):
    programme, truth = small
    seen = [profile for profile in programme.profiles if profile.subject_id in truth.genotypes]
    assert any(NOT_OBSERVED in call for profile in seen for call in profile.calls.values())
    for profile in seen:
        for marker, call in profile.calls.items():
            if marker != AMELOGENIN:
                assert set(call) - {NOT_OBSERVED} <= set(truth.genotypes[profile.subject_id][marker])


def test_a_profile_and_its_row_of_remains_have_one_sex(small):
    programme, _ = small
    calls = {profile.subject_id: profile.calls for profile in programme.profiles}
    for row in programme.remains:
        if row.remains_id in calls:
            assert (calls[row.remains_id][AMELOGENIN] == ("X", "X")) == (row.sex is Sex.FEMALE)


def test_the_missing_gave_no_sample_unless_it_is_called_direct(small):
    programme, _ = small
    missing = {member.member_id for pedigree in programme.pedigrees for member in pedigree.missing}
    for sample in programme.samples:
        assert (sample.subject_id in missing) == (sample.kind is SampleKind.DIRECT)


def test_nobody_is_in_two_sets_of_remains(small):
    _, truth = small
    listed = [who for who in truth.hypotheses.values() if who.startswith("K-")]
    assert len(listed) == len(set(listed))


def test_individuals_are_listed_or_not_with_the_chances_of_the_prior():
    _, truth = simulate(replace(KOREA, persons=3000, boxes=300, individuals=3000), seed=7)
    kinds = Counter(who if not who.startswith("K-") else "listed" for who in truth.hypotheses.values())
    people = kinds.total()
    for kind, chance in (("listed", 0.62), ("not_listed", 0.05), ("outsider:south_korean", 0.33)):
        five_sigma = 5 * (chance * (1 - chance) / people) ** 0.5
        assert kinds[kind] / people == pytest.approx(chance, abs=five_sigma)


def test_the_number_of_a_person_does_not_tell_who_is_found_or_who_has_relatives():
    programme, truth = simulate(scaled(KOREA, persons=2000), seed=3)
    order = [person.person_id for person in programme.missing]
    typed = {profile.subject_id for profile in programme.profiles}
    with_relatives = {
        member.person_id
        for pedigree in programme.pedigrees
        if any(other.member_id in typed for other in pedigree.members)
        for member in pedigree.missing
    }
    for chosen in (set(truth.hypotheses.values()) & set(order), with_relatives):
        ranks = np.array([i for i, person_id in enumerate(order) if person_id in chosen])
        # mean rank of k of n drawn at random: (n - 1) / 2, variance (n - k)(n + 1) / 12k
        n, k = len(order), len(ranks)
        assert abs(ranks.mean() - (n - 1) / 2) < 4 * ((n - k) * (n + 1) / (12 * k)) ** 0.5


def test_the_missing_member_stands_anywhere_in_his_family(small):
    programme, _ = small
    places = [
        (pedigree.members.index(member) + 0.5) / len(pedigree.members)
        for pedigree in programme.pedigrees
        for member in pedigree.missing
    ]
    assert np.mean(places) == pytest.approx(0.5, abs=4 * (1 / 12 / len(places)) ** 0.5)


def test_rows_stand_in_the_order_of_their_shuffled_identifiers(small):
    programme, _ = small
    assert [p.person_id for p in programme.missing] == sorted(p.person_id for p in programme.missing)
    assert [s.sample_id for s in programme.samples] == sorted(s.sample_id for s in programme.samples)
    assert [r.remains_id for r in programme.remains] == sorted(r.remains_id for r in programme.remains)
    assert [f.family_id for f in programme.pedigrees] == sorted(f.family_id for f in programme.pedigrees)


def test_nobody_was_lost_before_or_after_the_incident_or_born_after_it(small):
    programme, _ = small
    for person in programme.missing:
        assert person.birth_date.latest < person.lost_on.earliest
        assert date(1950, 6, 25) <= person.lost_on.earliest <= date(1953, 7, 27)
        assert person.service_number.startswith("INVENTED-")


def test_one_dog_tag_came_with_the_boxes(small):
    programme, _ = small
    claimed = [row.claimed_person for row in programme.remains if row.claimed_person]
    assert len(claimed) == 1
    assert claimed[0] in programme.people


def test_progress_is_told_and_may_stop_the_work():
    stages = []
    simulate(scaled(KOREA, persons=60), seed=1, tick=lambda stage, done, total: stages.append(stage))
    assert list(dict.fromkeys(stages)) == ["families", "markers", "records"]


def test_shares_that_do_not_sum_to_one_are_refused():
    with pytest.raises(Nonsense, match="sum to"):
        replace(KOREA, listed_share=0.9)


def test_fewer_missing_than_individuals_are_refused():
    with pytest.raises(Nonsense, match="individuals"):
        replace(KOREA, persons=100)


def test_an_unknown_kind_of_relative_is_refused():
    with pytest.raises(Nonsense, match="neighbour"):
        FamilyType(share=1.0, missing=1, relatives=(("neighbour", 1),))


def test_an_invented_programme_is_written_as_a_folder_and_read_back_without_a_fault(small, tmp_path):
    programme, _ = small
    write_programme(programme, tmp_path / "invented")
    reading = read_programme(tmp_path / "invented")
    assert reading.rejected == ()
    assert replace(reading.programme, digest="") == replace(programme, digest="")
