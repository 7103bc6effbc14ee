"""``homeward transfer`` as its user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from homeward.cli import main
from homeward.reports.statement_words import languages, words
from homeward.seals.envelope import cosign, sign
from homeward.seals.keys import PrivateKey
from homeward.seals.rules import RULES
from homeward.seals.statement import Signer, make_statement, read_openings, read_statement
from tests.homeward.formats.test_drafts import ISSUE
from tests.homeward.seals.story import (
    Story,
    all_inspected,
    one_short_with_a_broken_seal,
    three_boxes_handed_over,
)

KEYS = {party: PrivateKey.from_seed(party[:1].encode() * 32) for party in ("arvad", "belmar", "observer")}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["transfer", *map(str, arguments)], env={"COLUMNS": "200"})


def kept(story: Story, folder: Path) -> Path:
    """A story's statements, made anew with true keys and signed, each in its envelope."""
    renamed: dict[str, str] = {}
    for at, recorded in enumerate(story.recorded):
        old = recorded.statement
        body = json.loads(_renamed(json.dumps(old.body), renamed))
        new = make_statement(
            kind=old.kind,
            programme=old.programme,
            subject=old.subject,
            made_at=old.instant,
            zone=old.zone,
            author=old.author,
            signers=[Signer(one.party, KEYS[one.party].fingerprint, one.role) for one in old.signers],
            body=body,
        )
        renamed[old.digest] = new.digest
        parties = [one.party for one in new.signers if one.party in recorded.signed]
        envelope = sign(new.payload, KEYS[parties[0]])
        for party in parties[1:]:
            envelope = cosign(envelope, KEYS[party])
        (folder / f"{at:02}.json").write_bytes(envelope.to_bytes())
    for party, key in KEYS.items():
        (folder / f"{party}.pub.json").write_bytes(key.public(party=party, name=party).to_bytes())
    return folder


def _renamed(text: str, renamed: dict[str, str]) -> str:
    for old, new in renamed.items():
        text = text.replace(old, new)
    return text


@pytest.fixture
def disputed(tmp_path: Path) -> Path:
    """One short, a broken seal, reserved, inspected, a discrepancy open."""
    story, manifest = three_boxes_handed_over()
    receipt = story.receive(manifest, one_short_with_a_broken_seal(manifest))
    story.reserve("R-1", receipt, ["C-002", "C-003"])
    story.inspect(all_inspected(manifest)[:2])
    story.dispute("D-1", "missing", ["C-003"])
    return kept(story, tmp_path)


def test_a_draft_becomes_a_statement_ready_to_sign(tmp_path: Path) -> None:
    (tmp_path / "issue.toml").write_text(ISSUE, "utf-8")
    shown = run("draft", "issue", "--from-file", tmp_path / "issue.toml", "--out", tmp_path / "issue.json")
    statement = read_statement((tmp_path / "issue.json").read_bytes())
    assert shown.exit_code == 0
    assert statement.digest in shown.output


def test_a_faulty_draft_writes_nothing_and_tells_every_line(tmp_path: Path) -> None:
    (tmp_path / "issue.toml").write_text(ISSUE.replace("C-002", "C-001").replace("count = 2", "count = 3"), "utf-8")
    shown = run("draft", "issue", "--from-file", tmp_path / "issue.toml", "--out", tmp_path / "issue.json")
    assert shown.exit_code == 1
    assert "issue.toml, line 17, /body/containers/1/container: 'C-001'" in shown.output
    assert "issue.toml, line 19, /body/count: '3'" in shown.output
    assert not (tmp_path / "issue.json").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "issue.toml").write_text(ISSUE, "utf-8")
    (tmp_path / "issue.json").write_text("mine")
    shown = run("draft", "issue", "--from-file", tmp_path / "issue.toml", "--out", tmp_path / "issue.json")
    assert shown.exit_code == 1
    assert (tmp_path / "issue.json").read_text() == "mine"


def test_a_kind_that_is_none_is_refused_with_those_there_are(tmp_path: Path) -> None:
    shown = run("draft", "gift", "--from-file", tmp_path / "x.toml", "--out", tmp_path / "y.json")
    assert shown.exit_code == 2
    assert "handover" in shown.output


def test_what_is_withheld_needs_a_place_for_its_openings(tmp_path: Path) -> None:
    text = ISSUE.split("[body]")[0] + (
        '[body]\nmode = "alone"\n[[body.lines]]\nline = 1\ncontainer = "C-001"\nfound = "remains"\nbags = 1\n'
        'seal_condition = "whole"\nnote = {withheld = "a wedding ring"}\n'
    )
    (tmp_path / "i.toml").write_text(text, "utf-8")
    command = ("draft", "inspection", "--from-file", tmp_path / "i.toml", "--out", tmp_path / "s.json")
    assert run(*command).exit_code == 2
    assert not (tmp_path / "s.json").exists()
    shown = run(*command, "--openings", tmp_path / "o.json")
    assert shown.exit_code == 0, shown.output
    openings = read_openings((tmp_path / "o.json").read_bytes())
    assert [one.value for one in openings.openings] == ["a wedding ring"]
    assert list(openings.faults(read_statement((tmp_path / "s.json").read_bytes()))) == []


def test_the_account_shows_state_lines_cases_questions_and_who_is_awaited(disputed: Path) -> None:
    shown = run("account", disputed, "--subject", "transfer:T-2018-01")
    assert shown.exit_code == 0, shown.output
    for expected in (
        "State: discrepancy open",
        "received, seal broken",
        "not received",
        "6.400 kg",
        "C-003–C-004",  # unreturned
        "D-1",
        "open",
        "must say next",
    ):
        assert expected in shown.output


def test_both_parties_versions_of_the_cases_stand_side_by_side(disputed: Path) -> None:
    shown = run("account", disputed)
    row = next(line for line in shown.output.splitlines() if "Not returned" in line)
    assert [cell.strip() for cell in row.split("│")[1:6]] == ["Not returned", "2", "2", "1", "C-003–C-004"]


def test_the_account_is_worded_in_korean(disputed: Path) -> None:
    shown = run("account", disputed, "--language", "ko")
    assert "불일치 미해결" in shown.output
    assert "인수하지 못함" in shown.output


def test_the_account_as_json_has_everything_apart(disputed: Path) -> None:
    value = json.loads(run("account", disputed, "--json").output)
    line = value["lines"][1]
    assert value["state"] == "discrepancy_open"
    assert value["cases"]["versions"] == {
        "arvad": {"issued": 4, "filled": 3, "handed_over": 3, "received": 2, "returned_empty": 0, "unreturned": 2},
        "belmar": {"issued": 4, "filled": 3, "handed_over": 3, "received": 3, "returned_empty": 0, "unreturned": 1},
    }
    assert (line["declared"]["by"], line["received"][0]["by"]) == ("belmar", "arvad")
    assert [one["what"] for one in line["differences"]] == ["seal"]
    assert value["awaits"] == [
        {"party": "arvad", "act": "say", "kind": "resolution", "statement": ""},
        {"party": "belmar", "act": "say", "kind": "resolution", "statement": ""},
    ]


def test_signatures_that_cannot_be_checked_are_told_and_not_counted(disputed: Path) -> None:
    (disputed / "belmar.pub.json").unlink()
    shown = run("account", disputed)
    assert "the public key of belmar is not here" in shown.output
    assert "State: proposed" in shown.output


def test_a_subject_that_nothing_speaks_of_is_not_found(disputed: Path) -> None:
    shown = run("account", disputed, "--subject", "transfer:T-1999")
    assert shown.exit_code == 1
    assert "transfer:T-2018-01" in shown.output


def test_signs_that_a_terminal_would_obey_are_shown_as_numbers(tmp_path: Path) -> None:
    story, manifest = three_boxes_handed_over()
    body = {
        "number": "R-\x1b[2J",
        "on": manifest.digest,
        "lines": [],
        "containers": [],
        "text": [{"lang": "en", "text": "x"}],
    }
    story.tell("reservation", "arvad", body)
    shown = run("account", kept(story, tmp_path))
    assert "\x1b" not in shown.output
    assert "R-\\u{1b}" in shown.output


def test_every_objection_has_words_in_every_language() -> None:
    for language in languages():
        told = {key.removeprefix("objection.") for key in words(language) if key.startswith("objection.")}
        assert told == set(RULES)


def test_what_does_not_fit_is_shown_with_its_code_and_why(tmp_path: Path) -> None:
    story, manifest = three_boxes_handed_over()
    story.hand_over(manifest)
    folder = kept(story, tmp_path)
    assert "The line was handed over already." in run("account", folder).output
    shown = run("account", folder, "--language", "ko").output
    assert "이미 인도된 항목입니다." in shown
    assert "line-handed-twice" in shown
