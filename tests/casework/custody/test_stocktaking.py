"""Counting a store: every number listed or found has one result, and nothing is settled without a word."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.custody import actions, queries, stocktaking
from casework.custody.models import Container, CustodyEvent, StockLine
from casework.custody.numbers import key_of
from casework.custody.stocktaking import Found
from casework.journal.models import Record
from casework.parties.refusal import Refused

pytestmark = pytest.mark.django_db


def refusal(act, **values) -> str:
    with pytest.raises(Refused) as refused, transaction.atomic():
        act(**values)
    return refused.value.code


def results(take) -> dict[str, str]:
    return dict(take.lines.values_list("number", "result"))


@pytest.fixture
def begun(cases, keeper):
    """A store of four cases, one of them sealed; two more cases elsewhere."""
    cases("C-001 to C-004")
    cases("D-001, D-002", store="Sael depot", place="Z9")
    sealed = Container.objects.get(number="C-004")
    actions.pack(by=keeper, container=sealed)
    actions.seal(by=keeper, container=sealed, numbers=["BL 4"])
    return stocktaking.begin_stocktaking(by=keeper, store="Tol depot")


def test_a_store_is_counted_against_the_record(begun, keeper):
    found = [
        Found("c 001"),
        Found("C-002", place="B7"),
        Found("C-004", seals=("BL 5",)),
        Found("D-001"),
        Found("Q-77"),
    ]
    stocktaking.enter_found(by=keeper, take=begun, found=found)
    stocktaking.sign_off(by=keeper, take=begun)

    assert results(begun) == {
        "C-001": "present",
        "C-002": "wrong_place",
        "C-003": "missing",
        "C-004": "seal_differs",
        "D-001": "wrong_place",
        "Q-77": "unexpected",
    }
    assert begun.lines.get(number="D-001").listed_place == "Sael depot, Z9"
    assert Record.objects.filter(verb="custody.sign_off").exists()


def test_counting_writes_when_each_was_last_seen_and_changes_nothing_else(begun, keeper):
    before = list(Container.objects.values_list("number", "state", "store", "place"))
    stocktaking.enter_found(by=keeper, take=begun, found=[Found("C-002", place="B7")])

    stocktaking.sign_off(by=keeper, take=begun)

    assert list(Container.objects.values_list("number", "state", "store", "place")) == before
    seen = CustodyEvent.objects.get(kind="counted")
    assert (seen.container.number, seen.store, seen.place, seen.subject) == (
        "C-002",
        "Tol depot",
        "B7",
        "stock-taking:S-1",
    )


def test_a_difference_stays_open_until_someone_explains_it(begun, keeper):
    stocktaking.enter_found(by=keeper, take=begun, found=[Found(f"C-00{n}") for n in (1, 2, 4)])
    missing = begun.lines.get(number="C-003")
    assert refusal(stocktaking.explain_difference, by=keeper, line=missing, explanation="x") == "nothing-to-explain"

    stocktaking.sign_off(by=keeper, take=begun)
    assert queries.unexplained(keeper.party) == 1
    assert queries.stocktake(1, by=keeper).open == 1
    missing = begun.lines.get(number="C-003")
    assert refusal(stocktaking.explain_difference, by=keeper, line=missing, explanation=" ") == "reason-empty"
    stocktaking.explain_difference(by=keeper, line=missing, explanation="lent to the laboratory")

    assert queries.unexplained(keeper.party) == 0
    assert begun.lines.get(number="C-003").result == "missing"


def test_a_number_found_twice_is_one_finding_and_a_slip_can_be_taken_back(begun, keeper):
    stocktaking.enter_found(by=keeper, take=begun, found=[Found("C-001"), Found("c-001", place="A1"), Found("Q-1")])
    assert begun.lines.filter(found=True).count() == 2

    stocktaking.take_finding_back(by=keeper, line=begun.lines.get(number="C-001"))
    stocktaking.sign_off(by=keeper, take=begun)

    assert results(begun)["C-001"] == "missing"


def test_a_container_is_found_under_any_of_its_numbers(begun, keeper):
    case = Container.objects.get(number="C-001")
    actions.give_number(by=keeper, office="sender", number="118/26", container=case)

    stocktaking.enter_found(by=keeper, take=begun, found=[Found("118 26")])

    assert begun.lines.get(container=case).result == "present"
    assert begun.lines.count() == 4


def test_a_store_is_counted_once_at_a_time_and_nothing_is_entered_afterwards(begun, keeper):
    assert refusal(stocktaking.begin_stocktaking, by=keeper, store="Tol depot") == "being-counted"

    stocktaking.sign_off(by=keeper, take=begun)

    assert refusal(stocktaking.enter_found, by=keeper, take=begun, found=[Found("C-001")]) == "not-counting"
    assert stocktaking.begin_stocktaking(by=keeper, store="Tol depot").number == 2


def test_an_abandoned_stocktaking_is_kept_and_says_nothing(begun, keeper):
    stocktaking.enter_found(by=keeper, take=begun, found=[Found("Q-1")])
    stocktaking.abandon_stocktaking(by=keeper, take=begun, reason="the store was flooded")

    assert queries.unexplained(keeper.party) == 0
    assert queries.stocktake(1, by=keeper).state == "abandoned"


def test_the_other_side_sees_no_stocktaking_of_ours(begun, admit, belmar):
    other = admit(belmar, "custodian")

    assert refusal(queries.stocktake, number=1, by=other) == "not-found"
    assert refusal(stocktaking.enter_found, by=other, take=begun, found=[Found("C-001")]) == "not-found"
    assert refusal(stocktaking.sign_off, by=other, take=begun) == "not-found"


# ---------- Laws ----------

NUMBERS = st.sampled_from([f"N-{number}" for number in range(8)])
FOUND = st.lists(
    st.builds(Found, NUMBERS, place=st.sampled_from(["", "A", "B"]), seals=st.sampled_from([None, (), ("S",), ("T",)])),
    max_size=10,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(here=st.sets(NUMBERS), elsewhere=st.sets(NUMBERS), found=FOUND)
def test_every_number_listed_or_found_has_exactly_one_result(here, elsewhere, found, keeper):
    count = stocktaking.StockTake.objects.count()
    mine, other = f"store {count}", f"other {count}"
    names = {number: f"{number}x{count}" for number in (*here, *elsewhere, *(one.number for one in found))}
    for number in here:
        actions.enter_containers(by=keeper, numbers=[names[number]], state="packed", store=mine, place="A")
    for number in elsewhere - here:
        actions.enter_containers(by=keeper, numbers=[names[number]], state="packed", store=other, place="A")

    take = stocktaking.begin_stocktaking(by=keeper, store=mine)
    named = [Found(names[one.number], one.place, one.seals) for one in found]
    for part in (named[::2], named[1::2]):
        stocktaking.enter_found(by=keeper, take=take, found=part)
    stocktaking.sign_off(by=keeper, take=take)

    lines = {line.key: line for line in take.lines.all()}
    seen = {one.number for one in found}
    assert set(lines) == {key_of(names[number]) for number in here | seen}
    of = {result: {key for key, line in lines.items() if line.result == result} for result in StockLine.Result.values}
    assert sum(map(len, of.values())) == len(lines)
    assert of["missing"] == {key_of(names[number]) for number in here - seen}
    assert of["unexpected"] == {key_of(names[number]) for number in seen - here - elsewhere}
    assert of["present"] <= {key_of(names[number]) for number in here & seen}
    assert queries.stocktake(take.number, by=keeper).open == len(lines) - len(of["present"])
