"""Statements: made once, read back to the byte, and refused with every fault."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.errors import Fault, NotCanonical, Rejected, SealBroken
from homeward.seals.bodies import BODIES as SHAPES
from homeward.seals.bodies import contradictions
from homeward.seals.canonical import canonical, read_canonical
from homeward.seals.statement import (
    KINDS,
    Opening,
    Openings,
    Signer,
    Statement,
    commit,
    make_statement,
    read_frame,
    read_openings,
    read_statement,
)
from tests.homeward.seals.bodies import AUTHORS, BODIES, DIGEST, manifest_line

MADE = datetime(2018, 7, 27, 1, 40, tzinfo=UTC)
BOTH = {"arvad": "0a" * 32, "belmar": "0b" * 32}
FORMAT = Path(__file__).parents[3] / "docs" / "methods" / "seals.md"


def made(kind: str, body: dict[str, Any] | None = None, **changed: Any) -> Statement:
    author = AUTHORS.get(kind, "arvad")
    other = next(party for party in BOTH if party != author)
    told: dict[str, Any] = {
        "kind": kind,
        "programme": "Arvad and Belmar 2018",
        "subject": "transfer:T-2018-01",
        "made_at": MADE,
        "zone": "Asia/Seoul",
        "place": "Halfway House",
        "author": {"name": "M. Oresk", "office": "", "party": author},
        "signers": [Signer(author, BOTH[author], "author"), Signer(other, BOTH[other], "countersigner")],
        "body": BODIES[kind] if body is None else body,
    }
    return make_statement(**{**told, **changed})


def faults_of(call: Any, *args: Any, **kwargs: Any) -> dict[str, str]:
    with pytest.raises(Rejected) as refused:
        call(*args, **kwargs)
    return {fault.column: fault.reason for fault in refused.value.faults}


def altered(statement: Statement, **fields: Any) -> bytes:
    return canonical({**read_canonical(statement.payload), **fields})


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_read_back_to_the_byte(kind: str) -> None:
    statement = made(kind)
    again = read_statement(statement.payload)
    assert again == statement
    assert again.body == BODIES[kind]
    assert again.digest == statement.digest
    assert read_frame(statement.payload) == statement


def test_the_format_s_page_names_every_kind_and_no_other() -> None:
    section = FORMAT.read_text("utf-8").split("## 4. Kinds")[1].split("## 5.")[0]
    rows = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert tuple(rows) == KINDS


def test_every_field_of_a_body_is_named_on_the_format_s_page() -> None:
    section = FORMAT.read_text("utf-8").split("## 4. Kinds")[1].split("## 5.")[0]
    rows = {line.split("`")[1]: line for line in section.splitlines() if line.startswith("| `")}
    missing = [(kind, name) for kind, shape in SHAPES.items() for name in shape.fields if f'"{name}"' not in rows[kind]]
    assert missing == []


def test_the_digest_is_the_sha256_of_the_bytes_worked_by_hand() -> None:
    statement = made("abort", {"reason": [{"lang": "ko", "text": "합의"}]}, signers=[Signer("arvad", "", "author")])
    expected = (
        '{"author":{"name":"M. Oresk","office":"","party":"arvad"},"body":{"reason":[{"lang":"ko","text":"합의"}]},'
        '"follows":[],"kind":"abort","made_at":"2018-07-27T01:40:00Z","made_local":"2018-07-27T10:40:00+09:00",'
        '"place":"Halfway House","programme":"Arvad and Belmar 2018","schema":"homeward/statement/1",'
        '"signers":[{"as":"author","key":"","party":"arvad"}],"subject":"transfer:T-2018-01","zone":"Asia/Seoul"}'
    ).encode()
    assert statement.payload == expected
    assert statement.digest == "sha256:" + hashlib.sha256(expected).hexdigest()


def test_the_north_s_clock_ran_half_an_hour_behind_until_may_2018() -> None:
    before = made("abort", zone="Asia/Pyongyang", made_at=datetime(2018, 5, 1, tzinfo=UTC))
    after = made("abort", zone="Asia/Pyongyang")
    assert before.made_local == "2018-05-01T08:30:00+08:30"
    assert after.made_local == "2018-07-27T10:40:00+09:00"


@pytest.mark.parametrize(
    ("local", "zone", "path"),
    [
        ("2018-07-27T10:41:00+09:00", "Asia/Seoul", "/made_local"),  # another instant
        ("2018-07-27T01:40:00+00:00", "Asia/Seoul", "/made_local"),  # the same instant, elsewhere
        ("2018-07-27T10:40:00+09:00", "Asia/Nowhere", "/zone"),
        ("2018-07-27T10:40:00+09:00", "../../etc/passwd", "/zone"),
        ("2018-13-27T10:40:00+09:00", "Asia/Seoul", "/made_local"),
        ("2018-07-27 10:40:00+09:00", "Asia/Seoul", "/made_local"),
    ],
)
def test_a_local_time_that_is_not_that_instant_in_that_zone_is_refused(local: str, zone: str, path: str) -> None:
    payload = altered(made("abort"), made_local=local, zone=zone)
    assert path in faults_of(read_statement, payload)


def test_utc_may_be_written_with_a_z_where_the_clock_stands_on_utc() -> None:
    statement = read_statement(altered(made("abort"), made_local="2018-07-27T01:40:00Z", zone="UTC"))
    assert statement.made_local.endswith("Z")


def test_a_wall_clock_is_not_an_instant() -> None:
    assert "/made_at" in faults_of(made, "abort", made_at=datetime(2018, 7, 27))


def test_every_fault_is_told_at_once() -> None:
    body = copy.deepcopy(BODIES["manifest"])
    body["lines"][0] |= {"bags": -1, "content": "gold", "seals": "BL 1", "weight_g": 6.5}
    del body["lines"][1]["origin"]
    body["spare"] = 1
    told = faults_of(made, "manifest", body, zone="Mars/Olympus", programme="", follows=["sha256:short"])
    assert set(told) == {
        "/zone",
        "/programme",
        "/follows/0",
        "/body/lines/0/bags",
        "/body/lines/0/content",
        "/body/lines/0/seals",
        "/body/lines/0/weight_g",
        "/body/lines/1/origin",
        "/body/spare",
    }


def test_a_fault_says_what_stood_there_and_what_to_do() -> None:
    body = {**BODIES["abort"], "reason": [{"lang": "en", "text": ""}]}
    with pytest.raises(Rejected) as refused:
        made("abort", body)
    (fault,) = refused.value.faults
    assert str(fault) == "statement, /body/reason/0/text: says nothing. Write what is meant here."


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("manifest", {"lines": [manifest_line(1, "C-001"), manifest_line(1, "C-002")]}, "line-twice"),
        ("manifest", {"lines": [manifest_line(1, "C-001"), manifest_line(2, "C-001")]}, "container-twice"),
        ("manifest", {"bags": 5}, "total-differs"),
        ("manifest", {"containers": 1}, "total-differs"),
        ("manifest", {"through": "arvad"}, "through-a-side"),
        ("manifest", {"to": "belmar"}, "to-oneself"),
        ("issue", {"count": 100}, "total-differs"),
        ("issue", {"containers": [{"container": "C-001", "kind": "case"}] * 2}, "container-twice"),
        ("handover", {"containers": 3}, "total-differs"),
        ("handover", {"received_by": BODIES["handover"]["relinquished_by"]}, "to-oneself"),
        ("receipt", {"containers": 1}, "total-differs"),
        ("receipt", {"lines": [{**BODIES["receipt"]["lines"][0], "line": None}], "containers": 1}, "extra-and-line"),
        ("receipt", {"lines": [{**BODIES["receipt"]["lines"][0], "seal_condition": "broken"}]}, "not-clean"),
        ("paper", {"copy": 4}, "copy-beyond"),
        ("key", {"key": ""}, "key-not-given"),
        ("key", {"act": "revoke"}, "no-reason"),
        ("session", {"state": "not_held"}, "nobody-absent"),
        ("disclosure", {"offers": [], "asks": []}, "nothing-disclosed"),
        ("affiliation", {"lines": [], "containers": []}, "about-nothing"),
        ("affiliation", {"group": ""}, "about-nobody"),
    ],
)
def test_what_cannot_be_true_inside_a_body_is_refused_by_a_stable_code(kind: str, change: Any, code: str) -> None:
    body = {**BODIES[kind], **change}
    assert code in [found.code for found in contradictions(kind, body)]
    assert faults_of(made, kind, body)


def test_a_receipt_counts_what_stayed_with_the_receiver() -> None:
    one, other = BODIES["receipt"]["lines"]
    extra = {**one, "line": None, "container": "X-9", "outcome": "unlisted_extra"}
    body = {**BODIES["receipt"], "lines": [one, {**other, "outcome": "not_received"}, extra], "clean": False}
    assert made("receipt", {**body, "containers": 2}).body["containers"] == 2


@pytest.mark.parametrize(
    ("kind", "signers"),
    [
        ("manifest", [Signer("belmar", "", "author")]),  # the receiver agrees to a manifest too
        ("handover", [Signer("belmar", "", "author"), Signer("arvad", "", "witness")]),
        ("proposal", [Signer("arvad", "", "author")]),
        ("closing", [Signer("arvad", "", "author"), Signer("observer", "", "witness")]),
        ("inspection", [Signer("arvad", "", "author")]),  # jointly is not alone
        ("session", [Signer("arvad", "", "author")]),
        ("resolution", [Signer("arvad", "", "author")]),
    ],
)
def test_who_must_sign_a_kind_is_among_its_signers(kind: str, signers: list[Signer]) -> None:
    assert "/signers" in faults_of(made, kind, signers=signers)


def test_a_neutral_that_a_manifest_goes_through_signs_as_witness() -> None:
    body = {**BODIES["manifest"], "through": "observer"}
    two = [Signer("belmar", "", "author"), Signer("arvad", "", "countersigner")]
    assert "/signers" in faults_of(made, "manifest", body, signers=two)
    assert made("manifest", body, signers=[*two, Signer("observer", "", "witness")]).parties == {
        "arvad",
        "belmar",
        "observer",
    }


def test_a_session_that_was_not_held_may_be_recorded_by_who_came() -> None:
    body = {**BODIES["session"], "state": "not_held", "absent": ["belmar"]}
    assert made("session", body, signers=[Signer("arvad", "", "author")]).body["absent"] == ["belmar"]


@pytest.mark.parametrize(
    ("signers", "path"),
    [
        ([Signer("belmar", "", "author")], "/signers/0/party"),
        ([Signer("arvad", "", "countersigner")], "/signers/0/as"),
        ([Signer("arvad", "", "author"), Signer("belmar", "", "author")], "/signers/1/as"),
        ([Signer("arvad", "", "author"), Signer("arvad", "0b" * 32, "witness")], "/signers/1/party"),
        ([Signer("arvad", "0a" * 32, "author"), Signer("belmar", "0a" * 32, "witness")], "/signers/1/key"),
        ([Signer("arvad", "0A" * 32, "author")], "/signers/0/key"),
        ([], "/signers"),
    ],
)
def test_the_author_signs_first_and_nobody_twice(signers: list[Signer], path: str) -> None:
    assert path in faults_of(made, "abort", signers=signers)


def test_what_it_rests_on_is_sorted_and_named_once() -> None:
    low, high = "sha256:" + "00" * 32, "sha256:" + "ff" * 32
    statement = made("abort", follows=[high, low, high])
    assert statement.follows == (low, high)
    assert "/follows" in faults_of(read_statement, altered(statement, follows=[high, low]))


def test_bytes_that_are_not_canonical_are_not_a_statement() -> None:
    with pytest.raises(NotCanonical):
        read_statement(made("abort").payload + b"\n")


def test_a_verifier_takes_a_body_that_makes_no_sense_for_what_was_signed() -> None:
    payload = altered(made("abort"), body={"reason": "because"})
    assert read_frame(payload).body == {"reason": "because"}
    assert "/body/reason" in faults_of(read_statement, payload)


@pytest.mark.parametrize("value", [[], None, "statement", 7, {}, {"body": []}, {"kind": [], "signers": {}}])
def test_whatever_is_no_statement_is_refused_with_reasons(value: Any) -> None:
    assert faults_of(read_frame, canonical(value))
    assert faults_of(read_statement, canonical(value))


def test_a_commitment_stands_for_a_personal_value_and_its_opening_opens_it() -> None:
    salt = bytes(range(32))
    claim = {"about": "name", "text": {"commitment": commit("Hale, R.", salt)}}
    body = {**BODIES["manifest"], "lines": [manifest_line(1, "C-001", claims=[claim])], "containers": 1, "bags": 2}
    statement = made("manifest", body)
    opened = Openings(statement.digest, (Opening("/lines/0/claims/0/text", salt, "Hale, R."),))
    assert read_openings(opened.to_bytes()) == opened
    assert list(opened.faults(statement)) == []


@pytest.mark.parametrize(
    "opening",
    [
        Opening("/lines/0/claims/0/text", bytes(32), "Hale, R."),
        Opening("/lines/0/claims/0/text", bytes(range(32)), "Hale, S."),
        Opening("/lines/7", bytes(range(32)), "Hale, R."),
        Opening("lines", bytes(range(32)), "Hale, R."),
        Opening("/lines/0/bags", bytes(range(32)), 2),
    ],
)
def test_an_opening_of_another_value_salt_or_place_is_told(opening: Opening) -> None:
    claim = {"about": "name", "text": {"commitment": commit("Hale, R.", bytes(range(32)))}}
    body = {**BODIES["manifest"], "lines": [manifest_line(1, "C-001", claims=[claim])], "containers": 1, "bags": 2}
    statement = made("manifest", body)
    assert list(Openings(statement.digest, (opening,)).faults(statement))
    assert list(Openings(DIGEST, (opening,)).faults(statement))


def test_a_short_salt_could_be_guessed_with_its_value() -> None:
    assert "/salt" in faults_of(commit, "Hale, R.", b"short")


def test_openings_of_another_form_are_refused() -> None:
    assert faults_of(read_openings, canonical({"openings": [{"path": 1}], "schema": "x", "statement": ""}))
    with pytest.raises(SealBroken, match="32 bytes"):
        read_openings(Openings(DIGEST, (Opening("/a", b"short", 1),)).to_bytes())


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(KINDS), st.data())
def test_a_body_with_any_one_place_changed_is_taken_or_refused_with_a_path_into_it(kind: str, data: Any) -> None:
    body = copy.deepcopy(BODIES[kind])
    name = data.draw(st.sampled_from(sorted(body)))
    body[name] = data.draw(ANYTHING)
    paths = [fault.column for fault in faults_or_none(kind, body)]
    assert all(path.startswith(("/body", "/signers")) for path in paths)


def faults_or_none(kind: str, body: dict[str, Any]) -> tuple[Fault, ...]:
    try:
        return () if made(kind, body).body == body else (Fault("", None, "changed", "", ""),)
    except Rejected as refused:
        return refused.faults
