"""Drafts: a statement by hand, with every fault on its line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeward.errors import Fault, Rejected
from homeward.formats.drafts import Drafted, digest_in, read_draft
from homeward.seals.bodies import KINDS
from homeward.seals.envelope import sign
from homeward.seals.keys import PrivateKey
from homeward.seals.statement import Signer, make_statement, read_statement
from tests.homeward.seals.bodies import AUTHORS, BODIES

NOW = datetime(2018, 7, 27, 1, 40, tzinfo=UTC)
ISSUE = """\
programme = "Arvad and Belmar 2018"
subject = "transfer:T-2018-01"
made_at = 2018-07-16T09:00:00+09:00
zone = "Asia/Seoul"
place = "Halfway House"
author = {name = "M. Oresk", office = "Accounting Office", party = "arvad"}
signers = [
  {party = "arvad", key = "", as = "author"},
  {party = "belmar", key = "", as = "countersigner"},
]

[body]
from = "arvad"
to = "belmar"
containers = [
  {container = "C-001", kind = "case"},
  {container = "C-002", kind = "case"},
]
count = 2
"""


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def write(text: str, name: str = "draft.toml") -> Path:
        (tmp_path / name).write_text(text, "utf-8")
        return tmp_path / name

    return write


def made(path: Path, kind: str = "issue") -> Drafted:
    return read_draft(path, kind, now=NOW, salt=lambda: bytes(32))


def faults(path: Path, kind: str = "issue") -> tuple[Fault, ...]:
    with pytest.raises(Rejected) as refused:
        made(path, kind)
    return refused.value.faults


def told(path: Path, kind: str = "issue") -> list[tuple[int | None, str]]:
    return [(fault.line, fault.column) for fault in faults(path, kind)]


def test_a_draft_by_hand_gives_the_bytes_that_the_application_would_make(write: Any) -> None:
    expected = make_statement(
        kind="issue",
        programme="Arvad and Belmar 2018",
        subject="transfer:T-2018-01",
        made_at=datetime(2018, 7, 16, tzinfo=UTC),
        zone="Asia/Seoul",
        place="Halfway House",
        author={"name": "M. Oresk", "office": "Accounting Office", "party": "arvad"},
        signers=[Signer("arvad", "", "author"), Signer("belmar", "", "countersigner")],
        body=BODIES["issue"],
    )
    assert made(write(ISSUE)).statement.payload == expected.payload


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_written_as_json(kind: str, write: Any) -> None:
    author = AUTHORS.get(kind, "arvad")
    other = {"arvad": "belmar", "belmar": "arvad"}[author]
    draft = {
        "programme": "P",
        "subject": "transfer:T-1",
        "zone": "Asia/Seoul",
        "author": {"name": "A", "office": "", "party": author},
        "signers": [{"party": author, "key": "", "as": "author"}, {"party": other, "key": "", "as": "countersigner"}],
        "body": BODIES[kind],
    }
    statement = made(write(json.dumps(draft, indent=1), "draft.json"), kind).statement
    assert read_statement(statement.payload).body == BODIES[kind]
    assert statement.made_local == "2018-07-27T10:40:00+09:00"  # now, where it was made


def test_every_fault_is_told_with_its_line_and_nothing_is_repaired(write: Any) -> None:
    text = (
        ISSUE.replace('"C-001", kind = "case"', '"C-001", kind = ""')
        .replace('as = "countersigner"', 'as = "friend"')
        .replace('zone = "Asia/Seoul"', 'zone = "Mars"')
        .replace("count = 2", "count = 2.5\nspare = 1")
    )
    assert told(write(text)) == [
        (4, "/zone"),
        (9, "/signers/1/as"),
        (16, "/body/containers/0/kind"),
        (19, "/body/count"),
        (20, "/body/spare"),
    ]


def test_what_contradicts_itself_is_told_with_its_line(write: Any) -> None:
    text = ISSUE.replace("C-002", "C-001").replace("count = 2", "count = 100")
    assert told(write(text)) == [(17, "/body/containers/1/container"), (19, "/body/count")]


def test_missing_and_unknown_fields_of_a_draft_are_told(write: Any) -> None:
    text = ISSUE.replace("programme =", "program =").replace('subject = "transfer:T-2018-01"\n', "")
    assert {column for _, column in told(write(text))} == {"/programme", "/program", "/subject"}


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("made_at = 2018-07-16T09:00:00", "/made_at"),  # no offset
        ('made_at = "yesterday"', "/made_at"),
        ("made_at = 7", "/made_at"),
    ],
)
def test_a_time_without_an_offset_is_no_instant(write: Any, text: str, column: str) -> None:
    assert told(write(ISSUE.replace("made_at = 2018-07-16T09:00:00+09:00", text))) == [(3, column)]


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [
        ('zone = "Asia/Seoul"', "zone = 9", "/zone"),
        ("[body]", "follows = [7]\n[body]", "/follows"),
        ("[body]", 'follows = "sha256"\n[body]', "/follows"),
        ('as = "countersigner"}', 'as = "countersigner", seal = 1}', "/signers/1"),
    ],
)
def test_fields_of_the_wrong_kind_are_told_and_not_stumbled_over(
    write: Any, before: str, after: str, column: str
) -> None:
    assert column in [fault.column for fault in faults(write(ISSUE.replace(before, after)))]


@pytest.mark.parametrize(
    ("name", "text", "line", "reason"),
    [
        ("draft.toml", 'a = "b\n', 1, "is not TOML"),
        ("draft.json", '{\n"a": }', 2, "is not JSON"),
        ("draft.json", "[]", 1, "is not an object"),
        ("draft.json", '{"a": 1, "a": 2}', None, "stands twice"),
        ("draft.json", "[" * 100_000, None, "too deep"),
        ("draft.txt", "a = 1", None, "neither .toml nor .json"),
    ],
)
def test_a_file_that_is_no_draft_is_refused(write: Any, name: str, text: str, line: int | None, reason: str) -> None:
    (fault,) = faults(write(text, name))
    assert fault.line == line
    assert reason in fault.reason


def test_a_file_of_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "draft.toml").write_bytes("a = 1\nb = '판문점'".encode("euc-kr"))
    (fault,) = faults(tmp_path / "draft.toml")
    assert (fault.line, fault.reason) == (2, "is not UTF-8.")


def test_a_file_beside_the_draft_gives_its_digest_or_fingerprint(write: Any, tmp_path: Path) -> None:
    key = PrivateKey.from_seed(bytes(32))
    (tmp_path / "arvad.pub.json").write_bytes(key.public(party="arvad", name="A").to_bytes())
    statement = made(write(ISSUE)).statement
    (tmp_path / "issue.json").write_bytes(statement.payload)
    text = ISSUE.replace("[body]", '[body]\nvoids = "file:issue.json"\nreason = [{lang = "en", text = "file:x"}]')
    text = text.split("from =")[0].replace('key = "", as = "author"', 'key = "file:arvad.pub.json", as = "author"')
    void = made(write(text), "void").statement
    assert void.body["voids"] == statement.digest
    assert void.signers[0].key == key.fingerprint
    assert void.body["reason"][0]["text"] == "file:x"  # text is text


def test_an_envelope_and_its_statement_have_the_same_digest(write: Any, tmp_path: Path) -> None:
    key = PrivateKey.from_seed(bytes(32))
    statement = made(write(ISSUE)).statement
    (tmp_path / "signed.json").write_bytes(sign(statement.payload, key).to_bytes())
    (tmp_path / "document.txt").write_bytes(b"minutes")
    assert digest_in(tmp_path / "signed.json") == statement.digest
    assert digest_in(tmp_path / "document.txt").startswith("sha256:")


def test_a_file_that_is_not_there_is_told_with_its_line(write: Any) -> None:
    text = ISSUE.split("from =")[0] + 'voids = "file:nowhere.json"\nreason = [{lang = "en", text = "x"}]\n'
    assert told(write(text), "void") == [(13, "/body/voids")]


def test_what_is_withheld_becomes_a_commitment_with_its_opening(write: Any) -> None:
    body = {**BODIES["manifest"], "lines": [dict(line) for line in BODIES["manifest"]["lines"]]}
    body["lines"][1]["claims"] = [{"about": "name", "text": {"withheld": "Hale, R."}}]
    draft = {
        "programme": "P",
        "subject": "transfer:T-1",
        "zone": "UTC",
        "author": {"name": "B", "office": "", "party": "belmar"},
        "signers": [
            {"party": "belmar", "key": "", "as": "author"},
            {"party": "arvad", "key": "", "as": "countersigner"},
        ],
        "body": body,
    }
    drafted = made(write(json.dumps(draft), "draft.json"), "manifest")
    assert b"Hale" not in drafted.statement.payload
    assert drafted.openings is not None
    assert [one.path for one in drafted.openings.openings] == ["/lines/1/claims/0/text"]
    assert list(drafted.openings.faults(drafted.statement)) == []


def test_without_signers_the_author_signs_alone_on_paper(write: Any) -> None:
    text = ISSUE.split("signers =")[0] + '[body]\nreason = [{lang = "en", text = "x"}]\n'
    assert made(write(text), "abort").statement.signers == (Signer("arvad", "", "author"),)


def test_the_draft_on_the_page_about_transfers_is_one(write: Any, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "methods" / "transfers.md").read_text("utf-8")
    for party in ("arvad", "belmar"):
        key = PrivateKey.from_seed(party[:1].encode() * 32).public(party=party, name=party)
        (tmp_path / f"{party}.pub.json").write_bytes(key.to_bytes())
    drafted = made(write(page.split("```toml\n")[1].split("```")[0]), "manifest")
    assert drafted.statement.body["lines"][0]["container"] == "C-001"
    assert drafted.openings is not None


def test_what_is_not_known_may_be_left_out_and_nothing_else(write: Any) -> None:
    text = ISSUE.split("[body]")[0] + (
        '[body]\nmode = "jointly"\n[[body.lines]]\ncontainer = "C-001"\nfound = "remains"\nbags = 1\n'
        'seal_condition = "whole"\nnote = ""\n'
    )
    (line,) = made(write(text), "inspection").statement.body["lines"]
    assert (line["line"], line["weight_g"], line["individuals_estimated"]) == (None, None, None)
    assert told(write(text.replace("bags = 1\n", "")), "inspection") == [(14, "/body/lines/0/bags")]
