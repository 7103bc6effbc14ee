"""Keys, signatures, ledgers and checkpoints at the command line, as two parties use them."""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.keyfiles import read_private_key, read_public_key
from homeward.seals.canonical import canonical, read_canonical
from homeward.seals.checkpoint import cosigned_by, read_note
from homeward.seals.envelope import read_envelope
from homeward.seals.keys import grouped
from homeward.seals.statement import Signer
from tests.homeward.formats.ledgers import issue

SECRET = "a long walk home"


def run(*arguments, **options):
    environment = {"HOMEWARD_PASSPHRASE": SECRET, "COLUMNS": "200"}
    return CliRunner().invoke(
        main, ["seal", *map(str, arguments)], env={**environment, **options.pop("env", {})}, **options
    )


def done(*arguments):
    shown = run(*arguments)
    assert shown.exit_code == 0, shown.output
    return shown.output


def refused(*arguments, **options):
    shown = run(*arguments, **options)
    assert shown.exit_code == 1, shown.output
    return " ".join(shown.output.split())


@pytest.fixture
def desk(tmp_path):
    """The two sides' keys, and a statement for both to sign."""
    for party in ("arvad", "belmar"):
        done("keygen", "--party", party, "--name", f"Office of {party}", "--out", tmp_path / party)
    keys = [read_public_key(tmp_path / f"{party}.pub.json") for party in ("arvad", "belmar")]
    statement = issue(
        7,
        signers=[
            Signer("arvad", keys[0].fingerprint, "author"),
            Signer("belmar", keys[1].fingerprint, "countersigner"),
        ],
        place="Halfway House",
    )
    (tmp_path / "issue.statement.json").write_bytes(statement.payload)
    return tmp_path


def signed_by_both(desk):
    done("sign", desk / "issue.statement.json", "--key", desk / "arvad.key.pem", "--out", desk / "issue.envelope.json")
    done("cosign", desk / "issue.envelope.json", "--key", desk / "belmar.key.pem")
    return desk / "issue.envelope.json"


# --- keys


def test_a_new_key_is_for_its_owner_alone_and_its_fingerprint_is_shown(desk):
    private, public = desk / "arvad.key.pem", desk / "arvad.pub.json"
    key = read_public_key(public)
    assert private.stat().st_mode & 0o777 == 0o600
    assert b"ENCRYPTED" in private.read_bytes()
    assert read_private_key(private, SECRET).fingerprint == key.fingerprint
    assert (key.party, key.name, key.role) == ("arvad", "Office of arvad", "party")
    assert grouped(key.fingerprint) in done("fingerprint", public)
    assert done("fingerprint", private) == done("fingerprint", public)


def test_a_key_is_never_overwritten(desk):
    before = (desk / "arvad.key.pem").read_bytes()
    assert "already there" in refused("keygen", "--party", "arvad", "--name", "x", "--out", desk / "arvad")
    (desk / "arvad.key.pem").rename(desk / "kept.key.pem")
    assert "already there" in refused("keygen", "--party", "arvad", "--name", "x", "--out", desk / "arvad")
    assert (desk / "kept.key.pem").read_bytes() == before


def test_a_passphrase_is_asked_for_twice_and_not_shown(tmp_path):
    made = run(
        "keygen",
        "--party",
        "a",
        "--name",
        "n",
        "--out",
        tmp_path / "a",
        env={"HOMEWARD_PASSPHRASE": None},
        input="s3c\ns3c\n",
    )
    assert made.exit_code == 0
    assert "s3c" not in made.output
    read_private_key(tmp_path / "a.key.pem", "s3c")


def test_a_passphrase_is_read_from_the_first_line_of_a_file(tmp_path, desk):
    (tmp_path / "secret").write_text("from the file\nnot this\n")
    done("keygen", "--party", "a", "--name", "n", "--out", tmp_path / "a", "--passphrase-file", tmp_path / "secret")
    read_private_key(tmp_path / "a.key.pem", "from the file")


def test_no_key_without_a_passphrase(tmp_path):
    made = refused("keygen", "--party", "a", "--name", "n", "--out", tmp_path / "a", env={"HOMEWARD_PASSPHRASE": ""})
    assert "empty" in made
    assert not (tmp_path / "a.key.pem").exists()


def test_a_party_needs_a_code(tmp_path):
    assert "cannot be a party's code" in refused("keygen", "--party", "a b", "--name", "n", "--out", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


# --- signing


def test_what_is_signed_is_shown_first(desk):
    shown = done("sign", desk / "issue.statement.json", "--key", desk / "arvad.key.pem", "--out", desk / "envelope")
    told = {" ".join(line.split()) for line in shown.splitlines()}
    assert {
        "kind issue",
        "subject transfer:T-000007",
        "author M. Oresk, arvad",
        "count 1",
        "containers 1 listed",
    } <= told
    assert "made 2018-07-20T10:47:00+09:00 (Asia/Seoul), Halfway House" in told
    assert "- container C-000007; kind case" in told
    assert "You sign for arvad as author." in told


def test_both_sides_sign_the_same_bytes(desk):
    envelope = read_envelope(signed_by_both(desk).read_bytes())
    assert envelope.payload == (desk / "issue.statement.json").read_bytes()
    assert len(envelope.signatures) == 2


def test_the_other_signature_is_checked_where_its_key_is_given(desk):
    done("sign", desk / "issue.statement.json", "--key", desk / "arvad.key.pem", "--out", desk / "one")
    shown = done(
        "cosign",
        desk / "one",
        "--key",
        desk / "belmar.key.pem",
        "--keys",
        desk / "arvad.pub.json",
        "--out",
        desk / "two",
    )
    assert "Signed already by arvad; the signature is good." in shown
    assert len(read_envelope((desk / "one").read_bytes()).signatures) == 1
    assert len(read_envelope((desk / "two").read_bytes()).signatures) == 2


def test_nobody_signs_beside_a_signature_that_is_not_good(desk):
    done("sign", desk / "issue.statement.json", "--key", desk / "arvad.key.pem", "--out", desk / "one")
    value = read_canonical((desk / "one").read_bytes())
    value["signatures"][0]["sig"] = "A" * 86 + "=="
    (desk / "one").write_bytes(canonical(value))
    told = refused("cosign", desk / "one", "--key", desk / "belmar.key.pem", "--keys", desk / "arvad.pub.json")
    assert "(signature)" in told
    assert (desk / "one").read_bytes() == canonical(value)


def test_a_key_that_the_statement_does_not_name_does_not_sign(desk):
    done("keygen", "--party", "observer", "--name", "x", "--out", desk / "observer")
    told = refused("sign", desk / "issue.statement.json", "--key", desk / "observer.key.pem", "--out", desk / "e")
    assert "not a key that signs this statement" in told
    assert "arvad: " in told
    assert not (desk / "e").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data + b"\n", "not-canonical"),
        (lambda data: json.dumps(json.loads(data)).encode(), "not-canonical"),
        (lambda data: data.replace(b'"count":1', b'"count":2'), "/body/count"),
        (lambda data: data.replace(b'"count":1', b'"count":1.0'), "not-canonical"),
        (lambda data: data.replace(b'"kind":"issue"', b'"kind":"gift"'), "/kind"),
        (lambda data: b"", "not-canonical"),
        (lambda data: b"\x89PNG", "not-canonical"),
    ],
)
def test_what_is_not_a_statement_byte_for_byte_is_not_signed(desk, change, words):
    file = desk / "issue.statement.json"
    file.write_bytes(change(file.read_bytes()))
    assert words in refused("sign", file, "--key", desk / "arvad.key.pem", "--out", desk / "envelope")
    assert not (desk / "envelope").exists()


def test_signs_that_a_terminal_obeys_are_shown_as_numbers(desk):
    key = read_public_key(desk / "arvad.pub.json")
    sly = issue(
        1,
        kind="abort",
        place="\x1b[2Khere\u202e",
        signers=[Signer("arvad", key.fingerprint, "author")],
        body={"reason": [{"lang": "en", "text": "one\rtwo"}]},
    )
    (desk / "sly").write_bytes(sly.payload)
    shown = done("sign", desk / "sly", "--key", desk / "arvad.key.pem", "--out", desk / "envelope")
    assert "\\u{1b}[2Khere\\u{202e}" in shown
    assert "one\\u{d}two" in shown
    assert "\x1b" not in shown


def test_a_refusal_does_not_obey_what_a_file_says(desk):
    (desk / "sly").write_bytes(b'{"\x1b[2K":1.5}'.replace(b"\x1b", b"\\u001b"))
    (desk / "sly2").write_bytes(canonical({"kind\x1b[2J": "\x1b"}))
    for name in ("sly", "sly2"):
        assert "\x1b" not in refused("sign", desk / name, "--key", desk / "arvad.key.pem", "--out", desk / "e")


def test_another_passphrase_signs_nothing(desk):
    told = refused(
        "sign",
        desk / "issue.statement.json",
        "--key",
        desk / "arvad.key.pem",
        "--out",
        desk / "e",
        env={"HOMEWARD_PASSPHRASE": "x"},
    )
    assert "did not open" in told
    assert not (desk / "e").exists()


def test_a_key_that_others_can_read_is_remarked_on(desk):
    (desk / "arvad.key.pem").chmod(0o644)
    assert "chmod 600" in done(
        "sign", desk / "issue.statement.json", "--key", desk / "arvad.key.pem", "--out", desk / "e"
    )


def test_an_envelope_is_never_overwritten(desk):
    (desk / "envelope").write_text("mine")
    told = refused("sign", desk / "issue.statement.json", "--key", desk / "arvad.key.pem", "--out", desk / "envelope")
    assert "already there" in told
    assert (desk / "envelope").read_text() == "mine"


def test_a_file_that_is_not_there_is_named(desk):
    assert "nothing.json: is not there" in refused(
        "sign", desk / "nothing.json", "--key", desk / "arvad.key.pem", "--out", desk / "e"
    )
    assert "is no file" in refused("fingerprint", desk)
    assert "could not be written" in refused(
        "sign", desk / "issue.statement.json", "--key", desk / "arvad.key.pem", "--out", desk / "no" / "e"
    )


# --- the ledger


def both_keys(desk):
    return ["--keys", desk / "arvad.pub.json", "--keys", desk / "belmar.pub.json"]


@pytest.fixture
def ledger(desk):
    done("ledger", "create", desk / "arvad.ledger", "--party", "arvad", *both_keys(desk))
    return desk / "arvad.ledger"


def test_a_statement_is_recorded_listed_and_shown(desk, ledger):
    envelope = signed_by_both(desk)
    digest = read_envelope(envelope.read_bytes()).digest
    assert f"Recorded {digest}: entry 0, 1" in done("ledger", "record", ledger, envelope)
    assert f"Recorded {digest}: nothing new" in done("ledger", "record", ledger, envelope)
    assert "issue by arvad, transfer:T-000007, 2 signatures" in done("ledger", "list", ledger)
    assert done("ledger", "list", ledger, "--subject", "transfer:other") == ""
    shown = done("ledger", "show", ledger, digest[7:15], "--out", desk / "again")
    assert "belmar: signed" in shown
    assert (desk / "again").read_bytes() == envelope.read_bytes()
    assert "2 signatures are good" in done("ledger", "check", ledger, "--quiet")


def test_the_log_is_listed_and_an_entry_proved(desk, ledger):
    done("ledger", "record", ledger, signed_by_both(desk))
    assert [line.split()[2] for line in done("log", ledger).splitlines()] == ["arvad", "belmar"]
    assert len(done("log", ledger, "--proof", 1).splitlines()) == 3
    assert "has 2 entries" in refused("log", ledger, "--proof", 2)


def test_an_unknown_signer_is_refused_until_his_key_is_given(desk):
    done("ledger", "create", desk / "l", "--party", "arvad")
    envelope = signed_by_both(desk)
    assert "(unknown-key)" in refused("ledger", "record", desk / "l", envelope)
    assert done("ledger", "list", desk / "l") == ""
    done("ledger", "record", desk / "l", envelope, *both_keys(desk))


def test_what_was_recorded_before_a_refusal_stays(desk, ledger):
    envelope = signed_by_both(desk)
    (desk / "bad").write_bytes(b"{}")
    told = refused("ledger", "record", ledger, envelope, desk / "bad")
    assert "Recorded sha256:" in told
    assert "2 signatures" in done("ledger", "list", ledger)


def test_a_ledger_that_is_none_is_refused_in_words(desk):
    assert "homeward seal ledger create" in refused("ledger", "list", desk / "nothing")
    assert "file is not a database" in refused("ledger", "list", desk / "arvad.key.pem")
    assert "0 statements" in refused("ledger", "show", ledger_of(desk), "ab")


def ledger_of(desk):
    done("ledger", "create", desk / "l", "--party", "arvad")
    return desk / "l"


# --- checkpoints


def test_two_parties_cosign_each_others_checkpoints(desk, ledger):
    theirs = desk / "belmar.ledger"
    done("ledger", "create", theirs, "--party", "belmar", *both_keys(desk))
    witness = ["--ledger", ledger, "--key", desk / "arvad.key.pem"]

    done("checkpoint", theirs, "--out", desk / "c0")
    assert "(unpinned-log)" in refused("witness", desk / "c0", *witness)
    done(
        "witness", desk / "c0", *witness, "--installation", desk / "belmar.ledger.pub.json", "--out", desk / "c0.signed"
    )
    assert "Cosigned by arvad" in done("checkpoint", theirs, "--cosigned", desk / "c0.signed")

    done("ledger", "record", theirs, signed_by_both(desk))
    done("checkpoint", theirs, "--out", desk / "c1", "--consistency", desk / "p1")
    cosigned = done("witness", desk / "c1", *witness, "--consistency", desk / "p1")
    assert cosigned_by(read_note(cosigned), read_public_key(desk / "arvad.pub.json"), "arvad") > 1.5e9
    assert "(older-checkpoint)" in refused("witness", desk / "c0", *witness)
    assert done("checkpoint", theirs) == (desk / "c1").read_text()


def test_a_log_made_anew_under_the_same_name_is_not_cosigned(desk, ledger):
    witness = ["--ledger", ledger, "--key", desk / "arvad.key.pem"]
    for name in ("one", "two"):
        done("ledger", "create", desk / name, "--party", "belmar", "--origin", "belmar/log", *both_keys(desk))
        done("checkpoint", desk / name, "--out", desk / f"{name}.note")
    done("witness", desk / "one.note", *witness, "--installation", desk / "one.pub.json")
    assert "(other-log)" in refused("witness", desk / "two.note", *witness, "--installation", desk / "two.pub.json")
    assert "(note)" in refused("witness", desk / "two.note", *witness)


def test_a_proof_that_is_no_proof_is_refused(desk, ledger):
    done("checkpoint", ledger, "--out", desk / "c")
    (desk / "p").write_bytes(b"{}")
    arguments = [
        "witness",
        desk / "c",
        "--ledger",
        ledger,
        "--key",
        desk / "arvad.key.pem",
        "--consistency",
        desk / "p",
    ]
    assert "(schema)" in refused(*arguments)


# --- the commands


def test_every_command_explains_itself():
    pages = [done(*names, "--help") for names in ([], ["ledger"], *([name] for name in main.commands["seal"].commands))]
    assert all(len(page.splitlines()) > 4 for page in pages)


def test_asking_for_help_does_not_load_the_cryptography():
    asked = "import sys; from homeward.cli import main; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
