"""Two installations, each with its own folder, database and keys, and only files between them.

What either side would do in its pages is done here by the same actions, in processes of their own; bundles go
through the management commands, keys and signatures through ``homeward seal`` at the command line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.seals.anchors import Anchors
from homeward.seals.checkpoint import cosigned_by, read_note
from homeward.seals.keys import PublicKey
from homeward.seals.merkle import leaf_hash, verify_inclusion
from homeward.seals.verify import verify

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Side:
    """One installation, and the machine of its own on which the party signs."""

    code: str
    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.secret = self.folder / "passphrase"
        self.secret.write_text("a long passphrase for this side\n")
        self.offline("keygen", "--party", self.code, "--name", f"{self.code} office", "--out", self.folder / self.code)
        self.manage("migrate", "--verbosity", "0")

    @property
    def key(self) -> PublicKey:
        return PublicKey.read((self.folder / f"{self.code}.pub.json").read_bytes())

    def manage(self, *arguments: object, fails: bool = False) -> str:
        environment = {**os.environ, "HOMEWARD_VAR": str(self.folder / "var"), "HOMEWARD_ORIGIN": ""}
        run = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (run.returncode != 0) is fails, run.stdout + run.stderr
        return run.stdout + run.stderr

    def act(self, *calls: str) -> None:
        """Acts of :mod:`tests.casework.exchange.acts`, one after the other in one process."""
        code = "; ".join(["from tests.casework.exchange import acts", *(f"acts.{call}" for call in calls)])
        self.manage("shell", "--verbosity", "0", "-c", code)

    def offline(self, *arguments: object) -> None:
        secret = ["--passphrase-file", str(self.secret)]
        run = CliRunner().invoke(main, ["seal", *map(str, arguments), *secret])
        assert run.exit_code == 0, run.output

    def signs(self, payload: Path) -> Path:
        """Sign on the party's own machine."""
        envelope = payload.with_suffix(".envelope")
        self.offline("sign", payload, "--key", self.folder / f"{self.code}.key.pem", "--out", envelope)
        return envelope

    @property
    def offered(self) -> str:
        """The act of taking the other log's checkpoint away, with what cosigning it needs."""
        return f"offered({', '.join(repr(str(self.folder / f'offered.{what}')) for what in ('note', 'key', 'proof'))})"

    def cosigns(self) -> str:
        """Cosign what was taken away with the party's own ledger; gives the act of handing it in."""
        ledger, out, proof = self.folder / "ledger", self.folder / "cosigned.note", self.folder / "offered.proof"
        public = self.folder / f"{self.code}.pub.json"
        made = ["seal", "ledger", "create", ledger, "--party", self.code, "--keys", public]
        assert CliRunner().invoke(main, list(map(str, made))).exit_code == 0
        assert proof.stat().st_size == 0  # the first checkpoint continues nothing
        self.offline(
            "witness", self.folder / "offered.note", "--ledger", ledger, "--out", out,
            "--key", self.folder / f"{self.code}.key.pem", "--installation", self.folder / "offered.key",
        )  # fmt: skip
        return f"cosign({str(out)!r})"

    def state(self) -> dict:
        self.act(f"state({str(self.folder / 'state.json')!r})")
        return json.loads((self.folder / "state.json").read_text())


@pytest.fixture(scope="module")
def sides(tmp_path_factory) -> tuple[Side, Side]:
    """Both have exchanged in a session what is read out: fingerprints, logs' names, installations' keys."""
    base = tmp_path_factory.mktemp("sides")
    one, other = Side("arvad", base / "arvad"), Side("belmar", base / "belmar")
    for side, against in ((one, "belmar"), (other, "arvad")):
        key = side.folder / f"{side.code}.pub.json"
        side.act(f"found({side.code!r}, {against!r}, {str(key)!r}, {str(side.folder / 'told.json')!r})")
    one.act(f"pin({str(other.folder / 'told.json')!r})")
    other.act(f"pin({str(one.folder / 'told.json')!r})")
    return one, other


def _gives(stick: Path, giver: Side, to: Side) -> str:
    return f"command('give_out_bundle', {str(stick)!r}, '--party', {giver.code!r}, '--to', {to.code!r})"


def _takes(stick: Path, side: Side) -> str:
    return f"command('bring_in_bundle', {str(stick)!r}, '--party', {side.code!r})"


@pytest.fixture(scope="module")
def exchanged(sides) -> tuple[Side, Side, list[Path]]:
    """A proposal out, countersigned and reserved, back, and each log cosigned by the other side."""
    arvad, belmar = sides
    sticks = [arvad.folder.parent / f"stick{number}.zip" for number in range(3)]
    payload = arvad.folder / "proposal.json"
    again, reservation = belmar.folder / "proposal.json", belmar.folder / "reservation.json"
    arvad.act(f"propose({str(payload)!r})")
    arvad.act(f"sign({str(arvad.signs(payload))!r})", _gives(sticks[0], arvad, belmar))

    belmar.act(
        _takes(sticks[0], belmar),
        f"take_away('proposal', {str(again)!r})",
        f"reserve({str(reservation)!r})",
        belmar.offered,
    )
    belmar.act(
        *(f"sign({str(belmar.signs(one))!r})" for one in (again, reservation)),
        belmar.cosigns(),
        _gives(sticks[1], belmar, arvad),
    )

    arvad.act(_takes(sticks[1], arvad), arvad.offered)
    arvad.act(arvad.cosigns(), _gives(sticks[2], arvad, belmar))
    belmar.act(_takes(sticks[2], belmar))
    return arvad, belmar, sticks


def test_both_end_with_equal_digests_proofs_in_both_logs_and_the_others_cosigned_checkpoint(exchanged):
    arvad, belmar, _sticks = exchanged

    ours, theirs = arvad.state(), belmar.state()

    assert ours["digests"] == theirs["digests"]
    assert len(ours["digests"]) == 2
    assert ours["standing"] == theirs["standing"] == ours["digests"]
    assert sorted(ours["leaves"]) == sorted(theirs["leaves"])
    for held in (ours, theirs):
        for index, (leaf, proof) in enumerate(zip(held["leaves"], held["proofs"], strict=True)):
            hashes = [bytes.fromhex(one) for one in proof]
            verify_inclusion(leaf_hash(leaf.encode()), index, 3, hashes, bytes.fromhex(held["root"]))
    for held, cosigner in ((ours, belmar), (theirs, arvad)):
        assert cosigned_by(read_note(held["ours"][0]), cosigner.key, cosigner.code)
    assert cosigned_by(read_note(ours["theirs"][0]), arvad.key, "arvad")
    assert cosigned_by(read_note(theirs["theirs"][0]), belmar.key, "belmar")
    assert ours["ours"] == theirs["theirs"]
    assert ours["theirs"] == theirs["ours"]


def test_a_neutral_with_the_anchors_finds_the_last_bundle_valid(exchanged, tmp_path):
    arvad, _belmar, sticks = exchanged
    anchors, again = tmp_path / "anchors.json", tmp_path / "again.zip"
    arvad.manage("give_out_bundle", again, "--party", "arvad", "--to", "belmar", "--anchors", anchors)

    known = Anchors.read(anchors.read_bytes())

    assert verify(again.read_bytes(), known).verdict == "valid"
    assert verify(sticks[1].read_bytes(), known).verdict == "valid"
    assert verify(sticks[1].read_bytes(), None).verdict == "unanchored"


def test_a_tampered_stick_is_refused_with_its_reason_and_nothing_changes(exchanged, tmp_path):
    arvad, _belmar, sticks = exchanged
    before = arvad.state()
    content = bytearray(sticks[1].read_bytes())
    at = content.index(b"statements/") + 200
    content[at] ^= 1
    broken = tmp_path / "broken.zip"
    broken.write_bytes(content)

    told = arvad.manage("bring_in_bundle", broken, "--party", "arvad", fails=True)

    assert "Nothing was brought in" in told
    assert "container:" in told or "file-altered:" in told
    assert arvad.state() == before


def test_the_same_stick_again_changes_nothing(exchanged):
    arvad, _belmar, sticks = exchanged
    before = arvad.state()

    told = arvad.manage("bring_in_bundle", sticks[1], "--party", "arvad")

    assert "0 statements new" in told
    assert arvad.state() == before
