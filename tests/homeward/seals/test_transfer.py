"""The account of a transfer: numbers worked by hand, states, what is refused, and laws that must hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import NotAllowed
from homeward.reports.transfer_account import account_value
from homeward.seals.bodies import KINDS
from homeward.seals.canonical import canonical, read_canonical
from homeward.seals.rules import RULES
from homeward.seals.statement import Statement, read_frame
from homeward.seals.transfer import (
    Account,
    Await,
    Draft,
    Footing,
    Outcome,
    Recorded,
    TransferState,
    account,
    allowed_next,
    refuse,
)
from tests.homeward.seals.bodies import AUTHORS, BODIES, inspected_line, received_line
from tests.homeward.seals.story import (
    BOTH,
    SUBJECT,
    Story,
    all_inspected,
    boxes,
    listed,
    one_short_with_a_broken_seal,
    three_boxes_handed_over,
)
from tests.homeward.seals.test_statement import ANYTHING


def codes(told: Account) -> list[str]:
    return [fault.code for fault in told.faults]


def refused(told: Account, statement_or_draft: Any, **more: Any) -> tuple[str, ...]:
    with pytest.raises(NotAllowed) as found:
        refuse(told, statement_or_draft, **more)
    codes: tuple[str, ...] = found.value.codes
    return codes


def drafted(tell: Callable[[Story], Any], story: Story) -> Any:
    """What a story would say next, without it being said."""
    tried = Story(story.subject)
    tried.recorded = list(story.recorded)
    return tell(tried)


# --- July 2018, worked by hand ----------------------------------------------------------------------------------


def july_2018() -> tuple[Story, Any]:
    """100 wooden cases sent empty; 55 came back full on 27 July."""
    story = Story()
    story.propose()
    story.issue(boxes(1, 100))
    manifest = story.manifest(listed(boxes(1, 55), bags=1, weight_g=None))
    story.seal(manifest)
    story.hand_over(manifest)
    story.receive(manifest)
    return story, manifest


def test_of_a_hundred_cases_sent_empty_55_came_back_full_and_45_are_unreturned() -> None:
    story, _ = july_2018()
    told = story.account
    assert told.cases.counts == {
        "issued": 100,
        "filled": 55,
        "handed_over": 55,
        "received": 55,
        "returned_empty": 0,
        "unreturned": 45,  # 100 - 55
    }
    assert told.cases.unreturned == frozenset(boxes(56, 100))
    assert told.state is TransferState.RECEIVED
    assert told.totals["declared"].bags == 55
    assert (told.totals["declared"].weight_g, told.totals["declared"].weighed) == (0, 0)
    assert told.faults == ()


def test_the_45_sent_back_empty_leave_none_unreturned_and_the_account_closes() -> None:
    story, manifest = july_2018()
    story.send_back(boxes(56, 100))
    story.inspect(all_inspected(manifest))
    story.close(issued=100, filled=55, handed_over=55, received=55, returned_empty=45, unreturned=0)
    told = story.account
    assert told.faults == ()
    assert told.state is TransferState.CLOSED
    assert told.awaits == ()


def test_cases_may_be_issued_under_the_agreement_and_not_under_the_transfer() -> None:
    story, _ = july_2018()
    issue = story.recorded[1].statement
    story.recorded[1] = replace(
        story.recorded[1], statement=Story().issue(boxes(1, 100), subject="agreement:2018-06-12")
    )
    assert issue.subject != story.recorded[1].statement.subject
    assert len(story.account.cases.unreturned) == 45


def test_cases_that_another_transfer_used_are_neither_here_nor_unreturned() -> None:
    story, _ = july_2018()
    other = Story("transfer:T-2018-02")
    second = other.manifest(listed(boxes(56, 85)))
    other.hand_over(second)
    later = [replace(one, index=100 + one.index) for one in other.recorded]
    told = account([*story.recorded, *later], SUBJECT)
    assert len(told.cases.elsewhere) == 30
    assert told.cases.unreturned == frozenset(boxes(86, 100))


# --- one short, one seal broken ---------------------------------------------------------------------------------


def a_disputed_receipt() -> tuple[Story, Any]:
    story, manifest = three_boxes_handed_over()
    receipt = story.receive(manifest, one_short_with_a_broken_seal(manifest))
    story.reserve("R-1", receipt, ["C-002", "C-003"])
    return story, manifest


def test_a_receipt_one_short_with_a_broken_seal_has_an_outcome_for_every_line() -> None:
    story, _ = a_disputed_receipt()
    told = story.account
    assert [line.outcome for line in told.lines] == [Outcome.RECEIVED, Outcome.SEAL_BROKEN, Outcome.NOT_RECEIVED]
    assert [[one.what for one in line.differences] for line in told.lines] == [[], ["seal"], ["count"]]
    assert told.state is TransferState.RECEIVED_WITH_RESERVATIONS
    assert [(one.number, one.open) for one in told.reservations] == [("R-1", True)]


def test_a_difference_says_who_gave_which_value_at_which_stage() -> None:
    story, _ = a_disputed_receipt()
    (seal,) = story.account.lines[1].differences
    assert [(said.stage, said.by, said.value) for said in seal.values] == [
        ("declared", "belmar", "BL 77102"),
        ("sealed", "belmar", "BL 77102"),
        ("handed_over", "belmar", "BL 77102; whole"),
        ("received", "arvad", "BL 77102; broken"),
    ]


def test_both_parties_totals_stand_side_by_side_where_they_differ() -> None:
    story, _ = a_disputed_receipt()
    cases = story.account.cases
    assert cases.differ == ("received", "unreturned")
    assert [cases.versions["belmar"][name] for name in cases.differ] == [3, 1]  # it says all three came: C-004 is out
    assert [cases.versions["arvad"][name] for name in cases.differ] == [2, 2]  # C-003 is out as well
    assert cases.not_received == {"C-003"}


def settled() -> tuple[Story, Any]:
    story, manifest = a_disputed_receipt()
    lines = [inspected_line(1, "C-001"), inspected_line(2, "C-002", bags=1, individuals_estimated=3)]
    story.inspect(lines)
    story.dispute("D-1", "missing", ["C-003"])
    return story, manifest


def test_a_transfer_goes_through_its_states_in_order() -> None:
    story, _ = settled()
    story.resolve("D-1", "R-1", outcome="each_keeps_its_version")
    story.send_back(["C-004"])
    story.close()
    told = story.account
    assert [step.state.value for step in told.steps] == [
        "proposed",
        "proposed",  # cases are issued
        "manifest_agreed",
        "sealed",
        "handed_over",
        "received_with_reservations",
        "received_with_reservations",  # the reservation itself
        "inspected_jointly",
        "discrepancy_open",
        "reconciled",
        "reconciled",  # an empty case comes back
        "closed",
    ]
    assert told.faults == ()
    assert told.cases.counts == {
        "issued": 4,
        "filled": 3,
        "handed_over": 3,
        "received": 2,
        "returned_empty": 1,
        "unreturned": 1,  # C-003
    }


def test_each_keeps_its_version_resolves_and_both_totals_still_stand() -> None:
    story, _ = settled()
    story.resolve("D-1", "R-1", outcome="each_keeps_its_version")
    told = story.account
    assert told.open_questions == ()
    assert {one.outcome for one in (*told.reservations, *told.discrepancies)} == {"each_keeps_its_version"}
    assert told.cases.differ == ("received", "unreturned")


def test_values_of_every_stage_are_kept_apart() -> None:
    story, _ = settled()
    line = story.account.lines[1]
    assert line.handed_over is not None
    assert line.inspected is not None
    assert (line.declared.bags, line.handed_over.bags, line.inspected.bags) == (2, 2, 1)
    assert line.inspected.individuals_estimated == 3
    assert [one.what for one in line.differences] == ["bags", "seal"]
    assert line.declared.claims[0]["about"] == "name"  # the sender's claim stays a claim


def test_one_resolution_of_two_leaves_the_other_open() -> None:
    story, _ = settled()
    story.resolve("R-1")
    told = story.account
    assert told.state is TransferState.DISCREPANCY_OPEN
    assert [one.number for one in told.open_questions] == ["D-1"]
    assert Await("belmar", "say", "resolution") in told.awaits


def test_two_protests_of_one_number_are_both_kept() -> None:
    story, manifest = settled()
    story.reserve("R-1", manifest, ["C-001"], by="belmar")
    told = story.account
    assert [one.by for one in told.reservations] == ["arvad", "belmar"]
    assert codes(told) == ["number-twice"]


# --- extras, passed over, late ----------------------------------------------------------------------------------


def test_a_receipt_with_more_lines_than_the_manifest_records_an_unlisted_extra() -> None:
    story, manifest = three_boxes_handed_over()
    lines = [received_line(line["line"], line["container"]) for line in manifest.body["lines"]]
    extra = received_line(None, "X-9", outcome="unlisted_extra", bags=1)
    receipt = drafted(lambda tried: tried.receive(manifest, [*lines, extra]), story)
    refuse(story.account, receipt)  # says nothing
    story.receive(manifest, [*lines, extra])
    told = story.account
    assert told.faults == ()
    assert [(one.container, one.received.bags) for one in told.extras] == [("X-9", 1)]
    assert told.state is TransferState.RECEIVED_WITH_RESERVATIONS
    assert told.cases.counts["received"] == 3
    assert told.totals["extras"].lines == 1


def test_what_came_under_a_number_that_the_manifest_lacks_is_an_extra_with_an_objection() -> None:
    story, manifest = three_boxes_handed_over()
    lines = [received_line(line["line"], line["container"]) for line in manifest.body["lines"]]
    story.receive(manifest, [*lines, received_line(4, "C-009")])
    told = story.account
    assert [(one.container, one.line) for one in told.extras] == [("C-009", 4)]
    assert codes(told) == ["line-not-listed"]


def test_a_line_that_a_receipt_passes_over_is_marked_and_not_taken_for_received() -> None:
    story, manifest = three_boxes_handed_over()
    story.receive(manifest, [received_line(1, "C-001"), received_line(2, "C-002")])
    told = story.account
    assert told.lines[2].outcome is Outcome.NOT_MENTIONED
    assert [one.what for one in told.lines[2].differences] == ["count"]
    assert codes(told) == ["line-unmentioned"]
    assert told.state is TransferState.RECEIVED_WITH_RESERVATIONS


def test_a_box_that_came_a_day_late_gets_its_own_receipt() -> None:
    story, manifest = three_boxes_handed_over()
    story.receive(manifest, one_short_with_a_broken_seal(manifest))
    story.receive(manifest, [received_line(3, "C-003")])
    told = story.account
    assert told.lines[2].outcome is Outcome.RECEIVED
    assert [one.outcome for one in told.lines[2].receipts] == ["not_received", "received"]
    assert told.faults == ()


def test_a_second_receipt_of_what_was_received_does_not_overwrite_the_first() -> None:
    story, manifest = three_boxes_handed_over()
    story.receive(manifest)
    story.receive(manifest, [received_line(1, "C-001", outcome="not_received")])
    told = story.account
    assert told.lines[0].outcome is Outcome.RECEIVED
    assert codes(told) == ["line-received-twice"]


def test_two_convoys_may_hand_over_one_manifest() -> None:
    story = Story()
    manifest = story.manifest(listed(boxes(1, 3)))
    rows = [
        {
            "line": n,
            "container": box,
            "seals": [f"BL {77100 + n}"],
            "seal_condition": "whole",
            "bags": 2,
            "weight_g": None,
        }
        for n, box in enumerate(boxes(1, 3), 1)
    ]
    story.hand_over(manifest, rows[:2])
    story.receive(manifest, [received_line(1, "C-001"), received_line(2, "C-002")])
    assert story.account.state is TransferState.RECEIVED
    assert story.account.lines[2].outcome is Outcome.LISTED
    story.hand_over(manifest, rows[2:])
    assert story.account.state is TransferState.HANDED_OVER
    story.receive(manifest, [received_line(3, "C-003")])
    assert story.account.state is TransferState.RECEIVED
    assert story.account.faults == ()


def test_wrong_content_and_a_container_found_empty_are_differences_of_content() -> None:
    story, manifest = three_boxes_handed_over()
    one, two, three = (received_line(line["line"], line["container"]) for line in manifest.body["lines"])
    story.receive(manifest, [{**one, "outcome": "wrong_content"}, two, three])
    story.inspect([inspected_line(2, "C-002", found="nothing"), inspected_line(3, "C-003", found="animal")])
    told = story.account
    assert [[d.what for d in line.differences] for line in told.lines] == [["content"]] * 3


def test_a_case_carried_home_empty_on_the_manifest_is_returned_and_not_filled() -> None:
    story = Story()
    story.issue(boxes(1, 2))
    full, empty = listed(boxes(1, 2))
    manifest = story.manifest([full, {**empty, "content": "empty", "bags": 0}])
    story.hand_over(manifest)
    story.receive(manifest)
    counts = story.account.cases.counts
    assert (counts["filled"], counts["received"], counts["returned_empty"], counts["unreturned"]) == (1, 1, 1, 0)


def test_remains_go_back_to_the_sender_or_on_to_a_third_party() -> None:
    story, manifest = three_boxes_handed_over()
    story.receive(manifest)
    story.send_back(["C-001"], "remains", giver="arvad", taker="belmar")
    story.send_back(["C-002"], "remains", giver="arvad", taker="corland", onward=True)
    told = story.account
    assert [(one.container, one.receiver, one.onward) for one in told.returns] == [
        ("C-001", "belmar", False),
        ("C-002", "corland", True),
    ]
    assert told.cases.counts["received"] == 3  # they came, whatever happened to them since
    assert told.faults == ()


def test_affiliation_is_decided_without_a_name_by_both() -> None:
    story, manifest = three_boxes_handed_over()
    story.receive(manifest)
    body = {**BODIES["affiliation"], "containers": ["C-002"], "group": "Corland", "lines": [2]}
    story.tell("affiliation", "arvad", body, with_=["belmar"])
    assert [one.body["group"] for one in story.account.affiliations] == ["Corland"]


# --- proposals, refusals, aborts --------------------------------------------------------------------------------


def test_a_proposal_counts_once_its_author_has_signed_it() -> None:
    story = Story()
    story.propose(signed=["arvad"])
    told = story.account
    assert told.state is TransferState.PROPOSED
    assert told.awaits == (
        Await("belmar", "sign", "proposal", story.recorded[0].digest),
        Await("belmar", "say", "manifest"),
    )


def test_a_refused_proposal_refuses_the_transfer_until_it_is_proposed_again() -> None:
    story = Story()
    first = story.propose(signed=["arvad"])
    story.refuse(first)
    assert story.account.state is TransferState.REFUSED
    assert allowed_next(story.account, "belmar") == ("proposal", "void", "paper")
    story.propose(by="belmar", signed=["belmar"])
    told = story.account
    assert [step.state.value for step in told.steps] == ["proposed", "refused", "proposed"]
    assert [step.footing for step in told.steps] == [Footing.REFUSED, Footing.STANDS, Footing.AWAITS]


def test_refusing_one_of_two_proposals_leaves_the_other_on_the_table() -> None:
    story = Story()
    first = story.propose(signed=["arvad"])
    story.propose(by="belmar", signed=["belmar"])
    story.refuse(first)
    assert story.account.state is TransferState.PROPOSED


def test_a_refused_manifest_leaves_the_transfer_proposed() -> None:
    story = Story()
    story.propose()
    manifest = story.manifest(listed(boxes(1, 3)), signed=["belmar"])
    story.refuse(manifest, by="arvad")
    told = story.account
    assert told.state is TransferState.PROPOSED
    assert told.steps[1].footing is Footing.REFUSED
    assert told.awaits == (Await("belmar", "say", "manifest"),)


def test_who_has_signed_cannot_refuse() -> None:
    story = Story()
    proposal = story.propose()
    story.refuse(proposal)
    assert codes(story.account) == ["refuses-standing"]
    assert story.account.state is TransferState.PROPOSED


def test_a_transfer_is_broken_off_before_the_handover_and_not_after() -> None:
    story = Story()
    story.propose()
    story.abort("belmar")
    assert story.account.state is TransferState.ABORTED
    later, _ = three_boxes_handed_over()
    later.abort("belmar")
    assert later.account.state is TransferState.HANDED_OVER
    assert codes(later.account) == ["abort-after-handover"]


def test_nothing_said_is_a_draft() -> None:
    told = account([], SUBJECT)
    assert told.state is TransferState.DRAFT
    assert allowed_next(told, "arvad") == ("proposal", "issue", "manifest", "return")


# --- versions of the manifest -----------------------------------------------------------------------------------


def test_a_later_version_takes_the_place_of_an_earlier_one_with_all_that_rested_on_it() -> None:
    story = Story()
    first = story.manifest(listed(boxes(1, 3)))
    story.seal(first)
    assert story.account.state is TransferState.SEALED
    story.manifest(listed(boxes(1, 2)), version=2)
    told = story.account
    assert told.state is TransferState.MANIFEST_AGREED
    assert [line.container for line in told.lines] == ["C-001", "C-002"]
    story.hand_over(first)
    assert codes(story.account) == ["manifest-superseded"]


def test_a_version_after_the_handover_is_kept_and_changes_nothing() -> None:
    story, _ = three_boxes_handed_over()
    story.manifest(listed(boxes(1, 2)), version=2)
    told = story.account
    assert codes(told) == ["manifest-after-handover"]
    assert len(told.lines) == 3
    assert told.steps[-1].set_aside


def test_a_version_that_only_one_side_signed_awaits_the_other_and_changes_nothing() -> None:
    story = Story()
    story.manifest(listed(boxes(1, 3)))
    second = story.manifest(listed(boxes(1, 2)), version=2, signed=["belmar"])
    told = story.account
    assert len(told.lines) == 3
    assert Await("arvad", "sign", "manifest", second.digest) in told.awaits


# --- several parties, a neutral between -------------------------------------------------------------------------


def test_a_transfer_may_have_manifests_between_different_parties_and_is_as_far_as_the_slowest() -> None:
    story = Story()
    story.propose(parties={"from": ["belmar"], "to": ["arvad", "corland"]})
    to_arvad = story.manifest(listed(boxes(1, 3)))
    story.manifest(listed(boxes(4, 5)), receiver="corland")
    story.hand_over(to_arvad)
    story.receive(to_arvad)
    told = story.account
    assert [told.state_of(one) for one in told.consignments.values()] == [
        TransferState.RECEIVED,
        TransferState.MANIFEST_AGREED,
    ]
    assert told.state is TransferState.MANIFEST_AGREED
    assert told.faults == ()


def test_a_container_on_two_manifests_is_on_the_first() -> None:
    story = Story()
    story.manifest(listed(boxes(1, 3)))
    story.manifest(listed(boxes(3, 4)), receiver="corland")
    told = story.account
    assert codes(told) == ["container-in-two-manifests"]
    assert [line.receiver for line in told.lines] == ["arvad"] * 3


def test_containers_go_through_a_neutral_s_hands() -> None:
    story = Story()
    manifest = story.manifest(listed(boxes(1, 2)), through="observer")
    story.hand_over(manifest, taker="observer")
    assert story.account.lines[0].place == "observer"
    assert Await("observer", "say", "handover") in story.account.awaits
    story.hand_over(manifest, giver="observer", witness=[])
    told = story.account
    assert [len(line.handovers) for line in told.lines] == [2, 2]
    assert told.lines[0].place == "arvad"
    assert codes(told) == []


def test_a_handover_past_the_neutral_that_should_witness_it_is_told() -> None:
    story = Story()
    manifest = story.manifest(listed(boxes(1, 2)), through="observer")
    story.hand_over(manifest)
    assert codes(story.account) == ["neutral-missing"]
    assert story.account.state is TransferState.HANDED_OVER


# --- voids and paper --------------------------------------------------------------------------------------------


def test_one_side_cannot_void_what_both_have_signed() -> None:
    story, _ = three_boxes_handed_over()
    handover = story.recorded[-1].statement
    story.void(handover, by="belmar")
    told = story.account
    assert told.state is TransferState.HANDED_OVER
    assert codes(told) == ["void-not-by-all"]


def test_both_sides_void_a_handover_and_it_is_as_if_it_had_not_stood() -> None:
    story, _ = three_boxes_handed_over()
    handover = story.recorded[-1].statement
    story.void(handover, by="belmar", with_=["arvad"])
    told = story.account
    assert told.state is TransferState.SEALED
    assert [step.footing for step in told.steps][-2:] == [Footing.VOIDED, Footing.STANDS]


def test_a_voided_void_lets_the_statement_stand_again() -> None:
    story, _ = three_boxes_handed_over()
    handover = story.recorded[-1].statement
    void = story.void(handover, by="belmar", with_=["arvad"])
    story.void(void, by="belmar", with_=["arvad"])
    assert story.account.state is TransferState.HANDED_OVER


def test_an_author_withdraws_alone_what_nobody_else_has_signed() -> None:
    story = Story()
    proposal = story.propose(signed=["arvad"])
    story.void(proposal)
    told = story.account
    assert told.state is TransferState.DRAFT
    assert told.awaits == ()


def test_voiding_the_manifest_leaves_what_rested_on_it_without_ground() -> None:
    story, manifest = three_boxes_handed_over()
    assert "others-rest-on-it" in refused(
        story.account, drafted(lambda tried: tried.void(manifest, by="belmar", with_=["arvad"]), story)
    )
    story.void(manifest, by="belmar", with_=["arvad"])
    told = story.account
    assert told.state is TransferState.PROPOSED
    assert codes(told) == ["manifest-not-agreed", "manifest-not-agreed", "others-rest-on-it"]


def test_a_signature_on_paper_entered_back_is_a_signature() -> None:
    story = Story()
    manifest = story.manifest(listed(boxes(1, 3)), on_paper=["belmar"], signed=["arvad"])
    assert story.account.state is TransferState.DRAFT
    story.paper(manifest, ["belmar"])
    told = story.account
    assert told.state is TransferState.MANIFEST_AGREED
    assert told.steps[0].signed == ("belmar", "arvad")


def test_paper_does_not_sign_for_who_signs_with_a_key() -> None:
    story = Story()
    manifest = story.manifest(listed(boxes(1, 3)), signed=["arvad"])
    story.paper(manifest, ["belmar"])
    assert story.account.state is TransferState.DRAFT
    assert codes(story.account) == ["not-on-paper"]


# --- closing ----------------------------------------------------------------------------------------------------


def test_a_closing_whose_accounts_are_not_those_of_the_statements_closes_and_stays_in_sight() -> None:
    story, _ = july_2018()
    closing = drafted(lambda tried: tried.close(received=54), story)
    refuse(story.account, closing)  # it is for both to sign what they want; it is shown, not refused
    story.close(received=54)
    told = story.account
    assert told.state is TransferState.CLOSED
    (fault,) = told.faults
    assert (fault.code, fault.path, fault.value) == ("accounts-differ", "/accounts/received", "54")
    assert "55" in fault.reason


def test_nothing_is_closed_over_an_open_discrepancy() -> None:
    story, _ = settled()
    story.close()
    told = story.account
    assert told.state is TransferState.DISCREPANCY_OPEN
    assert codes(told) == ["open-discrepancies"]


def test_what_comes_after_the_closing_is_kept_without_effect() -> None:
    story, manifest = july_2018()
    story.close()
    story.dispute("D-1", "count")
    story.inspect(all_inspected(manifest))
    told = story.account
    assert told.state is TransferState.CLOSED
    assert told.discrepancies == ()
    assert set(codes(told)) == {"after-closing"}
    assert allowed_next(told, "arvad") == ("void", "paper")


# --- what forms refuse ------------------------------------------------------------------------------------------

AT = {
    "nothing": lambda: Story(),
    "proposed": lambda: _proposed(),
    "handed over": lambda: three_boxes_handed_over()[0],
    "received": lambda: july_2018()[0],
    "disputed": lambda: settled()[0],
}


def _proposed() -> Story:
    story = Story()
    story.propose()
    return story


def _manifest_of(story: Story) -> Any:
    return next(one.statement for one in story.recorded if one.statement.kind == "manifest")


def _unknown(kind: str) -> dict[str, Any]:
    return BODIES[kind]


REFUSALS: list[tuple[str, str, Callable[[Story], Any]]] = [
    ("after-refusal", "nothing", lambda s: (s.refuse(s.propose(signed=["arvad"])), s.manifest(listed(["C-001"])))[1]),
    ("after-abort", "proposed", lambda s: (s.abort(), s.manifest(listed(["C-001"])))[1]),
    ("after-closing", "received", lambda s: (s.close(), s.dispute("D-1", "count"))[1]),
    ("not-a-party", "handed over", lambda s: s.dispute("D-1", "count", by="corland")),
    ("not-of-a-transfer", "proposed", lambda s: s.tell("disclosure", "arvad", BODIES["disclosure"], with_=["belmar"])),
    ("proposal-too-late", "handed over", lambda s: s.propose()),
    ("not-proposed", "proposed", lambda s: s.manifest(listed(["C-001"]), giver="arvad", receiver="corland")),
    ("unknown-statement", "handed over", lambda s: s.tell("void", "arvad", BODIES["void"])),
    ("version-not-higher", "nothing", lambda s: (s.manifest(listed(["C-1"])), s.manifest(listed(["C-2"])))[1]),
    ("manifest-after-handover", "handed over", lambda s: s.manifest(listed(["C-001"]), version=2)),
    (
        "container-in-two-manifests",
        "nothing",
        lambda s: (s.manifest(listed(["C-1"])), s.manifest(listed(["C-1"]), receiver="corland"))[1],
    ),
    ("manifest-not-agreed", "proposed", lambda s: s.tell("handover", "belmar", BODIES["handover"], with_=["arvad"])),
    (
        "manifest-superseded",
        "nothing",
        lambda s: (m := s.manifest(listed(["C-1"])), s.manifest(listed(["C-1"]), version=2), s.hand_over(m))[2],
    ),
    (
        "line-not-listed",
        "nothing",
        lambda s: s.hand_over(
            s.manifest(listed(boxes(1, 2))),
            [{**BODIES["handover"]["lines"][0], "line": 7, "container": "C-007"}],
        ),
    ),
    ("seal-after-handover", "handed over", lambda s: s.seal(_manifest_of(s))),
    (
        "not-the-giver",
        "nothing",
        lambda s: s.hand_over(s.manifest(listed(["C-1"])), giver="corland", taker="arvad"),
    ),
    (
        "not-the-receiver",
        "handed over",
        lambda s: s.tell("receipt", "belmar", {**BODIES["receipt"], "manifest": _manifest_of(s).digest}),
    ),
    ("line-handed-twice", "handed over", lambda s: s.hand_over(_manifest_of(s))),
    (
        "not-with-the-giver",
        "nothing",
        lambda s: s.hand_over(s.manifest(listed(["C-1"]), through="observer"), giver="observer", taker="arvad"),
    ),
    (
        "neutral-missing",
        "nothing",
        lambda s: s.hand_over(s.manifest(listed(["C-1"]), through="observer")),
    ),
    ("nothing-handed-over", "nothing", lambda s: s.receive(s.manifest(listed(["C-1"])))),
    ("line-received-twice", "received", lambda s: s.receive(_manifest_of(s))),
    ("line-unmentioned", "handed over", lambda s: s.receive(_manifest_of(s), [received_line(1, "C-001")])),
    ("nothing-received", "handed over", lambda s: s.close()),
    ("line-not-received", "disputed", lambda s: s.inspect([inspected_line(3, "C-003")])),
    (
        "not-jointly",
        "received",
        lambda s: s.tell(
            "inspection",
            "arvad",
            {"mode": "jointly", "lines": [inspected_line(1, "C-001")]},
            with_=["corland"],
        ),
    ),
    ("number-twice", "disputed", lambda s: s.dispute("D-1", "count")),
    ("container-unknown", "disputed", lambda s: s.dispute("D-2", "count", ["Z-1"])),
    ("unknown-number", "disputed", lambda s: s.resolve("D-7")),
    ("already-resolved", "disputed", lambda s: (s.resolve("D-1"), s.resolve("D-1"))[1]),
    (
        "not-by-the-raiser",
        "disputed",
        lambda s: s.tell("resolution", "belmar", {**BODIES["resolution"], "resolves": ["D-1"]}, with_=["corland"]),
    ),
    ("nothing-to-resolve", "received", lambda s: s.resolve("D-1")),
    ("issued-twice", "received", lambda s: s.issue(["C-001"])),
    ("not-issued", "received", lambda s: s.send_back(["Z-1"])),
    ("returned-twice", "received", lambda s: (s.send_back(["C-099"]), s.send_back(["C-099"]))[1]),
    ("returned-though-received", "received", lambda s: s.send_back(["C-001"])),
    ("open-discrepancies", "disputed", lambda s: s.close()),
    ("refuses-standing", "proposed", lambda s: s.refuse(s.recorded[0].statement)),
    ("not-asked", "nothing", lambda s: s.refuse(s.propose(signed=["arvad"]), by="corland")),
    ("abort-after-handover", "handed over", lambda s: s.abort()),
    ("nothing-to-abort", "nothing", lambda s: s.abort()),
    ("void-not-by-all", "handed over", lambda s: s.void(_manifest_of(s), by="belmar")),
    ("voided-already", "nothing", lambda s: (p := s.propose(signed=["arvad"]), s.void(p), s.void(p))[2]),
    ("others-rest-on-it", "handed over", lambda s: s.void(_manifest_of(s), by="belmar", with_=["arvad"])),
    ("not-on-paper", "handed over", lambda s: s.paper(_manifest_of(s), ["belmar"])),
]


@pytest.mark.parametrize(("code", "at", "say"), REFUSALS, ids=[code for code, _, _ in REFUSALS])
def test_forms_refuse_with_a_stable_code(code: str, at: str, say: Callable[[Story], Any]) -> None:
    story = AT[at]()
    draft = say(story)
    told = account(story.recorded[:-1], SUBJECT)
    assert code in refused(told, draft)


IN_A_BODY = {
    "line-twice": Draft("manifest", "belmar", (), {**BODIES["manifest"], "lines": listed(["C-1"]) + listed(["C-2"])}),
    "container-twice": Draft("manifest", "belmar", (), {**BODIES["manifest"], "lines": listed(["C-1", "C-1"])}),
    "total-differs": Draft("issue", "arvad", (), {**BODIES["issue"], "count": 200}),
}


@pytest.mark.parametrize("code", IN_A_BODY)
def test_a_draft_that_contradicts_itself_is_refused_by_the_same_codes(code: str) -> None:
    assert code in refused(_proposed().account, IN_A_BODY[code])


def test_a_line_received_that_was_never_handed_over_is_refused_in_a_form() -> None:
    story = Story()
    manifest = story.manifest(listed(boxes(1, 2)))
    first = BODIES["handover"]["lines"][0]
    story.hand_over(manifest, [first])
    draft = drafted(lambda tried: tried.receive(manifest), story)
    assert "line-not-handed-over" in refused(story.account, draft)


def test_who_does_not_hold_a_container_cannot_hand_it_over() -> None:
    story = Story()
    manifest = story.manifest(listed(boxes(1, 2)))
    draft = drafted(lambda tried: tried.hand_over(manifest), story)
    refuse(story.account, draft)  # no record of who holds what: nothing to say
    refuse(story.account, draft, held={"C-001": "belmar", "C-002": "belmar"})
    assert refused(story.account, draft, held={"C-001": "belmar", "C-002": "arvad"}) == ("not-held",)
    assert refused(story.account, draft, held={"C-001": "belmar"}) == ("not-held",)


def test_every_rule_is_proved_by_a_test() -> None:
    proved = {code for code, _, _ in REFUSALS} | set(IN_A_BODY) | {"line-not-handed-over", "not-held", "nonsense"}
    shown_only = {code for code, rule in RULES.items() if not rule.refused}
    of_one_body = {  # by test_statement.py
        "to-oneself",
        "through-a-side",
        "not-clean",
        "extra-and-line",
        "copy-beyond",
        "party-twice",
        "about-nothing",
        "about-nobody",
    }
    assert set(RULES) == proved | shown_only | of_one_body


def test_the_page_on_transfers_has_every_code_and_no_other() -> None:
    page = (Path(__file__).parents[3] / "docs" / "methods" / "transfers.md").read_text("utf-8")
    section = page.split("## 5. What does not fit")[1].split("## 6.")[0]
    rows = [line.split("|") for line in section.splitlines() if line.startswith("| `")]
    told = {code: row[2].strip() for row in rows for code in re.findall(r"`([^`]+)`", row[1])}
    expected = {
        code: "shown only" if not rule.refused else "set aside" if rule.sets_aside else ""
        for code, rule in RULES.items()
    }
    assert told == expected


def test_an_objection_says_what_where_and_what_to_do() -> None:
    story = _proposed()
    draft = Draft("handover", "belmar", (), BODIES["handover"])
    with pytest.raises(
        NotAllowed, match=r"handover, /manifest: .*manifest that does not stand.*\(manifest-not-agreed\)"
    ):
        refuse(story.account, draft)


def test_what_a_party_may_say_next_follows_its_side() -> None:
    story, _ = three_boxes_handed_over()
    assert "receipt" in allowed_next(story.account, "arvad")
    assert "receipt" not in allowed_next(story.account, "belmar")
    assert "handover" not in allowed_next(story.account, "belmar")
    assert allowed_next(story.account, "corland") == ("issue", "paper")


def unchecked(statement: Statement, **fields: Any) -> Statement:
    """A statement as a verifier reads it, with other fields."""
    return read_frame(canonical({**read_canonical(statement.payload), **fields}))


def test_what_was_signed_and_makes_no_sense_is_kept_and_set_aside() -> None:
    story, manifest = three_boxes_handed_over()
    nonsense = unchecked(story.receive(manifest), body={"manifest": manifest.digest, "lines": 7})
    story.recorded[-1] = replace(story.recorded[-1], statement=nonsense)
    told = story.account
    assert told.state is TransferState.HANDED_OVER
    assert set(codes(told)) == {"nonsense"}
    assert told.steps[-1].set_aside
    assert [fault.path for fault in told.faults][:1] == ["/body/lines"]


def test_a_handover_that_the_receiver_was_never_asked_to_sign_moves_nothing() -> None:
    story, _ = three_boxes_handed_over()
    handover = story.recorded[-1].statement
    alone = unchecked(handover, signers=[handover.signers[0].to_json()])
    story.recorded[-1] = Recorded(alone, frozenset({"belmar"}), 9)
    assert story.account.state is TransferState.SEALED
    assert codes(story.account) == ["nonsense"]


def test_a_draft_without_the_right_shape_is_refused_and_not_stumbled_over() -> None:
    assert refused(_proposed().account, Draft("handover", "belmar", (), {"lines": None})) == ("nonsense",)


# --- laws -------------------------------------------------------------------------------------------------------


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """A transfer told at random: some of it in order, some of it not, some of it signed by one side only."""
    story = Story()
    count = draw(st.integers(1, 4))
    issued = boxes(1, count + draw(st.integers(0, 2)))
    signed = st.sampled_from([None] * 12 + [["belmar"], ["arvad"], []])
    steps: dict[str, Callable[[], Any]] = {
        "propose": lambda: story.propose(signed=draw(signed)),
        "issue": lambda: story.issue(issued, signed=draw(signed)),
        "manifest": lambda: story.manifest(
            listed(boxes(1, count)), version=draw(st.integers(1, 2)), signed=draw(signed)
        ),
        "seal": lambda: story.seal(_manifest_of(story)),
        "hand over": lambda: story.hand_over(_manifest_of(story), signed=draw(signed)),
        "receive": lambda: story.receive(_manifest_of(story), _any_receipt(draw, _manifest_of(story))),
        "inspect": lambda: story.inspect([inspected_line(1, "C-001")], jointly=draw(st.booleans())),
        "reserve": lambda: story.reserve(draw(st.sampled_from(["R-1", "R-2"])), story.recorded[0].statement),
        "dispute": lambda: story.dispute(draw(st.sampled_from(["D-1", "R-1"])), "count"),
        "resolve": lambda: story.resolve("D-1", "R-1"),
        "return": lambda: story.send_back(draw(st.lists(st.sampled_from(issued), min_size=1, unique=True))),
        "close": lambda: story.close(),
        "abort": lambda: story.abort(),
        "void": lambda: story.void(
            draw(st.sampled_from(story.recorded)).statement, with_=draw(st.sampled_from([["belmar"], []]))
        ),
    }
    in_order = [name for name in list(steps)[1:12] if name != "manifest"]
    skipped = draw(st.sets(st.sampled_from(in_order), max_size=2))
    told = in_order[: draw(st.integers(0, len(in_order)))]
    story.propose(signed=["arvad"])
    story.manifest(listed(boxes(1, count)), signed=draw(signed))
    for name in [name for name in told if name not in skipped] + draw(
        st.lists(st.sampled_from(list(steps)), max_size=4)
    ):
        steps[name]()
    return story


def _any_receipt(draw: st.DrawFn, manifest: Any) -> list[dict[str, Any]]:
    outcomes = st.sampled_from(["received", "not_received", "seal_broken", "wrong_content", "returned"])
    rows = [received_line(line["line"], line["container"], outcome=draw(outcomes)) for line in manifest.body["lines"]]
    extra = received_line(None, draw(st.sampled_from(["X-1", "C-005"])), outcome="unlisted_extra")
    return rows[: draw(st.integers(1, len(rows)))] + draw(st.sampled_from([[], [extra]]))


def seen(told: Account) -> Any:
    """What an account comes to, without its history."""
    return (
        told.state,
        told.lines,
        told.extras,
        told.reservations,
        told.discrepancies,
        told.cases,
        told.returns,
        told.ending,
    )


@given(stories(), st.randoms())
@settings(deadline=None)
def test_the_same_statements_in_any_order_of_arrival_give_the_same_account(story: Story, shuffled: Any) -> None:
    mixed = list(story.recorded)
    shuffled.shuffle(mixed)
    assert account(mixed, SUBJECT) == account(story.recorded, SUBJECT)


@given(stories())
@settings(deadline=None)
def test_signatures_that_come_one_at_a_time_give_the_same_account(story: Story) -> None:
    singly = [
        Recorded(one.statement, frozenset({party} if party else ()), one.index)
        for one in story.recorded
        for party in (*sorted(one.signed), "")
    ]
    assert account(reversed(singly), SUBJECT) == account(story.recorded, SUBJECT)


@given(stories())
@settings(deadline=None)
def test_a_statement_that_nobody_signed_or_about_something_else_changes_nothing_that_stands(story: Story) -> None:
    before = story.account
    story.tell("abort", "arvad", BODIES["abort"], signed=[])
    story.tell("abort", "arvad", BODIES["abort"], subject="transfer:T-1999-09")
    story.tell("session", "arvad", BODIES["session"], with_=["belmar"], subject="session:7")
    story.tell(
        "issue",
        "corland",
        {**BODIES["issue"], "from": "corland", "to": "observer"},
        with_=["observer"],
        subject="list:1",
    )
    assert seen(story.account) == seen(before)
    assert story.account.faults == before.faults


@given(stories())
@settings(deadline=None)
def test_every_line_handed_over_is_received_given_back_not_received_or_awaited(story: Story) -> None:
    told = story.account
    handed = [line for line in told.lines if line.handovers]
    arrived = [line for line in handed if line.outcome.arrived]
    back = [line for line in handed if line.outcome is Outcome.RETURNED]
    lost = [line for line in handed if line.outcome in (Outcome.NOT_RECEIVED, Outcome.NOT_MENTIONED)]
    pending = [line for line in handed if line.outcome is Outcome.HANDED_OVER]
    assert len(handed) == len(arrived) + len(back) + len(lost) + len(pending)
    assert not any(line.receipts or line.inspections for line in told.lines if line not in handed)


@given(stories())
@settings(deadline=None)
def test_every_case_issued_is_received_returned_elsewhere_or_unreturned_and_only_one_of_them(story: Story) -> None:
    cases = story.account.cases
    parts = [cases.received, cases.extras, cases.returned_empty, cases.elsewhere, cases.unreturned]
    assert sum(len(part & cases.issued) for part in parts) == len(cases.issued)
    assert frozenset().union(*parts) & cases.issued == cases.issued
    assert cases.received <= cases.handed_over <= cases.filled


@given(stories())
@settings(deadline=None)
def test_a_last_statement_that_is_voided_leaves_the_account_as_it_was(story: Story) -> None:
    before = account(story.recorded[:-1], SUBJECT)
    last = story.recorded[-1]
    kept = [one for one in story.recorded[:-1] if last.digest not in _spoken_of(one)]
    assert len(kept) == len(story.recorded) - 1
    everyone = [party for party in ("arvad", "belmar") if party in last.signed]
    story.tell(
        "void",
        everyone[0] if everyone else "arvad",
        {"voids": last.digest, "reason": BODIES["void"]["reason"]},
        with_=everyone[1:],
    )
    told = story.account
    assert seen(told) == seen(before)
    assert told.steps[-2].footing is Footing.VOIDED


def _spoken_of(recorded: Recorded) -> list[Any]:
    return [recorded.statement.body.get(name) for name in ("voids", "statement", "refuses")]


@given(stories(), st.sampled_from(KINDS), st.sampled_from(BOTH))
@settings(deadline=None)
def test_what_a_party_may_not_say_now_is_refused_whatever_its_body(story: Story, kind: str, party: str) -> None:
    told = story.account
    draft = Draft(kind, party, (), BODIES[kind])
    barred = kind not in allowed_next(told, party)
    assert not barred or kind in ("refusal", "void") or refused(told, draft)


@given(stories())
@settings(deadline=None)
def test_what_forms_let_through_has_no_objection_once_it_is_signed(story: Story) -> None:
    last = story.recorded[-1]
    whole = replace(last, signed=last.statement.parties)
    before = account(story.recorded[:-1], SUBJECT)
    after = account([*story.recorded[:-1], whole], SUBJECT)
    let_through = _let_through(before, last.statement)
    grave = [one for one in after.faults if one.digest == last.digest and one.code != "accounts-differ"]
    assert not (let_through and grave)


def _let_through(told: Account, statement: Any) -> bool:
    try:
        refuse(told, statement)
    except NotAllowed:
        return False
    return True


def test_a_large_batch_of_1248_containers_is_accounted_for_in_a_moment() -> None:
    story = Story()
    story.propose()
    manifest = story.manifest(listed([f"B-{n}" for n in range(1248)]))
    story.seal(manifest)
    story.hand_over(manifest)
    rows = [received_line(line["line"], line["container"]) for line in manifest.body["lines"]]
    story.receive(manifest, [*rows[:-3], *({**row, "outcome": "not_received"} for row in rows[-3:])])
    assert story.account.totals["received"].lines == 1245
    assert AUTHORS["manifest"] == manifest.by


@given(stories(), st.data())
@settings(deadline=None)
def test_whatever_was_signed_there_is_an_account(story: Story, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(story.recorded) - 1))
    recorded = story.recorded[at]
    body = dict(recorded.statement.body)
    body[data.draw(st.sampled_from(sorted(body)))] = data.draw(ANYTHING)
    kind = data.draw(st.sampled_from([recorded.statement.kind, *KINDS]))
    story.recorded[at] = replace(recorded, statement=unchecked(recorded.statement, body=body, kind=kind))
    told = story.account
    assert account_value(told)["state"] == told.state
    assert [allowed_next(told, party) for party in BOTH]
