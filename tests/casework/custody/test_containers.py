"""A container's life is what its events say; nothing is rewritten, and no number is given twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from casework.custody import actions, queries
from casework.custody.life import State
from casework.custody.models import Container, CustodyEvent, Item, Seal
from casework.journal.models import Record
from casework.parties.refusal import Refused

pytestmark = pytest.mark.django_db


def refusal(act, **values) -> str:
    with pytest.raises(Refused) as refused, transaction.atomic():
        act(**values)
    return refused.value.code


def test_a_hundred_cases_are_entered_in_one_act_and_journalled_as_one(cases):
    cases("C-001 to C-100")

    assert Container.objects.count() == 100
    assert Record.objects.first().verb == "custody.enter_containers"
    assert Record.objects.first().object == "container:C-001 + 99"


@pytest.mark.parametrize("again", ["C-001", "c 001", "C_001"])
def test_a_number_is_never_given_again_however_it_is_set(cases, keeper, again):
    (old,) = cases("C-001")

    with pytest.raises(Refused) as refused:
        actions.enter_containers(by=keeper, numbers=[again])

    assert refused.value.code == "number-used"
    assert refused.value.about["old"] == old


def test_the_number_of_a_voided_container_stays_its_own(cases, keeper):
    (old,) = cases("C-001")
    actions.void_container(by=keeper, container=old, reason="entered twice")

    assert refusal(actions.enter_containers, by=keeper, numbers=["C-001"]) == "number-used"
    assert queries.container(old.pk, by=keeper).void_reason == "entered twice"


def test_two_parties_may_have_the_same_number(cases, admit, belmar):
    cases("C-001")

    actions.enter_containers(by=admit(belmar, "custodian"), numbers=["C-001"])

    assert Container.objects.filter(key="c-001").count() == 2


def test_packing_sealing_and_opening_take_a_container_through_its_life(cases, remains, keeper):
    (case,) = cases()
    actions.pack(by=keeper, container=case, items=[remains()])
    actions.seal(by=keeper, container=case, numbers=["BL 77102", "BL 77103"])
    case.refresh_from_db()
    assert case.state == State.SEALED

    first, second = case.seals.all()
    actions.open_container(by=keeper, container=case, conditions={first.pk: "whole", second.pk: "broken"})

    case.refresh_from_db()
    second.refresh_from_db()
    assert case.state == State.OPENED
    assert second.condition == "broken"
    assert not Seal.objects.filter(broken_at=None).exists()
    assert [event.kind for event in case.events.order_by("pk")] == [
        "entered",
        "packed",
        "sealed",
        "sealed",
        "opened",
        "opened",
    ]


def test_an_empty_case_is_not_sealed_and_a_sealed_one_not_packed(cases, remains, keeper):
    (case,) = cases()
    assert refusal(actions.seal, by=keeper, container=case, numbers=["BL 1"]) == "not-now"

    actions.pack(by=keeper, container=case, note="as described")
    actions.seal(by=keeper, container=case, numbers=["BL 1"])

    assert refusal(actions.pack, by=keeper, container=case, items=[remains()]) == "not-now"
    assert refusal(actions.enter_item, by=keeper, number="X-1", kind="effect", container=case) == "open-first"


def test_a_seal_is_used_once(cases, keeper):
    one, other = cases("C-001, C-002")
    for case in (one, other):
        actions.pack(by=keeper, container=case)
    actions.seal(by=keeper, container=one, numbers=["BL 77102"])

    with pytest.raises(Refused) as refused:
        actions.seal(by=keeper, container=other, numbers=["bl-77102"])

    assert refused.value.code == "seal-used"
    assert refused.value.about["old"] == one


def test_opening_says_of_every_seal_how_it_was_found(cases, keeper):
    (case,) = cases()
    actions.pack(by=keeper, container=case)
    actions.seal(by=keeper, container=case, numbers=["BL 1"])

    assert refusal(actions.open_container, by=keeper, container=case, conditions={}) == "seal-not-looked-at"


def test_weights_are_kept_one_after_another_and_the_last_standing_is_shown(cases, keeper):
    (case,) = cases()
    actions.weigh(by=keeper, container=case, weight_g=6400, scale="Observer’s")
    wrong = actions.weigh(by=keeper, container=case, weight_g=64000)
    assert queries.with_weight(queries.containers(by=keeper)).get().weight_g == 64000

    actions.void_event(by=keeper, event=wrong.event, reason="a nought too many")

    assert queries.with_weight(queries.containers(by=keeper)).get().weight_g == 6400
    assert case.weighings.count() == 2


def test_a_lost_container_turns_up_again(cases, keeper):
    (case,) = cases()
    actions.declare_lost(by=keeper, container=case, note="not on its shelf")
    assert refusal(actions.pack, by=keeper, container=case) == "is-lost"

    actions.found_again(by=keeper, container=case, state=State.ISSUED, store="Tol depot", place="B2")

    case.refresh_from_db()
    assert (case.state, case.place) == (State.ISSUED, "B2")


def test_a_voided_event_stays_in_the_history_and_the_state_is_as_if_it_had_not_been(cases, remains, keeper):
    (case,) = cases()
    item = remains()
    actions.pack(by=keeper, container=case, items=[item])
    packed = case.events.get(kind="packed")

    actions.void_event(by=keeper, event=packed, reason="another case")

    case.refresh_from_db()
    item.refresh_from_db()
    assert case.state == State.ISSUED
    assert item.container is None
    assert packed in queries.history(case)
    assert queries.history(case).get(pk=packed.pk).voided_by.note == "another case"
    assert refusal(actions.void_event, by=keeper, event=packed, reason="again") == "already-voided"


def test_what_came_later_is_voided_first(cases, keeper):
    (case,) = cases()
    actions.pack(by=keeper, container=case)
    actions.seal(by=keeper, container=case, numbers=["BL 1"])
    packed = case.events.get(kind="packed")

    assert refusal(actions.void_event, by=keeper, event=packed, reason="a slip") == "void-later-first"

    actions.void_event(by=keeper, event=case.events.get(kind="sealed"), reason="a slip")
    actions.void_event(by=keeper, event=packed, reason="a slip")

    case.refresh_from_db()
    assert case.state == State.ISSUED
    assert Seal.objects.get().voided_at is not None
    assert refusal(actions.void_event, by=keeper, event=case.events.get(kind="entered"), reason="x") == "not-voidable"


def test_nothing_is_voided_without_a_reason(cases, keeper):
    (case,) = cases()

    assert refusal(actions.void_container, by=keeper, container=case, reason=" ") == "reason-empty"


def test_what_has_not_happened_yet_is_not_entered(cases, keeper):
    (case,) = cases()

    later = timezone.now() + timedelta(hours=1)

    assert refusal(actions.pack, by=keeper, container=case, at=later) == "in-the-future"
    assert refusal(actions.pack, by=keeper, container=case, zone="Mars/Olympus") == "unknown-zone"


def test_an_act_keeps_the_time_it_happened_and_the_zone_where(cases, keeper):
    (case,) = cases()

    actions.pack(by=keeper, container=case, at=datetime(2018, 7, 27, 10, 40), zone="Asia/Seoul")

    packed = case.events.get(kind="packed")
    assert packed.at == datetime(2018, 7, 27, 1, 40, tzinfo=UTC)
    assert packed.zone == "Asia/Seoul"


# ---------- Items ----------


def test_splitting_keeps_the_parent_and_sampling_leaves_it_whole(remains, keeper):
    whole = remains("I-01")
    left, _right = actions.split(by=keeper, item=whole, numbers=["I-01-A", "I-01-B"])
    sample = actions.take_sample(by=keeper, item=left, number="S-1")

    whole.refresh_from_db()
    left.refresh_from_db()
    assert whole.state == "split"
    assert left.state == "held"
    assert [parent.number for parent in sample.parents.all()] == ["I-01-A"]
    assert sample.kind == "sample"
    assert refusal(actions.split, by=keeper, item=whole, numbers=["a", "b"]) == "item-gone"


def test_merging_keeps_all_parents(remains, keeper):
    merged = actions.merge(by=keeper, items=[remains("I-01"), remains("I-02")], number="I-12")

    assert sorted(parent.number for parent in merged.parents.all()) == ["I-01", "I-02"]
    assert set(Item.objects.values_list("number", "state")) == {
        ("I-01", "merged"),
        ("I-02", "merged"),
        ("I-12", "held"),
    }
    assert refusal(actions.merge, by=keeper, items=[merged, merged], number="I-13") == "merge-two"


def test_a_split_is_taken_back_once_its_parts_are_voided(remains, keeper):
    whole = remains("I-01")
    parts = actions.split(by=keeper, item=whole, numbers=["I-01-A", "I-01-B"])
    event = whole.events.get(kind="split")
    assert refusal(actions.void_event, by=keeper, event=event, reason="one bone") == "void-children-first"

    for part in parts:
        actions.void_item(by=keeper, item=part, reason="one bone")
    actions.void_event(by=keeper, event=event, reason="one bone")

    whole.refresh_from_db()
    assert whole.state == "held"


def test_what_is_consumed_or_released_cannot_be_acted_on(remains, keeper):
    sample, ring = remains("S-1", "sample"), remains("E-1", "effect")
    actions.consume(by=keeper, item=sample, note="extraction")
    actions.release(by=keeper, item=ring, note="to his daughter")

    assert refusal(actions.take_sample, by=keeper, item=sample, number="S-2") == "item-gone"
    assert refusal(actions.consume, by=keeper, item=ring, note="x") == "item-gone"


@pytest.mark.parametrize(("bag", "bags"), [(3, 2), (0, 1), (1, None)])
def test_a_bag_is_one_of_no_fewer(remains, bag, bags):
    assert refusal(remains, number="I-01", bag=bag, bags=bags) == "bag-n-of-n"


def test_the_last_item_taken_out_leaves_a_packed_case_empty(cases, remains, keeper):
    (case,) = cases()
    one, other = remains("I-01"), remains("I-02")
    actions.pack(by=keeper, container=case, items=[one, other])

    actions.unpack(by=keeper, item=one)
    case.refresh_from_db()
    assert case.state == State.PACKED
    actions.unpack(by=keeper, item=other, store="Laboratory")

    case.refresh_from_db()
    other.refresh_from_db()
    assert case.state == State.ISSUED
    assert other.store == "Laboratory"
    assert refusal(actions.unpack, by=keeper, item=other) == "not-inside"


def test_a_container_with_something_in_it_is_not_voided(cases, remains, keeper):
    (case,) = cases()
    actions.pack(by=keeper, container=case, items=[remains()])

    assert refusal(actions.void_container, by=keeper, container=case, reason="x") == "not-empty"


def test_one_thing_has_many_numbers_and_each_office_gives_a_number_once(remains, keeper):
    one, other = remains("2022-109-I-01"), remains("2022-109-I-02")
    actions.give_number(by=keeper, office="dna", number="D-881", item=one)
    actions.give_number(by=keeper, office="old", number="D-881", item=other)

    assert refusal(actions.give_number, by=keeper, office="dna", number="D 881", item=other) == "number-used"


@pytest.mark.parametrize(
    "text", ["CIL 2022-109-I-01", "2022-109-I-01", "2022 109 i 01", "2022109I01", "109-I-01", "DNA 55/17", "55-17"]
)
def test_an_item_is_found_by_any_of_its_numbers_in_any_setting(remains, keeper, text):
    item = remains("2022-109-I-01")
    remains("2022-110-I-07")
    actions.give_number(by=keeper, office="dna", number="55/17", item=item)

    assert list(queries.answering(queries.items(by=keeper), text)) == [item]


def test_a_container_is_found_by_its_seal(cases, keeper):
    one, _other = cases("C-001, C-002")
    actions.pack(by=keeper, container=one)
    actions.seal(by=keeper, container=one, numbers=["BL 77102"])

    assert list(queries.answering(queries.containers(by=keeper), "77102")) == [one]
    assert list(queries.answering(queries.containers(by=keeper), "no such thing")) == []


# ---------- Who may, and what the database itself refuses ----------


def test_only_who_keeps_custody_acts_and_only_on_his_own_partys_record(cases, admit, arvad, belmar):
    (case,) = cases()
    board = admit(arvad, "board_member")
    other = admit(belmar, "custodian")

    assert refusal(actions.pack, by=board, container=case) == "not-permitted"
    assert refusal(actions.pack, by=other, container=case) == "not-found"
    assert refusal(queries.container, key=case.pk, by=other) == "not-found"
    assert list(queries.containers(by=other)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE custody_custodyevent SET note = 'nothing happened'",
        "DELETE FROM custody_custodyevent",
        "DELETE FROM custody_weighing",
        "UPDATE custody_weighing SET weight_g = 1",
        "DELETE FROM custody_container",
        "UPDATE custody_container SET number = 'C-999'",
        "UPDATE custody_seal SET number = 'BL 2'",
        "DELETE FROM custody_item",
        "UPDATE custody_identifier SET number = 'x'",
    ],
)
def test_the_database_itself_refuses_to_rewrite_custody(statement, cases, remains, keeper):
    (case,) = cases()
    item = remains()
    actions.give_number(by=keeper, office="dna", number="D-1", item=item)
    actions.pack(by=keeper, container=case, items=[item])
    actions.seal(by=keeper, container=case, numbers=["BL 1"])
    actions.weigh(by=keeper, container=case, weight_g=6400)
    before = CustodyEvent.objects.count()

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert CustodyEvent.objects.count() == before
