"""What must hold of the application's records whenever its process or the power is lost.

An act is killed before every change to any file of the installation, and at random times; then the database is opened
with SQLite alone, without the application, and looked at: what was acknowledged is there, nothing is there by half,
each log is what the plain definition makes of its entries, what a signature brings about is there exactly where the
signature is, and the same act again brings all to its end.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from homeward.provenance import digest
from homeward.seals.checkpoint import read_note, verify_note
from homeward.seals.envelope import Signature, verify_signature
from homeward.seals.keys import INSTALLATION, PrivateKey, PublicKey
from homeward.seals.merkle import leaf_hash, log_entry, plain_root, root_of
from validation.faults.crashing import MODES, Crasher, Outcome
from validation.faults.ledger import Found, every_change
from validation.parts import Part
from validation.run import write_atomically

ACTS = "validation.faults.acts"
PRELOADED = ("validation.faults.installation", ACTS)


_ENTRIES = "SELECT count(*) FROM seals_entry WHERE statement_id = ? AND fingerprint = ?"
_READERS = """SELECT count(*) FROM seals_reader r JOIN parties_party p ON p.id = r.party_id
              WHERE r.statement_id = ? AND p.hosted"""
_JOURNALLED = "SELECT count(*) FROM journal_record WHERE object = ? AND verb = 'seals.sign'"


@dataclass(frozen=True)
class Act:
    """Something that the application does, and what must hold around it.

    Parameters
    ----------
    name : what happens
    call : the act
    before : acts that were done before it
    holds : raises AssertionError if something is lost or half done, given the records and what the act said
    """

    name: str
    call: str
    holds: Callable[[Records, str], None]
    before: tuple[str, ...] = ()


class Records:
    """An installation's database, read without the application."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._rows = sqlite3.connect(folder / "casework.sqlite3")

    def close(self) -> None:
        self._rows.close()

    def all(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        return self._rows.execute(query, given).fetchall()

    def one(self, query: str, *given: Any) -> Any:
        return self._rows.execute(query, given).fetchone()[0]

    def sound(self) -> None:
        """The file is whole; the journal is unbroken; every log, signature and standing is as it must be."""
        assert self.all("PRAGMA integrity_check") == [("ok",)], "the database is damaged"
        assert not self.all("PRAGMA foreign_key_check"), "a record points to nothing"
        self._journal()
        self._statements()
        for party, code in self.all("SELECT id, code FROM parties_party WHERE hosted"):
            self._log(party, code)
        self._documents()

    def _journal(self) -> None:
        previous = ""
        fields = 'number, at, actor, party, verb, object, "values", previous, digest'
        for at, row in enumerate(self.all(f"SELECT {fields} FROM journal_record ORDER BY number"), 1):
            assert (row[0], row[7]) == (at, previous), f"journal record {at} does not follow"
            previous = row[8]

    def _statements(self) -> None:
        """A signature is there with its bytes, its key and its journal record, or not at all."""
        query = """SELECT s.id, s.digest, s.payload, s.spoken_at IS NOT NULL, s.stands, g."order", g.fingerprint, g.sig,
                   g.signed_at IS NOT NULL, g.on_paper, k.raw, p.code FROM seals_statement s
                   JOIN seals_signer g ON g.statement_id = s.id JOIN parties_party p ON p.id = g.party_id
                   LEFT JOIN parties_key k ON k.fingerprint = g.fingerprint ORDER BY s.id, g."order" """
        signed: dict[int, list[bool]] = {}
        for row in self.all(query):
            pk, name, payload, spoken, stands, order, fingerprint, sig, has_signed, on_paper, raw, code = row
            assert digest(payload) == name, f"{name}: other bytes"
            assert bool(has_signed) == (sig is not None or bool(on_paper)), f"{name}: half a signature of {code}"
            if sig is not None:
                key = PublicKey(fingerprint, raw, code, "", "party")
                verify_signature(payload, Signature(fingerprint, sig), key)
                logged = self.one(
                    "SELECT count(*) FROM seals_entry WHERE statement_id = ? AND fingerprint = ?", pk, fingerprint
                )
                readers = self.one(_READERS, pk)
                assert logged == readers, f"{name}: the signature of {code} stands in {logged} logs of {readers}"
                told = self.one(
                    "SELECT count(*) FROM journal_record WHERE object = ? AND verb = 'seals.sign'", f"statement:{name}"
                )
                assert told, f"{name}: nobody has signed it, says the journal"
            signed.setdefault(pk, []).append(bool(has_signed))
            if order == 0:
                assert bool(spoken) == bool(has_signed), f"{name}: its author has signed, and it is not spoken"
        for pk, stands in self.all("SELECT id, stands FROM seals_statement"):
            assert bool(stands) == all(signed[pk]), f"statement {pk} stands, or does not, against its signatures"

    def _log(self, party: int, code: str) -> None:
        entries = self.all(
            'SELECT e."index", e.leaf, s.digest, e.fingerprint, g.sig FROM seals_entry e '
            "JOIN seals_statement s ON s.id = e.statement_id JOIN seals_signer g "
            'ON g.statement_id = s.id AND g.fingerprint = e.fingerprint WHERE e.log_id = ? ORDER BY e."index"',
            party,
        )
        leaves = [row[1] for row in entries]
        for place, (index, leaf, name, fingerprint, sig) in enumerate(entries):
            assert index == place, f"log of {code}: entry {place} is missing"
            assert leaf == log_entry(name, fingerprint, sig), f"log of {code}: entry {index} is of another signature"
        nodes = {
            (level, at): bytes(made)
            for level, at, made in self.all('SELECT level, "index", hash FROM seals_node WHERE log_id = ?', party)
        }
        size = len(leaves)
        expected = sum(size >> level for level in range(size.bit_length()))
        assert len(nodes) == expected, f"log of {code}: {len(nodes)} subtrees, not {expected}"
        for at, leaf in enumerate(leaves):
            assert nodes[0, at] == leaf_hash(leaf), f"log of {code}: entry {at} is hashed otherwise"
        assert root_of(size, lambda level, at: nodes[level, at]) == plain_root(leaves), f"log of {code}: another root"
        for (note,) in self.all("SELECT note FROM seals_checkpoint WHERE log_id = ?", party):
            self._checkpoint(read_note(note), code, leaves)

    def _checkpoint(self, note: Any, code: str, leaves: list[bytes]) -> None:
        stated = note.checkpoint
        assert stated.root == plain_root(leaves[: stated.size]), f"log of {code}: a checkpoint of another log"
        key = PrivateKey.from_pem((self.folder / f"log_{code}.pem").read_bytes(), None)
        verify_note(note, key.public(party=code, name="installation", role=INSTALLATION), stated.origin)

    def _documents(self) -> None:
        for name, kept in self.all("SELECT digest, kept_as FROM documents_document WHERE kept_as <> ''"):
            content = (self.folder / "uploads" / "documents" / kept).read_bytes()
            assert f"sha256:{hashlib.sha256(content).hexdigest()}" == name, f"document {name}: other bytes"


def _signed(records: Records, said: str) -> None:
    """Both disclosures begin exactly where both signatures are."""
    (stands,) = records.all("SELECT stands, digest FROM seals_statement WHERE kind = 'disclosure'")
    begun = records.one("SELECT count(*) FROM parties_disclosure WHERE request_id IS NOT NULL")
    state = records.one("SELECT state FROM parties_disclosurerequest")
    assert begun == (2 if stands[0] else 0), f"{begun} disclosures, and stands is {stands[0]}"
    assert (state == "countersigned") == bool(stands[0]), f"the request is {state}, and stands is {stands[0]}"
    assert stands[0] or f"Signed {stands[1]}" not in said, "told signed, and not there"


def _received(records: Records, said: str) -> None:
    """The transfer moves on, and each side's cases with it, exactly where the receipt is signed."""
    found = records.all("SELECT digest, stands FROM seals_statement WHERE kind = 'receipt'")
    stands = bool(found) and bool(found[0][1])
    told = {line.split()[1] for line in said.splitlines() if line.startswith("Received ")}
    assert stands or not told, "told received, and not there"
    state, received = records.all("SELECT state, received FROM custody_transfer")[0]
    assert (state, received) == (("received_with_reservations", 1) if stands else ("handed_over", 0)), (
        f"{state}, {received}"
    )
    kinds = "SELECT kind, count(*) FROM custody_custodyevent WHERE kind IN ('received', 'not_received') GROUP BY kind"
    events = dict(records.all(kinds))
    assert events == ({"received": 2, "not_received": 2} if stands else {}), f"{events}, and stands is {stands}"


def _prepared(records: Records, said: str) -> None:
    found = records.all("SELECT id, digest FROM seals_statement WHERE subject = 'transfer:T-2018-02'")
    assert len(found) == 1 or "Prepared" not in said, "told prepared, and not there"
    for pk, name in found:
        assert records.one("SELECT count(*) FROM seals_signer WHERE statement_id = ?", pk) == 1, "without its signers"
        assert records.one("SELECT count(*) FROM journal_record WHERE object = ?", f"statement:{name}"), "unrecorded"


def _checkpointed(records: Records, said: str) -> None:
    notes = {note for (note,) in records.all("SELECT note FROM seals_checkpoint")}
    for line in said.splitlines():
        if line.startswith("Checkpoint "):
            assert bytes.fromhex(line.split()[1]).decode() in notes, "told made, and not there"
    for key in records.folder.glob("log_*.pem"):
        assert key.stat().st_mode & 0o077 == 0, "others can read the installation's key"
        PrivateKey.from_pem(key.read_bytes(), None)


def _taken(records: Records, said: str) -> None:
    found = records.all("SELECT digest, kept_as FROM exchange_parcel WHERE direction = 'in' AND state = 'read'")
    assert found or "Taken" not in said, "told taken, and not there"
    for name, kept in found:
        assert digest((records.folder / "uploads" / kept).read_bytes()) == name, "the file is not what was verified"


def _brought_in(records: Records, said: str) -> None:
    """All of a bundle, or nothing."""
    brought = records.one("SELECT count(*) FROM exchange_parcel WHERE state = 'brought_in'")
    assert brought or "Brought in" not in said, "told brought in, and not there"
    cathay = "(SELECT id FROM parties_party WHERE code = 'cathay')"
    counts = {
        "statements": records.one(f"SELECT count(*) FROM seals_statement WHERE author_id = {cathay}"),
        "signatures": records.one(f"SELECT count(*) FROM seals_signer WHERE party_id = {cathay} AND sig NOT NULL"),
        "documents": records.one("SELECT count(*) FROM documents_document"),
        "checkpoints": records.one("SELECT count(*) FROM seals_foreignlog WHERE offered <> ''"),
    }
    expected = (
        {"statements": 2, "signatures": 3, "documents": 1, "checkpoints": 1} if brought else dict.fromkeys(counts, 0)
    )
    assert counts == expected, f"brought in: {bool(brought)}, and there are {counts}"


def _given(records: Records, said: str) -> None:
    found = {name for (name,) in records.all("SELECT digest FROM exchange_parcel WHERE direction = 'out'")}
    for line in said.splitlines():
        assert not line.startswith("Given ") or line.split()[1] in found, "told given out, and not on record"


ALL = (
    Act("prepare", "prepare_act", _prepared),
    Act("sign", "sign_act", _signed),
    Act("receive", "receive_act", _received),
    Act("checkpoint", "checkpoint_act", _checkpointed),
    Act("hand in", "take_act", _taken),
    Act("bring in", "bring_in_act", _brought_in, before=("take_act",)),
    Act("give out", "give_out_act", _given),
)


def laid_out(crasher: Crasher, folder: Path, *calls: str) -> None:
    """Lay out an installation, or have these acts done in one."""
    for call in calls or ("lay_out",):
        outcome = crasher.run(f"{ACTS}:{call}", [str(folder)], under=folder)
        assert outcome.ended == 0, outcome.said


def try_act(
    act: Act,
    crasher: Crasher,
    installation: Path,
    *,
    modes: Sequence[str] = (),
    points: Callable[[Outcome], Sequence[int]] = every_change,
    seeds: int = 1,
    times_s: Sequence[float] = (),
) -> Found:
    """Let an act die at each of the points in each mode, and after each of these times; look at what is left.

    Parameters
    ----------
    act : what to do
    crasher : that kills
    installation : as it was laid out
    modes : of ``crash.c``
    points : which changes to die before, given an undisturbed run
    seeds : how many tries at each point in the mode "some"
    times_s : seconds after which it is killed, wherever it is then
    """
    with tempfile.TemporaryDirectory() as place:
        before, now = Path(place) / "before", Path(place) / "now"
        shutil.copytree(installation, before)
        if act.before:
            laid_out(crasher, before, *act.before)

        def tried(**how: Any) -> Outcome:
            shutil.rmtree(now, ignore_errors=True)
            shutil.copytree(before, now)
            return crasher.run(f"{ACTS}:{act.call}", [str(now)], under=now, **how)

        undisturbed = tried()
        found = Found(len(undisturbed.changes))
        _look(act, crasher, now, undisturbed, found, "undisturbed")
        for mode in modes:
            for at in points(undisturbed):
                for seed in range(1, (seeds if mode == "some" else 1) + 1):
                    outcome = tried(at=at, mode=mode, seed=seed)
                    found.deaths[mode] = found.deaths.get(mode, 0) + outcome.died
                    _look(act, crasher, now, outcome, found, f"{mode}, change {at}, seed {seed}")
        for within_s in times_s:
            outcome = tried(within_s=within_s)
            found.deaths["time"] = found.deaths.get("time", 0) + outcome.died
            _look(act, crasher, now, outcome, found, f"after {within_s * 1000:.3f} ms")
    return found


def _look(act: Act, crasher: Crasher, folder: Path, outcome: Outcome, found: Found, when: str) -> None:
    try:
        _holds(act, folder, outcome.said)
        if outcome.died:
            again = crasher.run(f"{ACTS}:{act.call}", [str(folder)], under=folder)
            assert again.ended == 0, f"it does not go on: {again.said}"
            _holds(act, folder, again.said)
        else:
            assert outcome.ended == 0, f"it ended with {outcome.ended}: {outcome.said}"
    except Exception as problem:  # whatever it is, it belongs into the result
        found.broken.append(f"{act.name}, {when}: {type(problem).__name__}: {problem}")


def _holds(act: Act, folder: Path, said: str) -> None:
    records = Records(folder)
    try:
        records.sound()
        act.holds(records, said)
    finally:
        records.close()


# --- at full size

SEEDS, TIMES = 5, 300


def validated(kept: Path) -> dict[str, Any]:
    """Every act, at every change, in every mode, and at random times. An act that is done is kept."""
    for act in ALL:
        file = kept / f"{act.name}.json"
        if file.exists():
            continue
        with Crasher(PRELOADED) as crasher, tempfile.TemporaryDirectory() as place:
            laid_out(crasher, Path(place))
            drawn = random.Random(act.name)
            times = [drawn.uniform(0.001, 0.15) for _ in range(TIMES)]
            found = try_act(act, crasher, Path(place), modes=MODES, seeds=SEEDS, times_s=times)
        write_atomically(file, asdict(found))
        print(f"  {act.name}: {sum(found.deaths.values()):,} deaths, {len(found.broken)} broken", file=sys.stderr)
    acts = {act.name: json.loads((kept / f"{act.name}.json").read_text(encoding="utf-8")) for act in ALL}
    deaths = sum(sum(found["deaths"].values()) for found in acts.values())
    return {
        "acts": acts,
        "deaths": deaths,
        "holds": deaths > 0 and not any(found["broken"] for found in acts.values()),
    }


PART = Part(
    name="application",
    claim=(
        "Killed before every change to its files and at random times, and losing the power there, the application "
        "loses no statement, signature or bundle that it acknowledged, keeps none by half, and goes on"
    ),
    covers=(
        *(
            f"casework/seals/{name}.py"
            for name in ("actions", "checkpoints", "guards", "installation", "log", "standing")
        ),
        *(f"casework/exchange/{name}.py" for name in ("incoming", "outgoing")),
        *(f"casework/journal/{name}.py" for name in ("actions", "guards")),
        *(f"casework/custody/{name}.py" for name in ("sealed", "transfers")),
        "casework/documents/actions.py",
        "casework/parties/actions.py",
        "casework/settings.py",
        "validation/faults",
    ),
    run=validated,
)
