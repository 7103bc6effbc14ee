"""Bundles at the command line: sent, verified, received, refused, as two parties and a third use them."""

import json

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.keyfiles import read_public_key
from homeward.seals.statement import Signer
from tests.homeward.formats.ledgers import issue

SECRET = "a long walk home"


def run(*arguments):
    environment = {"HOMEWARD_PASSPHRASE": SECRET, "COLUMNS": "200"}
    return CliRunner().invoke(main, ["seal", *map(str, arguments)], env=environment)


def done(*arguments, status=0):
    shown = run(*arguments)
    assert shown.exit_code == status, shown.output
    return shown.output


@pytest.fixture
def desk(tmp_path):
    """Arvad has signed that it sends cases; each side has a ledger with both public keys; the stick is empty."""
    for party in ("arvad", "belmar"):
        done("keygen", "--party", party, "--name", f"Office of {party}", "--out", tmp_path / party)
    keys = [tmp_path / f"{party}.pub.json" for party in ("arvad", "belmar")]
    for party in ("arvad", "belmar"):
        create = ["ledger", "create", tmp_path / f"{party}.ledger", "--party", party]
        done(*create, "--keys", keys[0], "--keys", keys[1])
    signers = [
        Signer("arvad", read_public_key(keys[0]).fingerprint, "author"),
        Signer("belmar", read_public_key(keys[1]).fingerprint, "countersigner"),
    ]
    (tmp_path / "issue.json").write_bytes(issue(1, signers=signers).payload)
    done("sign", tmp_path / "issue.json", "--key", tmp_path / "arvad.key.pem", "--out", tmp_path / "issue.env")
    done("ledger", "record", tmp_path / "arvad.ledger", tmp_path / "issue.env")
    return tmp_path


def sent(desk, party, name, *more):
    out = desk / name
    done("bundle", "--ledger", desk / f"{party}.ledger", "--out", out, *more)
    return out


def installation(desk, party):
    return read_public_key(desk / f"{party}.ledger.pub.json").fingerprint


def pins(desk):
    return [f"--pin={party}={installation(desk, party)}" for party in ("arvad", "belmar")]


def test_first_contact_needs_to_be_told_and_then_two_sticks_are_enough(desk):
    out = sent(desk, "arvad", "1.zip", "--for", "belmar")
    receive = ["receive", out, "--ledger", desk / "belmar.ledger"]
    refused = done(*receive, status=3)
    assert "unpinned-log" in refused
    assert "Nothing was recorded." in refused
    taken = done(*receive, "--first", "--key", desk / "belmar.key.pem")
    assert "1 new signature on 1 statement" in taken
    assert "Cosigned arvad/" in taken

    done("cosign", desk / "issue.env", "--key", desk / "belmar.key.pem")
    done("ledger", "record", desk / "belmar.ledger", desk / "issue.env")
    back = sent(desk, "belmar", "2.zip", "--for", "arvad")
    taken = done("receive", back, "--ledger", desk / "arvad.ledger", *pins(desk), "--key", desk / "arvad.key.pem")
    assert "belmar has cosigned our log." in taken

    third = sent(desk, "arvad", "3.zip", "--for", "belmar")
    assert "3.zip: valid; 1 statement from arvad, nothing new." in done("receive", third, *receive[2:])
    assert "3.zip: VALID" in done("verify", third, "--ledger", desk / "belmar.ledger")
    done("ledger", "check", desk / "belmar.ledger", "--quiet")


def test_a_third_verifies_with_anchors_made_from_the_minutes(desk):
    out = sent(desk, "arvad", "1.zip")
    arvad = read_public_key(desk / "arvad.pub.json").fingerprint
    shown = done("verify", out, status=3)
    assert "1.zip: UNANCHORED" in shown
    assert "unpinned-key" in shown
    assert "Compare with the minutes" in shown
    anchors = desk / "anchors.json"
    written = done("anchors", anchors, f"--pin=arvad={arvad}", *pins(desk), "--log", out)
    assert "no checkpoint cosigned yet" in written
    shown = done("verify", out, "--anchors", anchors, status=3)
    assert "no-checkpoint" in shown
    assert "unpinned" not in shown
    cosigned = desk / "cosigned.note"
    done("checkpoint", desk / "arvad.ledger", "--out", desk / "now.note")
    done(
        "witness", desk / "now.note", "--ledger", desk / "belmar.ledger", "--key", desk / "belmar.key.pem",
        "--installation", desk / "arvad.ledger.pub.json", "--out", cosigned,
    )  # fmt: skip
    done("anchors", anchors, "--cosigned", cosigned)
    assert "1.zip: VALID" in done("verify", out, "--anchors", anchors)
    assert "cosigned at 1 entry" in done("anchors", anchors)


def test_the_report_as_json_says_the_same(desk):
    out = sent(desk, "arvad", "1.zip")
    report = json.loads(done("verify", out, "--json", "--quiet", status=3))
    assert report["verdict"] == "unanchored"
    assert {one["code"] for one in report["unanchored"]} == {"unpinned-key", "unpinned-log"}
    assert [one["signed"] for one in report["statements"][0]["signers"]] == [True, False]


def test_a_broken_bundle_is_refused_with_where_and_why(desk):
    out = sent(desk, "arvad", "1.zip")
    data = bytearray(out.read_bytes())
    at = data.index(b'"payload"') + 40
    data[at] ^= 1
    out.write_bytes(data)
    shown = done("verify", out, status=1)
    assert "1.zip: BROKEN" in shown
    assert "container: the bundle" in shown
    refused = done("receive", out, "--ledger", desk / "belmar.ledger", "--first", status=1)
    assert "Nothing was recorded." in refused
    assert done("ledger", "list", desk / "belmar.ledger") == ""


@pytest.mark.parametrize("content", [b"", b"PK", b"not a bundle at all", bytes(1000)])
def test_any_file_gets_an_answer(desk, content):
    path = desk / "strange.zip"
    path.write_bytes(content)
    assert "BROKEN" in done("verify", path, status=1)
    assert "BROKEN" in done("receive", path, "--ledger", desk / "belmar.ledger", status=1)


def test_documents_and_openings_come_out_again(desk):
    (desk / "minutes.txt").write_bytes(b"Minutes.")
    out = sent(desk, "arvad", "1.zip", "--document", desk / "minutes.txt")
    folder = desk / "received"
    done("receive", out, "--ledger", desk / "belmar.ledger", "--first", "--documents", folder)
    assert [path.read_bytes() for path in folder.iterdir()] == [b"Minutes."]


def test_a_bundle_is_never_written_over_another_file(desk):
    out = sent(desk, "arvad", "1.zip")
    assert "already there" in done("bundle", "--ledger", desk / "arvad.ledger", "--out", out, status=1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify", "nowhere.zip"], "is not there"),
        (["verify", "arvad.pub.json", "--pin", "arvad"], "PARTY=FINGERPRINT"),
        (["verify", "arvad.pub.json", "--anchors", "issue.env"], "homeward seal anchors"),
        (["bundle", "--ledger", "nowhere.ledger", "--out", "x.zip"], "no ledger"),
        (["bundle", "--ledger", "belmar.ledger", "--out", "x.zip"], "holds no statement at all"),
        (["bundle", "--ledger", "arvad.ledger", "--out", "x.zip", "--subject", "transfer:T-9"], "transfer:T-9"),
        (["bundle", "--ledger", "arvad.ledger", "--out", "x.zip", "--document", "no.pdf"], "is not there"),
        (["bundle", "--ledger", "arvad.ledger", "--out", "x.zip", "--log", "issue.env"], "Refused"),
    ],
)
def test_what_cannot_be_is_refused_in_words(desk, monkeypatch, arguments, said):
    monkeypatch.chdir(desk)
    assert said in " ".join(done(*arguments, status=1).split())


def test_what_a_bundle_says_of_itself_cannot_command_a_terminal(desk):
    from homeward.cli.bundles import _show
    from homeward.seals.report import Report

    with CliRunner().isolation() as (out, *_):
        _show(desk / "x.zip", Report("valid", party="arvad", programme="\x1b[2J", made_at=""))
        assert b"\\u{1b}[2J" in out.getvalue()
