"""``homeward paper`` as its user meets it."""

import json

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.seals.canonical import canonical
from homeward.seals.envelope import Envelope
from homeward.seals.keys import PrivateKey, grouped
from tests.homeward.reports.paper.statements import handover, manifest, receipt, reservation, statement

SIGNED = ("--signed-by", "arvad", "D. Karsk", "custodian", "2018-07-27")


@pytest.fixture
def folder(tmp_path):
    for name, one in {"m": manifest(), "h": handover(), "r": receipt(), "v": reservation()}.items():
        (tmp_path / f"{name}.json").write_bytes(one.payload)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, ["paper", *map(str, arguments)])


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("manifest", "m"),
        ("handover", "h"),
        ("handover", "m"),
        ("receipt", "r"),
        ("reservation", "v"),
        ("statement", "r"),
    ],
)
def test_a_statement_is_printed(folder, command, file):
    shown = run(command, folder / f"{file}.json", "--out", folder / "x.pdf", "--copies", 3, "--languages", "ko,en")
    assert shown.exit_code == 0, shown.output
    assert (folder / "x.pdf").read_bytes().startswith(b"%PDF-")


def test_a_signed_statement_is_printed_from_its_envelope(folder):
    (folder / "e.json").write_bytes(Envelope(manifest().payload).to_bytes())
    assert run("manifest", folder / "e.json", "--out", folder / "x.pdf").exit_code == 0


def test_a_paper_that_is_there_already_is_left_as_it_is(folder):
    (folder / "x.pdf").write_bytes(b"mine")
    shown = run("manifest", folder / "m.json", "--out", folder / "x.pdf")
    assert shown.exit_code == 1
    assert (folder / "x.pdf").read_bytes() == b"mine"


@pytest.mark.parametrize("data", [b"", b"{}", b"no json", b'{"payloadType":1}'])
def test_a_file_that_is_no_statement_is_refused(folder, data):
    (folder / "x.json").write_bytes(data)
    shown = run("statement", folder / "x.json", "--out", folder / "x.pdf")
    assert shown.exit_code == 1
    assert "Refused" in shown.output
    assert not (folder / "x.pdf").exists()


def test_the_wrong_kind_and_the_wrong_language_are_refused_in_words(folder):
    assert "drawn up from a manifest" in run("manifest", folder / "v.json", "--out", folder / "x.pdf").output
    assert "not in 'xx'" in run("manifest", folder / "m.json", "--out", folder / "x.pdf", "--languages", "en,xx").output


def test_a_custody_record_is_printed_with_what_it_rests_on(folder):
    given = ("--manifest", folder / "m.json", "--receipt", folder / "r.json", "--reservation", folder / "v.json")
    previous = ("--previous", grouped("91c407de" * 8))
    shown = run("custody", folder / "h.json", "--number", "CR-7", *given, *previous, "--out", folder / "x.pdf")
    assert shown.exit_code == 0, shown.output


def test_labels_are_printed(folder):
    shown = run("labels", folder / "m.json", "--mission", "26-2KR", "--out", folder / "x.pdf")
    assert shown.exit_code == 0, shown.output


def test_the_sheet_of_fingerprints_is_printed_from_public_keys(folder):
    for party in ("arvad", "belmar"):
        public = PrivateKey.generate().public(party=party, name="Office", role="party")
        (folder / f"{party}.pub.json").write_bytes(public.to_bytes())
    keys = [folder / "arvad.pub.json", folder / "belmar.pub.json"]
    shown = run(
        *("fingerprints", *keys, "--programme", "P", "--session", "G-12", "--date", "2018-07-15"),
        *("--out", folder / "x.pdf"),
    )
    assert shown.exit_code == 0, shown.output


def test_a_filled_paper_goes_out_as_a_form_and_comes_back_as_the_body_of_a_statement(folder):
    assert run("form", folder / "m.json", "--out", folder / "filled.csv").exit_code == 0
    filled = folder / "filled.csv"
    filled.write_text(filled.read_text(encoding="utf-8").replace("6,C-0416,,,,", "6,C-0416,,3,,"), encoding="utf-8")

    shown = run(
        *("enter", folder / "m.json", filled, "--digest", f"homeward:{manifest().digest}", *SIGNED),
        *("--out", folder / "body.json"),
    )

    assert shown.exit_code == 0, shown.output
    assert "line 6, bags: '1' declared, '3' on paper" in shown.output
    body = json.loads((folder / "body.json").read_bytes())
    assert (folder / "body.json").read_bytes() == canonical(body)
    assert body["copies"] == 3
    assert statement("paper", body, others=(), witness="").body["differences"][0]["paper"] == "3"


def test_a_paper_of_another_statement_is_not_entered(folder):
    (folder / "filled.csv").write_text("line,bags\n1,1\n")
    shown = run(
        *("enter", folder / "m.json", folder / "filled.csv", "--digest", receipt().digest, *SIGNED),
        *("--out", folder / "body.json"),
    )
    assert shown.exit_code == 1
    assert not (folder / "body.json").exists()


def test_an_impossible_value_is_told_and_nothing_is_written(folder):
    (folder / "filled.csv").write_text("line,bags,weight_kg\n1,two,6.4\n2,1,heavy\n")
    shown = run(
        *("enter", folder / "m.json", folder / "filled.csv", "--digest", manifest().digest, *SIGNED),
        *("--out", folder / "body.json"),
    )
    assert shown.exit_code == 1
    assert "'two'" in shown.output
    assert "'heavy'" in shown.output
    assert not (folder / "body.json").exists()


def test_a_date_of_signing_that_is_none_is_refused(folder):
    (folder / "filled.csv").write_text("line\n1\n")
    shown = run(
        *("enter", folder / "m.json", folder / "filled.csv", "--digest", manifest().digest),
        *("--signed-by", "arvad", "D. Karsk", "", "yesterday", "--out", folder / "body.json"),
    )
    assert shown.exit_code == 1
    assert "yesterday" in shown.output
