"""A transfer is what its signed statements say: each act prepares one, and nothing moves before all have signed."""

from __future__ import annotations

import pytest
from django.db import transaction

from casework.custody import actions, queries
from casework.custody import transfers as acts
from casework.custody.models import Container, CustodyEvent, Transfer
from casework.custody.sealed import account_of
from casework.custody.transfers import Declared, GoingBack, Handed, Inspected, Received, Texts
from casework.journal.models import Record
from casework.parties.refusal import Refused

pytestmark = pytest.mark.django_db


def refused(act, **values) -> Refused:
    with pytest.raises(Refused) as caught, transaction.atomic():
        act(**values)
    return caught.value


def codes(act, **values) -> list[str]:
    return refused(act, **values).about["codes"]


def records(number: str, cast) -> dict[str, tuple[str, str]]:
    """What each side's record says of a container: its state and who has it."""
    rows = Container.objects.filter(number=number).select_related("holder", "keeper")
    return {row.holder.code: (row.state, row.keeper.code) for row in rows}


def test_a_draft_is_seen_by_its_own_side_alone(transfer, cast):
    assert list(queries.transfers(by=cast["belmar"])) == [transfer]
    for other in ("arvad", "observer"):
        assert not queries.transfers(by=cast[other]).exists()
        assert refused(queries.transfer, code=transfer.code, by=cast[other]).code == "not-found"


def test_once_its_author_has_signed_both_and_the_neutral_see_it(transfer, cast, signed):
    statement = acts.propose(by=cast["belmar"], transfer=transfer, number="T-2018-01")
    assert not queries.transfers(by=cast["arvad"]).exists()

    signed(statement, "belmar")

    for code in ("arvad", "belmar", "observer"):
        assert queries.transfer("T-2018-01", by=cast[code]).state == "proposed"
    assert Record.objects.filter(verb="custody.propose").exists()


def test_a_transfer_s_number_is_never_given_twice(proposed, cast, arvad, belmar):
    other = acts.draft_transfer(by=cast["arvad"], sender=arvad, receiver=belmar)

    again = refused(acts.propose, by=cast["arvad"], transfer=other, number="t-2018-01")

    assert again.code == "transfer-number-used"
    assert refused(acts.propose, by=cast["arvad"], transfer=other, number="118/26").code == "number-form"


def test_a_manifest_says_each_line_with_the_seals_and_weights_of_the_senders_record(agreed, proposed, cast):
    agreed(3)

    told = account_of(proposed)
    assert proposed.state == "manifest_agreed"
    assert [(line.container, line.declared.weight_g, line.declared.bags) for line in told.lines] == [
        ("C-001", 6400, 1),
        ("C-002", 6401, 1),
        ("C-003", 6402, 1),
    ]
    assert proposed.lines == 3


def test_a_line_stands_once(laden, proposed, cast):
    boxes = laden(2)

    twice = [Declared(container=boxes[0]), Declared(container=boxes[1]), Declared(container=boxes[0])]

    again = refused(acts.list_lines, by=cast["belmar"], transfer=proposed, lines=twice)
    assert (again.code, again.about["numbers"]) == ("line-twice", ["C-001"])


def test_a_container_is_promised_to_one_open_transfer(agreed, proposed, cast, belmar, arvad):
    boxes = agreed(2)
    other = acts.draft_transfer(by=cast["belmar"], sender=belmar, receiver=arvad)

    again = refused(acts.list_lines, by=cast["belmar"], transfer=other, lines=[Declared(container=boxes[0])])

    assert (again.code, again.about["numbers"]) == ("in-two-transfers", ["C-001: T-2018-01"])


def test_only_what_one_holds_is_listed_sealed_and_handed_over(handed, proposed, cast, belmar, arvad):
    boxes = handed(2)
    other = acts.draft_transfer(by=cast["belmar"], sender=belmar, receiver=arvad)

    again = refused(acts.list_lines, by=cast["belmar"], transfer=other, lines=[Declared(container=boxes[0])])
    rows = [Handed(line=1, container="C-001")]

    assert again.code == "lines-not-held"
    assert "line-handed-twice" in codes(
        acts.hand_over, by=cast["belmar"], transfer=proposed, lines=rows, to=arvad, received_by="x"
    )


def test_what_was_moved_out_of_ones_hands_since_the_manifest_is_not_handed_over(agreed, proposed, cast, arvad):
    boxes = agreed(2)
    Container.objects.filter(pk=boxes[0].pk).update(keeper=arvad)  # as if another statement had taken it away
    rows = [Handed(line=at, container=box.number, seal_condition="none") for at, box in enumerate(boxes, 1)]

    assert "not-held" in codes(
        acts.hand_over, by=cast["belmar"], transfer=proposed, lines=rows, to=arvad, received_by="x"
    )


def test_sealing_needs_a_seal_on_every_line(agreed, proposed, cast):
    boxes = agreed(2)
    actions.seal(by=cast["belmar"], container=boxes[0], numbers=["BL 1"])

    bare = refused(acts.seal_transfer, by=cast["belmar"], transfer=proposed)

    assert (bare.code, bare.about["numbers"]) == ("not-sealed-yet", ["C-002"])


def test_a_handover_moves_containers_in_both_records_once_all_have_signed(agreed, proposed, cast, signed, arvad):
    boxes = agreed(1)
    actions.seal(by=cast["belmar"], container=boxes[0], numbers=["BL 001"])
    signed(acts.seal_transfer(by=cast["belmar"], transfer=proposed))
    rows = [Handed(line=1, container="C-001", seals=("BL 001",))]
    statement = acts.hand_over(by=cast["belmar"], transfer=proposed, lines=rows, to=arvad, received_by="D. Karsk")
    signed(statement, "belmar", "observer")
    assert records("C-001", cast) == {"belmar": ("sealed", "belmar")}

    signed(statement, "arvad")

    assert records("C-001", cast) == {"belmar": ("in_transit", "arvad"), "arvad": ("in_transit", "arvad")}
    theirs = Container.objects.get(holder=arvad)
    assert [seal.number for seal in theirs.seals.all()] == ["BL 001"]
    assert theirs.numbered_by.code == "belmar"
    assert set(theirs.events.values_list("statement", flat=True)) == {statement.digest}


def test_items_go_with_their_container_and_the_other_side_never_sees_them(proposed, cast, signed, arvad):
    by = cast["belmar"]
    (box,) = actions.enter_containers(by=by, numbers=["C-001"])
    item = actions.enter_item(by=by, number="I-77", kind="remains", container=box, description="left femur")
    acts.list_lines(by=by, transfer=proposed, lines=[Declared(container=box)])
    signed(acts.offer_manifest(by=by, transfer=proposed))
    rows = [Handed(line=1, container="C-001", seal_condition="none")]

    signed(acts.hand_over(by=by, transfer=proposed, lines=rows, to=arvad, received_by="x"))

    item.refresh_from_db()
    assert item.state == "transferred"
    assert not queries.items(by=cast["arvad"]).exists()
    assert "femur" not in "".join(str(one.payload) for one in _statements(proposed))


def _statements(transfer):
    from casework.seals.models import Statement

    return Statement.objects.filter(subject=transfer.subject)


def test_a_clean_receipt_makes_both_records_say_received(received, proposed, cast):
    received(3)

    assert proposed.state == "received"
    assert (proposed.handed_over, proposed.received) == (3, 3)
    assert records("C-002", cast) == {"belmar": ("received", "arvad"), "arvad": ("received", "arvad")}


def test_a_case_that_did_not_come_is_kept_as_each_side_says(received, proposed, cast, arvad):
    received(3, {2: "not_received", 3: "seal_broken"})

    assert proposed.state == "received_with_reservations"
    assert (proposed.handed_over, proposed.received) == (3, 2)
    assert records("C-002", cast) == {"belmar": ("in_transit", "arvad"), "arvad": ("in_transit", "belmar")}
    broken = Container.objects.get(holder=arvad, number="C-003").seals.get()
    assert broken.condition == "broken"
    assert broken.broken_at is not None


def test_more_containers_than_lines_are_recorded_and_not_refused(received, proposed, cast):
    received(2, extras=("X-9",))

    told = account_of(proposed)
    assert [extra.container for extra in told.extras] == ["X-9"]
    assert proposed.received == 3
    assert records("X-9", cast) == {"belmar": ("received", "arvad"), "arvad": ("received", "arvad")}


def test_a_receipt_passes_over_no_line(handed, proposed, cast):
    handed(2)

    rows = [Received(line=1, container="C-001")]

    assert "line-unmentioned" in codes(acts.receive, by=cast["arvad"], transfer=proposed, rows=rows)


def test_a_statement_signed_with_a_revoked_key_is_refused(proposed, cast, keys, signed, laden, arvad):
    from casework.parties.actions import revoke_key
    from casework.parties.models import Key, Member

    laden(1)
    statement = acts.offer_manifest(by=cast["belmar"], transfer=proposed)
    authority = Member.objects.get(user__username__startswith="arvad.authority")
    revoke_key(by=authority, key=Key.objects.get(party=arvad), reason="lost")

    assert refused(signed, statement=statement).code == "key-revoked"


def test_reservation_discrepancy_and_resolution(received, proposed, cast, signed):
    received(3, {2: "not_received"})
    by = cast["arvad"]
    signed(acts.reserve(by=by, transfer=proposed, lines=[2], text=Texts(en="It was not set down.", ko="없었다.")))
    signed(acts.raise_discrepancy(by=by, transfer=proposed, what="missing", lines=[2], declared="1", found="0"))
    proposed.refresh_from_db()
    assert (proposed.state, proposed.open_questions) == ("discrepancy_open", 2)
    assert "open-discrepancies" in codes(acts.close, by=by, transfer=proposed)

    answer = acts.reserve(by=cast["belmar"], transfer=proposed, lines=[2], text=Texts(en="It left the depot."))
    signed(answer)
    signed(acts.resolve(by=by, transfer=proposed, resolves=["R-1", "R-2", "D-1"], outcome="each_keeps_its_version"))

    proposed.refresh_from_db()
    assert (proposed.state, proposed.open_questions) == ("reconciled", 0)
    assert "nothing-to-resolve" in codes(acts.resolve, by=by, transfer=proposed, resolves=["D-1"], outcome="agreed")


def test_inspection_jointly_then_closing(received, proposed, cast, signed):
    received(2)
    rows = [Inspected(line=at, container=f"C-00{at}", individuals_estimated=at) for at in (1, 2)]
    signed(acts.inspect(by=cast["arvad"], transfer=proposed, jointly=True, rows=rows))
    proposed.refresh_from_db()
    assert proposed.state == "inspected_jointly"

    signed(acts.close(by=cast["belmar"], transfer=proposed))

    proposed.refresh_from_db()
    assert proposed.state == "closed"
    assert "after-closing" in codes(acts.reserve, by=cast["arvad"], transfer=proposed, lines=[1], text=Texts(en="late"))


def test_cases_sent_empty_come_back_full_or_empty_or_not_at_all(proposed, cast, signed, arvad, belmar):
    from casework.custody.numbers import listed

    mine = cast["arvad"]
    cases = actions.enter_containers(by=mine, numbers=listed("K-1 to K-4"), store="Arvad store")
    signed(acts.issue_cases(by=mine, transfer=proposed, containers=cases))
    assert records("K-1", cast) == {"arvad": ("issued_empty", "belmar"), "belmar": ("issued_empty", "belmar")}

    theirs = {one.number: one for one in Container.objects.filter(holder=belmar)}
    by = cast["belmar"]
    for number in ("K-1", "K-2"):
        actions.pack(by=by, container=theirs[number], note="remains")
    acts.list_lines(by=by, transfer=proposed, lines=[Declared(container=theirs[number]) for number in ("K-1", "K-2")])
    signed(acts.offer_manifest(by=by, transfer=proposed))
    rows = [Handed(line=at, container=f"K-{at}", seal_condition="none") for at in (1, 2)]
    signed(acts.hand_over(by=by, transfer=proposed, lines=rows, to=arvad, received_by="x"))
    rows = [Received(line=at, container=f"K-{at}", seal_condition="none") for at in (1, 2)]
    signed(acts.receive(by=mine, transfer=proposed, rows=rows))
    theirs["K-3"].refresh_from_db()
    signed(acts.send_back(by=by, transfer=proposed, to=arvad, rows=[GoingBack(container=theirs["K-3"])]))

    told = account_of(proposed).cases
    assert told.counts == {
        "issued": 4,
        "filled": 2,
        "handed_over": 2,
        "received": 2,
        "returned_empty": 1,
        "unreturned": 1,
    }
    assert records("K-3", cast) == {"arvad": ("returned_empty", "arvad"), "belmar": ("returned_empty", "arvad")}
    assert Container.objects.filter(number="K-1").count() == 2
    actions.declare_unreturned(by=mine, container=cases[3], note="asked twice")


def test_remains_are_returned_to_their_sender(received, proposed, cast, signed, arvad, belmar):
    received(2)
    box = Container.objects.get(holder=arvad, number="C-001")

    signed(
        acts.send_back(
            by=cast["arvad"], transfer=proposed, to=belmar,
            rows=[GoingBack(container=box, content="remains", reason="not of our roster")],
        )
    )  # fmt: skip

    assert records("C-001", cast) == {"arvad": ("received", "belmar"), "belmar": ("received", "belmar")}


def test_remains_are_sent_on_to_a_third_party(received, proposed, cast, keyed, keys, signed, arvad, admit):
    from casework.parties.actions import found_party
    from casework.parties.models import Operator

    third = found_party(by=Operator(), code="cantor", name="Cantor")
    cast["cantor"], keys["cantor"] = admit(third, "custodian"), keyed(third)
    received(1)
    box = Container.objects.get(holder=arvad, number="C-001")

    signed(
        acts.send_back(
            by=cast["arvad"], transfer=proposed, to=third, onward=True,
            rows=[GoingBack(container=box, content="remains", reason="147 of theirs")],
        )
    )  # fmt: skip

    assert records("C-001", cast)["cantor"] == ("received", "cantor")
    assert records("C-001", cast)["arvad"] == ("received", "cantor")


def test_affiliation_is_decided_without_a_name_and_signed_by_both(received, proposed, cast, signed):
    received(2)

    signed(acts.affiliate(by=cast["arvad"], transfer=proposed, lines=[1], group="Cantor’s soldiers"))

    assert [one.body["group"] for one in account_of(proposed).affiliations] == ["Cantor’s soldiers"]
    assert CustodyEvent.objects.filter(kind="affiliated", container__number="C-001").count() == 2


def test_a_refused_proposal_and_a_transfer_broken_off(transfer, cast, signed):
    statement = signed(acts.propose(by=cast["belmar"], transfer=transfer, number="T-1"), "belmar")
    refusal = acts.refuse_statement(
        by=cast["arvad"], transfer=transfer, digest=statement.digest, reason=Texts(en="Not at this level.")
    )
    signed(refusal)
    transfer.refresh_from_db()
    assert transfer.state == "refused"

    signed(acts.propose(by=cast["belmar"], transfer=transfer, number="T-1"))
    signed(acts.abort(by=cast["arvad"], transfer=transfer, reason=Texts(ko="중단한다.")))

    transfer.refresh_from_db()
    assert transfer.state == "aborted"


def test_a_voided_receipt_takes_its_effect_back_and_stays_in_the_history(received, proposed, cast, signed):
    from casework.seals.actions import void

    received(1, witness=False)
    receipt = _statements(proposed).get(kind="receipt")

    signed(void(by=cast["arvad"], statement=receipt, reason="another case was meant"))

    proposed.refresh_from_db()
    assert proposed.state == "handed_over"
    assert records("C-001", cast) == {"belmar": ("in_transit", "arvad"), "arvad": ("in_transit", "arvad")}
    assert CustodyEvent.objects.filter(statement=receipt.digest).exists()


def test_a_void_that_is_voided_lets_the_receipt_stand_again(received, proposed, cast, signed):
    from casework.seals.actions import void

    received(1, witness=False)
    receipt = _statements(proposed).get(kind="receipt")
    withdrawn = signed(void(by=cast["arvad"], statement=receipt, reason="another case was meant"))

    signed(void(by=cast["arvad"], statement=withdrawn, reason="it was the right one"))

    proposed.refresh_from_db()
    assert proposed.state == "received"
    assert records("C-001", cast) == {"belmar": ("received", "arvad"), "arvad": ("received", "arvad")}


def test_a_container_voided_in_ones_record_comes_back_under_its_own_number(handed, proposed, cast, signed, arvad):
    mine = actions.enter_containers(by=cast["arvad"], numbers=["K-1"])
    actions.void_container(by=cast["arvad"], container=mine[0], reason="entered twice")
    handed(1)
    rows = [
        Received(line=1, container="C-001", seals=("BL 001",)),
        Received(line=None, container="K-1", outcome="unlisted_extra"),
    ]

    signed(acts.receive(by=cast["arvad"], transfer=proposed, rows=rows))

    assert Container.objects.filter(holder=arvad, key="k-1").count() == 2
    assert Container.objects.get(holder=arvad, key="k-1", voided_at=None).numbered_by.code == "belmar"


def test_a_subject_that_is_no_number_of_a_transfer_makes_none(cast, keys, signed, arvad, belmar):
    from casework.seals.actions import prepare

    body = {
        "what": "transfer", "from": ["belmar"], "to": ["arvad"], "through": [], "date": "", "place": "",
        "level": "", "asks_for": "", "answers": "", "terms": [],
    }  # fmt: skip
    signers = [(belmar, "author"), (arvad, "countersigner")]

    signed(prepare(by=cast["belmar"], kind="proposal", subject="transfer:118/26", body=body, signers=signers))

    assert not Transfer.objects.exists()


def test_the_neutral_carries_the_cases_between_the_sides(agreed, proposed, cast, signed, observer, arvad):
    agreed(1)
    rows = [Handed(line=1, container="C-001", seal_condition="none")]
    signed(acts.hand_over(by=cast["belmar"], transfer=proposed, lines=rows, to=observer, received_by="L. Veyra"))
    assert records("C-001", cast)["belmar"] == ("in_transit", "observer")

    signed(acts.hand_over(by=cast["observer"], transfer=proposed, lines=rows, to=arvad, received_by="D. Karsk"))

    assert records("C-001", cast) == {"belmar": ("in_transit", "arvad"), "arvad": ("in_transit", "arvad")}


def test_who_takes_no_part_cannot_act_and_a_family_liaison_not_at_all(proposed, admit, arvad):
    from casework.parties.models import Party

    stranger = admit(Party.objects.create(code="cantor", name="Cantor"), "custodian")
    liaison = admit(arvad, "family_liaison")

    assert refused(acts.close, by=stranger, transfer=proposed).code == "not-found"
    assert refused(acts.close, by=liaison, transfer=proposed).code == "not-permitted"


def test_a_transfer_that_comes_from_elsewhere_is_made_from_its_statements(proposed, cast, signed, agreed):
    from casework.custody.sealed import heard

    agreed(2)
    statements = list(_statements(proposed).order_by("spoken"))
    CustodyEvent.objects.none()
    Transfer.objects.filter(pk=proposed.pk).update(number="T-gone")

    for one in statements:
        heard(one, by=cast["arvad"])

    again = Transfer.objects.get(number="T-2018-01")
    assert (again.sender.code, again.receiver.code, again.through.code) == ("belmar", "arvad", "observer")
    assert (again.state, again.lines) == ("manifest_agreed", 2)
