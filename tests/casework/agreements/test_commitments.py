"""What was promised is quoted; whether it was done, each side says for itself, and neither says it for both."""

import pytest

from casework.agreements import actions, queries
from casework.agreements.actions import Words
from casework.agreements.models import Commitment, CommitmentState
from casework.journal.models import Record
from casework.parties.actions import disclose
from casework.parties.refusal import Refused
from tests.casework.agreements.test_sessions import refusal

pytestmark = pytest.mark.django_db


def test_a_commitment_is_quoted_with_its_obligor_measure_and_parent(ours, arvad, belmar, summit, promise):
    part = actions.enter_commitment(
        by=ours, code="part", name="Fifty-five cases", obligors=[belmar], agreement=summit, parent=promise,
        texts=[Words(language="ko", text="이미 신원이 확인된 유해")],
    )  # fmt: skip

    assert (part.parent, set(part.parties.all()), list(part.obligors.all())) == (promise, {arvad, belmar}, [belmar])
    assert part.stated_on == "2018-06-12"
    assert Record.objects.first().object == "commitment:part"


def test_a_clause_is_quoted_once_in_each_language(ours, summit):
    clause = actions.quote_clause(
        by=ours, agreement=summit, number="4",
        texts=[Words(language="en", text="commit to recovering"), Words(language="ko", text="유해를 발굴")],
    )  # fmt: skip

    assert [text.language for text in clause.texts.all()] == ["en", "ko"]
    again = {"by": ours, "agreement": summit, "number": "4", "texts": [Words(language="en", text="otherwise")]}
    assert refusal(actions.quote_clause, **again) == "already-quoted"
    assert clause.texts.get(language="en").text == "commit to recovering"


def test_both_assessments_stand_side_by_side_and_their_history_is_kept(ours, theirs, promise):
    actions.assess(by=theirs, commitment=promise, view="fulfilled", done=55, as_of="2018-07-27")
    actions.assess(by=ours, commitment=promise, view="under_way", as_of="2018-07-27")
    actions.assess(by=ours, commitment=promise, view="partly_fulfilled", done=54, as_of="2018-08-01")

    found = queries.undertaking(promise)

    assert [(side.party.code, side.latest.view, side.done, len(side.earlier)) for side in found.sides] == [
        ("arvad", "partly_fulfilled", 54, 1),
        ("belmar", "fulfilled", 55, 0),
    ]
    assert found.view == CommitmentState.PARTLY_FULFILLED
    assert found.differs
    assert found.done_differs


@pytest.mark.parametrize(
    ("views", "joint"),
    [
        ([None, None], "under_way"),
        (["fulfilled", None], "under_way"),  # one side alone fulfils nothing
        (["fulfilled", "fulfilled"], "fulfilled"),
        (["fulfilled", "partly_fulfilled"], "partly_fulfilled"),
        (["partly_fulfilled", "under_way"], "under_way"),
        (["fulfilled", "under_way"], "disputed"),
        (["fulfilled", "not_fulfilled"], "disputed"),
        (["disputed", None], "disputed"),
        (["not_fulfilled", "not_fulfilled"], "under_way"),
        (["not_begun", "under_way"], "agreed"),
        (["not_begun", "not_begun"], "agreed"),
    ],
)
def test_the_joint_view_follows_from_what_each_side_says(views, joint):
    assert queries.joint_view(CommitmentState.UNDER_WAY, views) == joint
    assert queries.joint_view(CommitmentState.UNDER_WAY, views[::-1]) == joint


@pytest.mark.parametrize("state", [CommitmentState.LAPSED, CommitmentState.WITHDRAWN])
def test_what_has_lapsed_or_was_withdrawn_stays_so_whatever_is_said(state):
    assert queries.joint_view(state, ["fulfilled", "fulfilled"]) == state


def test_done_adds_up_evidence_of_the_commitments_own_unit_only(ours, promise):
    evidence = {"transfer:T-1": (30, "cases"), "transfer:T-2": (25, "cases"), "transfer:T-3": (250, "individuals")}
    for named, (amount, unit) in evidence.items():
        actions.add_evidence(by=ours, commitment=promise, object=named, amount=amount, unit=unit)

    assert queries.undertaking(promise).sides[0].done == 55


def test_withdrawn_evidence_no_longer_counts_and_stays_on_record(ours, theirs, promise):
    linked = actions.add_evidence(by=ours, commitment=promise, object="transfer:T-1", amount=55, unit="cases")

    assert refusal(actions.withdraw_evidence, by=theirs, evidence=linked) == "not-found"
    actions.withdraw_evidence(by=ours, evidence=linked)

    side = queries.undertaking(promise).sides[0]
    assert side.done is None
    assert list(side.evidence) == [linked]
    linked.refresh_from_db()
    assert refusal(actions.withdraw_evidence, by=ours, evidence=linked) == "already-withdrawn"


def test_evidence_names_an_object_once(ours, promise):
    actions.add_evidence(by=ours, commitment=promise, object="transfer:T-1")

    assert refusal(actions.add_evidence, by=ours, commitment=promise, object="transfer:T-1") == "already-linked"
    assert refusal(actions.add_evidence, by=ours, commitment=promise, object="a transfer") == "object-form"


def test_what_a_commitment_must_say_is_refused_with_its_reason(ours, arvad, belmar, observer, summit, promise):
    words = [Words(language="en", text="we commit")]
    given = {"by": ours, "code": "new", "name": "New", "obligors": [belmar], "agreement": summit, "texts": words}
    attempts = [
        ({"code": "remains"}, "code-taken"),
        ({"obligors": []}, "obligor-missing"),
        ({"obligors": [observer]}, "obligor-missing"),
        ({"due": "2018-06-11"}, "due-before-agreement"),
        ({"due": "2017"}, "due-before-agreement"),
        ({"texts": []}, "nothing-quoted"),
        ({"texts": [Words(language="en", text=" ")]}, "nothing-quoted"),
        ({"state": "fulfilled"}, "needs-assessments"),
        ({"target": "many"}, "not-a-count"),
        ({"parent": promise, "stated_on": "2018-06-01"}, "before-its-parent"),
        ({"parties": [belmar, observer], "agreement": None}, "no-seat"),
    ]

    for values, code in attempts:
        assert refusal(actions.enter_commitment, **{**given, **values}) == code, values
    assert Commitment.objects.count() == 1


def test_fulfilled_is_never_entered_and_what_was_withdrawn_does_not_come_back(ours, promise):
    assert refusal(actions.move_commitment, by=ours, commitment=promise, state="fulfilled") == "needs-assessments"
    actions.move_commitment(by=ours, commitment=promise, state="agreed", day="2018-07-15")
    assert refusal(actions.move_commitment, by=ours, commitment=promise, state="stated") == "commitment-life"
    actions.move_commitment(by=ours, commitment=promise, state="withdrawn", why="replaced")
    assert refusal(actions.move_commitment, by=ours, commitment=promise, state="under_way") == "commitment-life"
    assert [step.state for step in promise.steps.all()] == ["stated", "agreed", "withdrawn"]


def test_an_agreement_is_not_older_than_what_it_carries_out(ours, arvad, belmar, summit):
    given = {"by": ours, "code": "earlier", "name": "Earlier", "parties": [arvad, belmar], "parent": summit}

    assert refusal(actions.enter_agreement, **given, dated="2018-06-11") == "before-its-parent"
    assert refusal(actions.enter_agreement, **given, dated=" ") == "day-missing"


def test_only_a_party_to_it_writes_on_a_commitment(ours, admit, arvad, observer, promise):
    watching = admit(observer, "negotiator")

    assert refusal(queries.commitment, code="remains", by=watching) == "not-found"
    disclose(by=admit(arvad, "authority"), to=observer, kind="talks")
    assert queries.commitment("remains", by=watching) == promise
    assert refusal(
        actions.assess, by=watching, commitment=promise, view="fulfilled", as_of="2018"
    ) == "not-found"  # fmt: skip


@pytest.mark.parametrize("role", ["registrar", "authority", "custodian", "observer"])
def test_other_roles_see_commitments_and_assess_none(role, admit, arvad, promise):
    member = admit(arvad, role)

    assert queries.commitment("remains", by=member) == promise
    with pytest.raises(Refused) as refused:
        actions.assess(by=member, commitment=promise, view="fulfilled", as_of="2018")
    assert refused.value.code == "not-permitted"


def test_many_commitments_are_read_in_a_fixed_number_of_queries(
    ours, theirs, promise, summit, belmar, django_assert_max_num_queries
):
    for number in range(30):
        one = actions.enter_commitment(
            by=ours, code=f"c-{number}", name="x", obligors=[belmar], agreement=summit,
            texts=[Words(language="en", text="x")],
        )  # fmt: skip
        actions.assess(by=theirs, commitment=one, view="fulfilled", as_of="2018")

    with django_assert_max_num_queries(10):
        found = queries.undertakings(queries.commitments(by=ours))

    assert len(found) == 31
