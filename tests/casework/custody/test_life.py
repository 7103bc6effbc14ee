"""Laws of the life of a container: whatever is done to it, its state is what its standing events say."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casework.custody.life import FIRST, State, first_break, may_follow
from casework.custody.numbers import asked, key_of, listed, squeezed
from casework.parties.refusal import Refused

LAWS = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
STATES = st.sampled_from(list(State))


@given(st.lists(STATES, max_size=12))
def test_a_life_breaks_at_the_first_step_that_may_not_be_taken(states):
    broken = first_break(states)

    whole = states if broken is None else states[:broken]
    steps = zip([None, *whole], whole, strict=False)
    assert all(may_follow(before, after) for before, after in steps)
    assert broken is None or not may_follow(states[broken - 1] if broken else None, states[broken])


@given(STATES)
def test_from_every_state_there_is_a_way_home_and_a_receipt_may_always_come(state):
    reached = {state}
    while more := {after for before in reached for after in State if may_follow(before, after)} - reached:
        reached |= more

    assert reached == set(State)
    assert may_follow(state, State.RECEIVED)


@given(STATES)
def test_nothing_is_lost_twice_nor_entered_as_lost(state):
    assert may_follow(state, State.LOST) is (state is not State.LOST)
    assert State.LOST not in FIRST


@given(st.from_regex(r"[A-Z]{1,3}-\d{1,4}(-I-\d\d)?", fullmatch=True), st.sampled_from(["CIL", "DPAA", "연구소"]))
def test_a_number_is_found_with_or_without_its_office(number, office):
    assert squeezed(number) in asked(f"{office} {number}")
    assert key_of(number.replace("-", " ").lower()) == key_of(number)


@given(st.integers(0, 900), st.integers(0, 99))
def test_a_range_counts_every_number_once(first, more):
    numbers = listed(f"C-{first:04d} to C-{first + more:04d}")

    assert numbers == [f"C-{number:04d}" for number in range(first, first + more + 1)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("C-1, C-2\nC-3", ["C-1", "C-2", "C-3"]),
        ("C-9–C-11", ["C-9", "C-10", "C-11"]),
        ("C-001부터 C-002까지", ["C-001", "C-002"]),
        ("2022-109-I-01", ["2022-109-I-01"]),
        ("C-5 to D-7", ["C-5 to D-7"]),
        ("C-7 to C-5", ["C-7 to C-5"]),
        ("", []),
    ],
)
def test_numbers_are_listed_as_people_write_them(text, numbers):
    assert listed(text) == numbers


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["pack", "seal", "open", "check", "weigh", "move", "lose", "find", "void last", "void any"]),
        st.integers(0, 10_000),
    ),
    max_size=14,
)


@pytest.mark.django_db
@LAWS
@given(acts=ACTS)
def test_whatever_is_done_or_taken_back_the_state_is_what_the_standing_events_say(acts, cases, keeper):
    from casework.custody.models import Container

    (case,) = cases(f"H-{Container.objects.count() + 1:05d}")
    for at, (act, number) in enumerate(acts):
        with contextlib.suppress(Refused):
            _do(act, number, at=at, case=case, by=keeper)

    case.refresh_from_db()
    standing = [one for one in case.events.order_by("pk") if not hasattr(one, "voided_by") and one.kind != "voided"]
    states = [State(one.state) for one in standing if one.state]
    assert first_break(states) is None
    assert case.state == states[-1]
    placed = [one for one in standing if one.kind in ("entered", "moved", "found")]
    assert (case.store, case.place) == (placed[-1].store, placed[-1].place)
    whole = {seal.number for seal in case.seals.filter(broken_at=None, voided_at=None)}
    assert whole == _whole(standing)


def _whole(standing) -> set[str]:
    """The seals that were put on and, by the standing events, neither opened nor found otherwise than whole."""
    applied = {one.seal.number for one in standing if one.kind == "sealed"}
    gone = {
        one.seal.number
        for one in standing
        if one.seal is not None and (one.kind == "opened" or one.condition in ("broken", "missing"))
    }
    return applied - gone


def _do(act: str, number: int, *, at: int, case, by) -> None:
    from django.db import transaction

    from casework.custody import actions

    seals = list(case.seals.filter(broken_at=None, voided_at=None))
    conditions = {one.pk: ("whole", "broken", "missing")[number % 3] for one in seals}
    events = list(case.events.exclude(kind="voided").order_by("-pk"))
    doings = {
        "pack": lambda: actions.pack(by=by, container=case),
        "seal": lambda: actions.seal(by=by, container=case, numbers=[f"{case.number}/{at}"]),
        "open": lambda: actions.open_container(by=by, container=case, conditions=conditions),
        "check": lambda: actions.check_seals(by=by, container=case, conditions=conditions),
        "weigh": lambda: actions.weigh(by=by, container=case, weight_g=number),
        "move": lambda: actions.move(by=by, containers=[case], store="Tol depot", place=f"B{number}"),
        "lose": lambda: actions.declare_lost(by=by, container=case, note="not there"),
        "find": lambda: actions.found_again(by=by, container=case, state="packed", store="Sael", place="floor"),
        "void last": lambda: actions.void_event(by=by, event=events[0], reason="a slip"),
        "void any": lambda: actions.void_event(by=by, event=events[number % len(events)], reason="a slip"),
    }
    with transaction.atomic():
        doings[act]()
