"""The page about sealing is true: its commands, one after the other, do what it says."""

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.keyfiles import read_public_key
from homeward.seals.checkpoint import read_note
from homeward.seals.statement import Signer
from tests.homeward.formats.ledgers import issue

PAGE = Path(__file__).parents[3] / "docs" / "sealing.md"


def run(line):
    shown = CliRunner().invoke(main, shlex.split(line)[1:], env={"HOMEWARD_PASSPHRASE": "a long walk home"})
    assert shown.exit_code == 0, f"{line}\n{shown.output}"


def test_the_commands_on_the_page_do_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^ {4}(homeward .+)$", PAGE.read_text(encoding="utf-8"), flags=re.M)
    keys, rest = commands[:2], commands[2:]
    for line in [*keys, keys[0].replace("arvad", "belmar")]:
        run(line)
    signers = [
        Signer(party, read_public_key(Path(f"{party}.pub.json")).fingerprint, role)
        for party, role in (("arvad", "author"), ("belmar", "countersigner"))
    ]
    Path("issue.statement.json").write_bytes(issue(1, signers=signers).payload)
    Path("next.statement.json").write_bytes(issue(2, signers=signers).payload)
    run("homeward seal sign next.statement.json --key arvad.key.pem --out next.envelope.json")
    run("homeward seal ledger create belmar.ledger --party belmar --keys belmar.pub.json")
    for line in rest:
        run(line)
    sizes = [read_note(Path(name).read_bytes()).checkpoint.size for name in ("first.cosigned", "second.cosigned")]
    assert sizes == [2, 3]
