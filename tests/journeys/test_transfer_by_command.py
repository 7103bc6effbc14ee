"""A transfer from proposal to closing by command line alone: two parties, a neutral, and files that cross between them.

Arvad sends four empty cases, Belmar fills three and hands them over; one does not arrive and one has a broken seal.
Each party has a folder with its key and its ledger; only files named here cross from one folder to another. At the
end the Observer, who was never asked to trust anyone, verifies with what the minutes say.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.keyfiles import read_public_key

SUBJECT = "transfer:T-2018-01"
OFFICES = {"arvad": "Accounting Office", "belmar": "Repatriation Group", "observer": "Neutral Commission"}
BEGIN = datetime.fromisoformat("2018-07-16T10:00:00+09:00")
AGREED = [{"lang": "en", "text": "As agreed at the session."}, {"lang": "ko", "text": "회담에서 합의한 대로."}]
SHORT = [{"lang": "en", "text": "Case C-003 was not on the lorry; the seal of C-002 was broken."}]


def homeward(*arguments: object) -> str:
    """A command, as typed; what it says."""
    shown = CliRunner().invoke(
        main, [str(one) for one in arguments], env={"HOMEWARD_PASSPHRASE": "a long walk home", "COLUMNS": "220"}
    )
    assert shown.exit_code == 0, f"homeward {' '.join(map(str, arguments))}\n{shown.output}"
    return shown.output


@dataclass
class Desk:
    """One party's folder."""

    party: str
    folder: Path

    @property
    def key(self) -> Path:
        return self.folder / f"{self.party}.key.pem"

    @property
    def public(self) -> Path:
        return self.folder / f"{self.party}.pub.json"

    @property
    def ledger(self) -> Path:
        return self.folder / f"{self.party}.ledger"

    @property
    def installation(self) -> Path:
        return self.folder / f"{self.party}.ledger.pub.json"

    def set_up(self) -> None:
        self.folder.mkdir()
        homeward(
            "seal", "keygen", "--party", self.party, "--name", OFFICES[self.party], "--out", self.folder / self.party
        )
        homeward("seal", "ledger", "create", self.ledger, "--party", self.party, "--keys", self.public)

    def gives(self, other: Desk, *files: Path) -> list[Path]:
        """Files cross on a stick; nothing else does."""
        return [Path(shutil.copy(file, other.folder / file.name)) for file in files]

    def record(self, envelope: Path, *keys: Path) -> None:
        homeward("seal", "ledger", "record", self.ledger, envelope, *(part for key in keys for part in ("--keys", key)))

    def account(self) -> Any:
        return json.loads(homeward("transfer", "account", self.ledger, "--subject", SUBJECT, "--json"))


class Talks:
    """What is said, one statement after another, an hour apart."""

    def __init__(self, root: Path) -> None:
        self.arvad, self.belmar, self.observer = (Desk(party, root / party) for party in OFFICES)
        self.said = 0
        for desk in (self.arvad, self.belmar, self.observer):
            desk.set_up()
        self.arvad.gives(self.belmar, self.arvad.public, self.arvad.installation)
        self.belmar.gives(self.arvad, self.belmar.public, self.belmar.installation)

    def say(
        self, kind: str, by: Desk, body: dict[str, Any], *, with_: Desk | None = None, subject: str = SUBJECT
    ) -> str:
        """Draft, sign, record, carry over, cosign there, record there, carry back. Its file in either folder."""
        self.said += 1
        name = f"{self.said:02}-{kind}"
        other = self.belmar if by is self.arvad else self.arvad
        signers = [{"party": by.party, "key": f"file:{by.public.name}", "as": "author"}]
        signers += [{"party": with_.party, "key": f"file:{with_.public.name}", "as": "countersigner"}] if with_ else []
        draft = {
            "programme": "Arvad and Belmar 2018",
            "subject": subject,
            "made_at": (BEGIN + timedelta(hours=self.said)).isoformat(),
            "zone": "Asia/Seoul",
            "place": "Halfway House",
            "author": {"name": "The delegate", "office": OFFICES[by.party], "party": by.party},
            "signers": signers,
            "body": body,
        }
        source, statement = by.folder / f"{name}.draft.json", by.folder / f"{name}.statement.json"
        envelope = by.folder / f"{name}.json"
        source.write_text(json.dumps(draft, ensure_ascii=False, indent=1), "utf-8")
        homeward("transfer", "draft", kind, "--from-file", source, "--out", statement)
        homeward("seal", "sign", statement, "--key", by.key, "--out", envelope)
        by.record(envelope)
        (there,) = by.gives(other, envelope)
        if with_ is not None:
            homeward("seal", "cosign", there, "--key", other.key, "--keys", other.folder / by.public.name)
            (back,) = other.gives(by, there)
            by.record(back, by.folder / other.public.name)
        other.record(there, other.folder / by.public.name)
        return envelope.name

    def cosign(self, log_of: Desk, witness: Desk, name: str) -> None:
        """One side's checkpoint is cosigned by the other, with the proof that it continues the one before."""
        note, proof, cosigned = (log_of.folder / f"{name}.{part}" for part in ("note", "proof", "cosigned"))
        earlier = sorted(log_of.folder.glob(f"{name[0]}*.cosigned"))
        wanted = ("--consistency", proof) if earlier else ()
        homeward("seal", "checkpoint", log_of.ledger, "--out", note, *wanted)
        log_of.gives(witness, note, *([proof] if earlier else []))
        there = witness.folder / cosigned.name
        shown = ("--consistency", witness.folder / proof.name) if earlier else ()
        first = () if earlier else ("--installation", witness.folder / log_of.installation.name)
        homeward(
            *("seal", "witness", witness.folder / note.name, "--ledger", witness.ledger, "--key", witness.key),
            *shown,
            *first,
            *("--out", there),
        )
        witness.gives(log_of, there)
        homeward(
            "seal", "checkpoint", log_of.ledger, "--cosigned", cosigned, "--keys", log_of.folder / witness.public.name
        )


def row(line: int | None, container: str, **fields: Any) -> dict[str, Any]:
    return {"line": line, "container": container, **fields}


def manifest_row(line: int) -> dict[str, Any]:
    claims = [{"about": "place", "text": "Unsan"}]
    told = {"content": "remains", "bags": 2, "seals": [f"BL {77100 + line}"], "weight_g": 6000 + line}
    return row(line, f"C-{line:03}", **told, description="", origin="Unsan", claims=claims)


def weighed_row(line: int, condition: str = "whole", **fields: Any) -> dict[str, Any]:
    told = {"seals": [f"BL {77100 + line}"], "seal_condition": condition, "bags": 2, "weight_g": 6000 + line}
    return row(line, f"C-{line:03}", **told, **fields)


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Talks:
    """The whole journey; the tests below look at where it has led."""
    talks = Talks(tmp_path_factory.mktemp("talks"))
    hold_the_session(talks)
    hand_over(talks)
    settle(talks)
    return talks


def hold_the_session(talks: Talks) -> None:
    """Proposed, held; the fingerprints of both sides' keys stand in the minutes."""
    arvad, belmar = talks.arvad, talks.belmar
    proposal = {"what": "transfer", "from": ["belmar"], "to": ["arvad"], "through": [], "date": "2018-07-27"}
    proposal |= {"place": "Halfway House", "level": "working", "asks_for": "", "answers": "", "terms": AGREED}
    talks.say("proposal", arvad, proposal, with_=belmar)
    keys = [arvad.public, arvad.installation, belmar.public, belmar.installation]
    exchanged = [{"party": read_public_key(one).party, "fingerprint": f"file:{one.name}"} for one in keys]
    arvad.gives(belmar, arvad.public)
    (arvad.folder / "minutes.txt").write_text("Held on 16 July 2018. " + " ".join(map(str, exchanged)), "utf-8")
    session = {"forum": "Armistice Commission", "number": "8", "tier": "working", "date": "2018-07-16"}
    session |= {"state": "held", "absent": [], "fingerprints": exchanged}
    session |= {"minutes": [{"lang": "en", "digest": "file:minutes.txt"}]}
    talks.say("session", arvad, session, with_=belmar, subject="session:armistice-8")
    talks.cosign(arvad, belmar, "a1")
    talks.cosign(belmar, arvad, "b1")


def hand_over(talks: Talks) -> None:
    """Four empty cases sent; three filled, sealed, handed over; two received, one with a broken seal."""
    arvad, belmar = talks.arvad, talks.belmar
    cases = [{"container": f"C-{number:03}", "kind": "case"} for number in (1, 2, 3, 4)]
    talks.say("issue", arvad, {"from": "arvad", "to": "belmar", "containers": cases, "count": 4}, with_=belmar)
    listed = {"version": 1, "from": "belmar", "to": "arvad", "through": "", "fulfils": ["JS-4"], "copies": 3}
    listed |= {"lines": [manifest_row(line) for line in (1, 2, 3)], "containers": 3, "bags": 6}
    manifest = "file:" + talks.say("manifest", belmar, listed, with_=arvad)
    sealed = [row(n, f"C-{n:03}", seals=[f"BL {77100 + n}"], weight_g=6000 + n) for n in (1, 2, 3)]
    talks.say("seal", belmar, {"manifest": manifest, "lines": sealed})
    handed = {"manifest": manifest, "lines": [weighed_row(line) for line in (1, 2, 3)], "containers": 3}
    handed |= {"relinquished_by": {"name": "J. Tall", "office": "", "party": "belmar"}, "purpose": "repatriation"}
    handed |= {"received_by": {"name": "M. Oresk", "office": "", "party": "arvad"}}
    talks.say("handover", belmar, handed, with_=arvad)
    received = [
        weighed_row(1, outcome="received", note=""),
        weighed_row(2, "broken", outcome="seal_broken", note="cut"),
        row(3, "C-003", outcome="not_received", seals=[], seal_condition="none", bags=0, weight_g=None, note=""),
    ]
    receipt = talks.say("receipt", arvad, {"manifest": manifest, "lines": received, "containers": 2, "clean": False})
    reservation = {"number": "R-1", "on": f"file:{receipt}", "lines": [2, 3], "containers": ["C-002", "C-003"]}
    talks.say("reservation", arvad, {**reservation, "text": SHORT})


def settle(talks: Talks) -> None:
    """Inspected jointly, disputed, resolved with each side keeping its version; the empty case comes back; closed."""
    arvad, belmar = talks.arvad, talks.belmar
    found = {"found": "remains", "individuals_estimated": 1, "bags": 2, "weight_g": None, "note": ""}
    inspected = [row(1, "C-001", **found, seal_condition="whole"), row(2, "C-002", **found, seal_condition="broken")]
    talks.say("inspection", arvad, {"mode": "jointly", "lines": inspected}, with_=belmar)
    missing = {"number": "D-1", "lines": [3], "containers": ["C-003"], "what": "missing", "declared": "1", "found": "0"}
    talks.say("discrepancy", arvad, {**missing, "text": SHORT})
    kept = {"resolves": ["D-1", "R-1"], "outcome": "each_keeps_its_version", "text": AGREED}
    talks.say("resolution", arvad, kept, with_=belmar)
    back = {"from": "belmar", "to": "arvad", "lines": [{"container": "C-004", "content": "empty", "reason": ""}]}
    talks.say("return", belmar, {**back, "onward": False}, with_=arvad)
    accounts = {"issued": 4, "filled": 3, "handed_over": 3, "received": 2, "returned_empty": 1, "unreturned": 1}
    talks.say("closing", arvad, {"accounts": accounts, "text": AGREED}, with_=belmar)
    talks.cosign(arvad, belmar, "a2")
    talks.cosign(belmar, arvad, "b2")


def test_the_transfer_is_closed_and_every_number_is_that_of_the_statements(talks: Talks) -> None:
    account = talks.arvad.account()
    assert account["state"] == "closed"
    assert account["faults"] == []
    assert account["awaits"] == []
    assert account["cases"]["counts"] == {
        "issued": 4,
        "filled": 3,
        "handed_over": 3,
        "received": 2,
        "returned_empty": 1,
        "unreturned": 1,
    }
    assert [line["outcome"] for line in account["lines"]] == ["received", "seal_broken", "not_received"]


def test_each_state_was_reached_by_the_statement_that_says_so(talks: Talks) -> None:
    steps = [(step["kind"], step["state"]) for step in talks.arvad.account()["steps"]]
    assert steps == [
        ("proposal", "proposed"),
        ("issue", "proposed"),
        ("manifest", "manifest_agreed"),
        ("seal", "sealed"),
        ("handover", "handed_over"),
        ("receipt", "received_with_reservations"),
        ("reservation", "received_with_reservations"),
        ("inspection", "inspected_jointly"),
        ("discrepancy", "discrepancy_open"),
        ("resolution", "reconciled"),
        ("return", "reconciled"),
        ("closing", "closed"),
    ]


def test_both_sides_come_to_the_same_account_from_their_own_ledgers(talks: Talks) -> None:
    assert talks.arvad.account() == talks.belmar.account()


def test_each_side_s_version_still_stands_beside_the_other(talks: Talks) -> None:
    cases = talks.belmar.account()["cases"]
    assert cases["differ"] == ["received", "unreturned"]
    assert [cases["versions"][party]["received"] for party in ("arvad", "belmar")] == [2, 3]


def test_a_folder_of_the_envelopes_alone_gives_the_same_account(talks: Talks, tmp_path: Path) -> None:
    for file in talks.belmar.folder.glob("[0-9][0-9]-*.json"):
        shutil.copy(file, tmp_path)
    for file in talks.belmar.folder.glob("*.pub.json"):
        shutil.copy(file, tmp_path)
    for file in (*tmp_path.glob("*.draft.json"), *tmp_path.glob("*.statement.json")):
        file.unlink()
    told = json.loads(homeward("transfer", "account", tmp_path, "--subject", SUBJECT, "--json"))
    assert told == talks.belmar.account()


def test_both_ledgers_are_sound(talks: Talks) -> None:
    for desk in (talks.arvad, talks.belmar):
        assert "signatures are good" in homeward("seal", "ledger", "check", desk.ledger, "--quiet")


@pytest.fixture(scope="module")
def bundles(talks: Talks) -> dict[str, Path]:
    """What each side hands to the Observer: a bundle of its own, and the other's checkpoint that it has cosigned."""
    sent: dict[str, Path] = {}
    for desk, other, name in ((talks.arvad, talks.belmar, "a2"), (talks.belmar, talks.arvad, "b2")):
        out = desk.folder / f"{desk.party}.bundle.zip"
        minutes = ("--document", talks.arvad.folder / "minutes.txt")
        homeward("seal", "bundle", "--ledger", desk.ledger, "--for", other.party, *minutes, "--out", out)
        (sent[desk.party],) = desk.gives(talks.observer, out)
        other.gives(talks.observer, other.folder / f"{name}.cosigned")
    return sent


@pytest.fixture(scope="module")
def anchors(talks: Talks, bundles: dict[str, Path]) -> Path:
    """What the Observer knows without either side: the fingerprints in the minutes, and who had cosigned what."""
    file = talks.observer.folder / "anchors.json"
    minutes = json.loads((talks.arvad.folder / "02-session.statement.json").read_bytes())["body"]["fingerprints"]
    pins = [part for one in minutes for part in ("--pin", f"{one['party']}={one['fingerprint']}")]
    logs = [part for bundle in bundles.values() for part in ("--log", bundle)]
    notes = [part for name in ("a2", "b2") for part in ("--cosigned", talks.observer.folder / f"{name}.cosigned")]
    homeward("seal", "anchors", file, *pins, *logs, *notes)
    return file


@pytest.mark.parametrize("party", ["arvad", "belmar"])
def test_the_observer_verifies_either_side_s_bundle(bundles: dict[str, Path], anchors: Path, party: str) -> None:
    assert "VALID" in homeward("seal", "verify", bundles[party], "--anchors", anchors, "--quiet").split("\n")[0]


def test_without_the_minutes_the_observer_is_told_that_nothing_is_anchored(bundles: dict[str, Path]) -> None:
    shown = CliRunner().invoke(main, ["seal", "verify", str(bundles["arvad"]), "--quiet"])
    assert shown.exit_code == 3
    assert "UNANCHORED" in shown.output


def test_one_sign_changed_in_a_signed_statement_breaks_the_bundle(bundles: dict[str, Path], anchors: Path) -> None:
    data = bundles["arvad"].read_bytes()
    altered = bundles["arvad"].with_name("altered.bundle.zip")
    at = data.index(b'"payload":"') + 200
    altered.write_bytes(data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :])
    shown = CliRunner().invoke(main, ["seal", "verify", str(altered), "--anchors", str(anchors), "--quiet"])
    assert shown.exit_code == 1
    assert "BROKEN" in shown.output


def test_the_observer_comes_to_the_same_account_as_the_parties(talks: Talks, bundles: dict[str, Path]) -> None:
    told = [homeward("transfer", "account", one, "--subject", SUBJECT, "--json") for one in bundles.values()]
    assert [json.loads(one) for one in told] == [talks.arvad.account()] * 2
