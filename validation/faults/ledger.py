"""What must hold of a ledger, and of the files beside it, whenever the process or the power is lost.

Each scene lays out a folder, names a command, and says what must be true of the folder after the command died at any
moment: what it had told done is there, nothing is there by half, and the same command run again brings all to its
end.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from homeward.cli import main
from homeward.errors import LedgerUnusable, NotFound, WouldOverwrite
from homeward.formats.bundles import export
from homeward.formats.keyfiles import read_private_key, read_public_key
from homeward.formats.ledger import Ledger
from homeward.formats.ledgercheck import check
from homeward.seals.checkpoint import read_note, verify_note
from homeward.seals.envelope import read_envelope, verify_signature
from homeward.seals.keys import PrivateKey, PublicKey
from homeward.seals.merkle import leaf_hash, plain_inclusion_proof, plain_root
from homeward.seals.statement import Signer, Statement, make_statement
from homeward.seals.verify import verify
from validation.faults.crashing import MODES, Crasher, Outcome
from validation.parts import Part
from validation.run import write_atomically

COMMAND = "homeward.cli:main"
PRELOADED = (
    "homeward.cli.bundles",
    "homeward.cli.ledger",
    "homeward.cli.passphrases",
    "homeward.cli.telling",
    "homeward.formats.bundles",
    "homeward.formats.ledger",
    "homeward.formats.keyfiles",
    "homeward.seals.verify",
)
BROUGHT = range(20, 23)  # statements in the bundle that is received
SECRET = "a long walk home"
ENVIRONMENT = {"HOMEWARD_PASSPHRASE": SECRET}
ARVAD, BELMAR = PrivateKey.from_seed(b"a" * 32), PrivateKey.from_seed(b"b" * 32)
KEYS = {
    "arvad": ARVAD.public(party="arvad", name="M. Oresk"),
    "belmar": BELMAR.public(party="belmar", name="T. Vane"),
}


@dataclass(frozen=True)
class Scene:
    """A command and what must hold around it.

    Parameters
    ----------
    name : what happens
    lay_out : makes the folder before
    arguments : of ``homeward seal``; a part that begins with ``@`` is a file in the folder
    holds : raises AssertionError if something is lost or half done, given the folder and what the command said
    again : whether the same command completes it (else the folder is looked at only)
    call : what stands in for the command line
    """

    name: str
    lay_out: Callable[[Path], None]
    arguments: tuple[str, ...]
    holds: Callable[[Path, str], None]
    again: bool = True
    call: str = COMMAND


@dataclass
class Found:
    """What a scene came to.

    Parameters
    ----------
    changes : how many the command makes undisturbed
    deaths : in each mode, how often it was killed
    broken : what did not hold, in words; empty if all did
    """

    changes: int
    deaths: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


def try_scene(
    scene: Scene, crasher: Crasher, *, modes: Sequence[str], points: Callable[[Outcome], Sequence[int]], seeds: int = 1
) -> Found:
    """Let the command die at each of the points, in each mode, and look at what is left.

    Parameters
    ----------
    scene : what to do
    crasher : that kills
    modes : of ``crash.c``
    points : which changes to die before, given an undisturbed run
    seeds : how many tries at each point in the mode "some"
    """
    with tempfile.TemporaryDirectory() as place:
        before, now = Path(place) / "before", Path(place) / "now"
        before.mkdir()
        scene.lay_out(before)

        def tried(**how: object) -> Outcome:
            shutil.rmtree(now, ignore_errors=True)
            shutil.copytree(before, now)
            return crasher.run(scene.call, _arguments(scene, now), under=now, **how)  # type: ignore[arg-type]

        undisturbed = tried()
        found = Found(len(undisturbed.changes))
        _look(scene, now, undisturbed, found, "undisturbed")
        for mode in modes:
            for at in points(undisturbed):
                for seed in range(1, (seeds if mode == "some" else 1) + 1):
                    outcome = tried(at=at, mode=mode, seed=seed)
                    found.deaths[mode] = found.deaths.get(mode, 0) + outcome.died
                    _look(scene, now, outcome, found, f"{mode}, change {at}, seed {seed}")
    return found


def try_at_random_times(scene: Scene, crasher: Crasher, *, times_s: Sequence[float]) -> Found:
    """Let the command die after these times, wherever it is then."""
    found = Found(0)
    for within_s in times_s:
        with tempfile.TemporaryDirectory() as place:
            now = Path(place) / "now"
            now.mkdir()
            scene.lay_out(now)
            outcome = crasher.run(scene.call, _arguments(scene, now), under=now, within_s=within_s)
            found.deaths["time"] = found.deaths.get("time", 0) + outcome.died
            _look(scene, now, outcome, found, f"after {within_s * 1000:.3f} ms")
    return found


def _look(scene: Scene, folder: Path, outcome: Outcome, found: Found, when: str) -> None:
    try:
        scene.holds(folder, outcome.said)
        if outcome.died and scene.again:
            again = CliRunner().invoke(main, _arguments(scene, folder), env=ENVIRONMENT)
            assert again.exit_code == 0, f"it does not go on: {again.output}"
            scene.holds(folder, again.output)
        elif not outcome.died:
            assert outcome.ended == 0, f"it ended with {outcome.ended}: {outcome.said}"
    except Exception as problem:  # whatever it is, it belongs into the result
        found.broken.append(f"{scene.name}, {when}: {type(problem).__name__}: {problem}")


def _arguments(scene: Scene, folder: Path) -> list[str]:
    return ["seal", *(str(folder / one[1:]) if one.startswith("@") else one for one in scene.arguments)]


# --- what the scenes are made of


def statement(number: int) -> Statement:
    """Arvad sends Belmar empty cases, the ``number``-th time."""
    return make_statement(
        kind="issue",
        programme="Arvad and Belmar 2018",
        subject=f"transfer:T-{number}",
        made_at=datetime(2018, 7, 20, 1, 40, tzinfo=UTC),
        zone="Asia/Seoul",
        author={"name": "M. Oresk", "office": "", "party": "arvad"},
        signers=[
            Signer("arvad", ARVAD.fingerprint, "author"),
            Signer("belmar", BELMAR.fingerprint, "countersigner"),
        ],
        body={
            "from": "arvad",
            "to": "belmar",
            "containers": [{"container": f"C-{number}", "kind": "case"}],
            "count": 1,
        },
    )


def _envelope(folder: Path, number: int) -> Path:
    from homeward.seals.envelope import cosign, sign

    file = folder / f"{number}.envelope.json"
    file.write_bytes(cosign(sign(statement(number).payload, ARVAD), BELMAR).to_bytes())
    return file


def _keys(folder: Path) -> None:
    for party, private in (("arvad", ARVAD), ("belmar", BELMAR)):
        (folder / f"{party}.pub.json").write_bytes(KEYS[party].to_bytes())
        (folder / f"{party}.key.pem").write_bytes(private.to_pem(None))
        (folder / f"{party}.key.pem").chmod(0o600)


def _ledger(folder: Path, *, party: str = "arvad", held: int = 2) -> None:
    with Ledger.create(folder / "ledger", party=party, keys=KEYS.values()) as made:
        for number in range(held):
            made.record(read_envelope(_envelope(folder, number).read_bytes()))
        made.checkpoint()
        (folder / "ledger.pub.json").write_bytes(made.installation.to_bytes())


def sound(folder: Path, acknowledged: Collection[str] = ()) -> None:
    """The ledger opens; what it told recorded is there whole; nothing is there by half; the log is the definition's."""
    files = {one.digest: one for one in (read_envelope(path.read_bytes()) for path in folder.glob("*.envelope.json"))}
    with Ledger.open(folder / "ledger") as ledger:
        held = {one.digest: ledger.envelope(one.digest) for one in ledger.statements()}
        leaves = [entry.leaf for entry in ledger.entries()]
        assert ledger.root() == plain_root(leaves), "the root is not that of the definition"
        for index, leaf in enumerate(leaves):
            assert ledger.node(0, index) == leaf_hash(leaf), f"entry {index} is not what its leaf says"
            assert ledger.inclusion_proof(index) == plain_inclusion_proof(index, leaves), f"entry {index} has no proof"
        for note in map(read_note, ledger.checkpoints()):
            verify_note(note, ledger.installation, ledger.origin)
            assert note.checkpoint.root == ledger.root(note.checkpoint.size), "a checkpoint was signed that is not kept"
    lost = set(acknowledged) - set(held)
    assert not lost, f"acknowledged and lost: {lost}"
    half = [digest for digest, envelope in held.items() if envelope != files[digest]]
    assert not half, f"half recorded: {half}"
    check(folder / "ledger", processes=1)


def _recorded(folder: Path, said: str) -> None:
    sound(folder, [line.split()[1].rstrip(":") for line in said.splitlines() if line.startswith("Recorded ")])


def _checkpointed(folder: Path, said: str) -> None:
    sound(folder)
    written = folder / "note"
    assert written.exists() or "entries:" not in said, "the checkpoint was told written and is not there"
    with Ledger.open(folder / "ledger") as ledger:
        assert not written.exists() or written.read_text() in ledger.checkpoints(), (
            "a checkpoint went out and is not kept"
        )
        (folder / "note").unlink(missing_ok=True)
        (folder / "proof").unlink(missing_ok=True)


def _witnessed(folder: Path, said: str) -> None:
    written = folder / "note.signed"
    assert written.exists() or "Cosigned:" not in said, "the cosignature was told written and is not there"
    with Ledger.open(folder / "ours") as ledger:
        kept = [read_note(log.note) for log in ledger.foreign_logs()]
        out = [read_note(written.read_text())] if written.exists() else []
        assert [note for note in out if note not in kept] == [], "a cosignature went out and is not kept"
    written.unlink(missing_ok=True)


def _lay_out_witness(folder: Path) -> None:
    _keys(folder)
    _ledger(folder, party="belmar")
    with Ledger.open(folder / "ledger") as theirs, Ledger.create(folder / "ours", party="arvad") as ours:
        ours.learn(KEYS.values())
        first = theirs.checkpoint()
        ours.witness(first, ARVAD, installation=theirs.installation)
        theirs.record(read_envelope(_envelope(folder, 9).read_bytes()))
        note = theirs.checkpoint()
        (folder / "note").write_text(note)
        (folder / "proof").write_bytes(theirs.continuation(first, read_note(note).checkpoint.size).to_bytes())


def _is_good(folder: Path, name: str, signers: Sequence[PublicKey]) -> bool:
    """Whether the envelope is there with exactly these signatures; if it is there at all, it is whole."""
    if not (folder / name).exists():
        return False
    envelope = read_envelope((folder / name).read_bytes())
    by = {key.fingerprint: key for key in KEYS.values()}
    for one in envelope.signatures:
        verify_signature(envelope.payload, one, by[one.keyid])
    return {one.keyid for one in envelope.signatures} == {key.fingerprint for key in signers}


def _lay_out_sign(folder: Path) -> None:
    _keys(folder)
    (folder / "issue.statement.json").write_bytes(statement(1).payload)


def _signed(folder: Path, said: str) -> None:
    there = _is_good(folder, "signed", [KEYS["arvad"]])
    assert there or "Signed:" not in said, "told signed and not there"
    assert there or not (folder / "signed").exists(), "a signature is missing"
    (folder / "signed").unlink(missing_ok=True)


def _lay_out_cosign(folder: Path) -> None:
    from homeward.seals.envelope import sign

    _keys(folder)
    (folder / "signed").write_bytes(sign(statement(1).payload, ARVAD).to_bytes())


def _cosigned(folder: Path, said: str) -> None:
    both = _is_good(folder, "signed", list(KEYS.values()))
    assert both or "Signed:" not in said, "told signed and not there"
    assert both or _is_good(folder, "signed", [KEYS["arvad"]]), "the other side's signature is lost"


def _created(folder: Path, said: str) -> None:
    try:
        with Ledger.open(folder / "ledger") as ledger:
            assert ledger.key(ledger.installation.fingerprint) is not None, "it does not know its own key"
            assert ledger.key(ARVAD.fingerprint) is not None, "it does not know the key it was given"
        check(folder / "ledger", processes=1)
    except (NotFound, LedgerUnusable):
        assert "Log:" not in said, "told made and not there"
        try:
            Ledger.create(folder / "ledger", party="arvad").close()
        except WouldOverwrite as problem:
            raise AssertionError(f"what is left is no ledger, and none can be made: {problem}") from problem


def _key_made(folder: Path, said: str) -> None:
    private, public = folder / "new.key.pem", folder / "new.pub.json"
    if "Fingerprint:" in said:
        assert private.exists(), "told made and not there"
        assert public.exists(), "told made and not there"
    if private.exists():
        assert private.stat().st_mode & 0o077 == 0, "others can read the private key"
        key = read_private_key(private, SECRET)
        assert not public.exists() or read_public_key(public).fingerprint == key.fingerprint, "two halves of two keys"
    assert private.exists() or not public.exists(), "a public key without its private one"
    private.unlink(missing_ok=True)
    public.unlink(missing_ok=True)


def record_scene(statements: int, *, call: str = COMMAND) -> Scene:
    """So many statements recorded by one command."""

    def lay_out(folder: Path) -> None:
        _ledger(folder)
        for number in range(10, 10 + statements):
            _envelope(folder, number)

    envelopes = tuple(f"@{number}.envelope.json" for number in range(10, 10 + statements))
    return Scene("record", lay_out, ("ledger", "record", "@ledger", *envelopes), _recorded, call=call)


def _lay_out_checkpoint(folder: Path) -> None:
    _ledger(folder)
    with Ledger.open(folder / "ledger") as ledger:
        ledger.record(read_envelope(_envelope(folder, 9).read_bytes()))


def _lay_out_receive(folder: Path) -> None:
    _keys(folder)
    _ledger(folder, held=1)
    with Ledger.create(folder / "theirs", party="belmar", keys=KEYS.values()) as theirs:
        for number in BROUGHT:
            theirs.record(read_envelope(_envelope(folder, number).read_bytes()))
        (folder / "in.zip").write_bytes(export(theirs, made_at=datetime(2018, 7, 27, tzinfo=UTC), verifier=b""))


def _received(folder: Path, said: str) -> None:
    brought = {statement(number).digest for number in BROUGHT}
    sound(folder, brought if "3 statements from belmar" in said else ())
    with Ledger.open(folder / "ledger") as ledger:
        held = brought & {one.digest for one in ledger.statements()}
        copies = [len(copy.entries) for copy in ledger.copies()]
        cosigned = [log.party for log in ledger.foreign_logs()]
    assert held in (set(), brought), "some of the bundle's statements were recorded, and others not"
    assert copies == ([2 * len(brought)] if held else []), "statements were recorded without the other side's proofs"
    assert cosigned == ["belmar"] or "Cosigned" not in said, "the cosignature was told given and is not kept"


def _sent(folder: Path, said: str) -> None:
    sound(folder)
    written = folder / "out.zip"
    assert written.exists() or "sealed by" not in said, "the bundle was told written and is not there"
    if written.exists():
        report = verify(written.read_bytes(), None)
        assert report.verdict == "unanchored", f"what was written is {report.faults}"
        with Ledger.open(folder / "ledger") as ledger:
            sizes = [read_note(note).checkpoint.size for note in ledger.checkpoints()]
        assert report.logs[0].size in sizes, "a checkpoint went out and is not kept"
        written.unlink()


SCENES = (
    Scene("keygen", lambda folder: None, ("keygen", "--party", "arvad", "--name", "n", "--out", "@new"), _key_made),
    Scene(
        "sign", _lay_out_sign, ("sign", "@issue.statement.json", "--key", "@arvad.key.pem", "--out", "@signed"), _signed
    ),
    Scene("cosign", _lay_out_cosign, ("cosign", "@signed", "--key", "@belmar.key.pem"), _cosigned),
    Scene(
        "create",
        _keys,
        ("ledger", "create", "@ledger", "--party", "arvad", "--keys", "@arvad.pub.json"),
        _created,
        again=False,
    ),
    record_scene(3),
    Scene(
        "checkpoint",
        _lay_out_checkpoint,
        ("checkpoint", "@ledger", "--out", "@note", "--consistency", "@proof"),
        _checkpointed,
    ),
    Scene(
        "witness",
        _lay_out_witness,
        (
            "witness",
            "@note",
            "--ledger",
            "@ours",
            "--key",
            "@arvad.key.pem",
            "--consistency",
            "@proof",
            "--out",
            "@note.signed",
        ),
        _witnessed,
    ),
    Scene("bundle", _lay_out_checkpoint, ("bundle", "--ledger", "@ledger", "--out", "@out.zip"), _sent),
    Scene(
        "receive",
        _lay_out_receive,
        ("receive", "@in.zip", "--ledger", "@ledger", "--first", "--key", "@arvad.key.pem", "--quiet"),
        _received,
    ),
)


# --- at full size

STATEMENTS, SEEDS, TIMES = 10, 20, 500


def validated(kept: Path) -> dict[str, Any]:
    """Every scene, at every change, in every mode; then at random times. A scene that is done is kept."""
    scenes = [record_scene(STATEMENTS) if scene.name == "record" else scene for scene in SCENES]
    tries: dict[str, Callable[[Crasher], Found]] = {
        **{scene.name: _at_every_change(scene) for scene in scenes},
        "record at random times": _at_random_times,
    }
    for name, tried in tries.items():
        file = kept / f"{name}.json"
        if not file.exists():
            with Crasher(PRELOADED, ENVIRONMENT) as crasher:
                found = tried(crasher)
            write_atomically(file, asdict(found))
            print(f"  {name}: {sum(found.deaths.values()):,} deaths, {len(found.broken)} broken", file=sys.stderr)
    found_all = {name: json.loads((kept / f"{name}.json").read_text(encoding="utf-8")) for name in tries}
    deaths = sum(sum(found["deaths"].values()) for found in found_all.values())
    return {
        "scenes": found_all,
        "statements_recorded_at_once": STATEMENTS,
        "deaths": deaths,
        "holds": deaths > 0 and not any(found["broken"] for found in found_all.values()),
    }


def _at_every_change(scene: Scene) -> Callable[[Crasher], Found]:
    return lambda crasher: try_scene(scene, crasher, modes=MODES, points=every_change, seeds=SEEDS)


def _at_random_times(crasher: Crasher) -> Found:
    """From before it begins to after it ends: as long as an undisturbed run takes, and a little more."""
    scene = record_scene(STATEMENTS)
    whole_s = min(_time_of(scene, crasher) for _ in range(3))  # the first loads what the others have
    chance = random.Random(1)
    return try_at_random_times(scene, crasher, times_s=[chance.uniform(0.001, 1.2 * whole_s) for _ in range(TIMES)])


def _time_of(scene: Scene, crasher: Crasher) -> float:
    with tempfile.TemporaryDirectory() as place:
        scene.lay_out(Path(place))
        start = time.perf_counter()
        crasher.run(scene.call, _arguments(scene, Path(place)), under=Path(place))
        return time.perf_counter() - start


PART = Part(
    name="ledger",
    claim="killed, or without power, at any change or time: nothing acknowledged is lost, nothing is half done",
    covers=(
        "homeward/seals",
        "homeward/formats/anchors.py",
        "homeward/formats/bundles.py",
        "homeward/formats/files.py",
        "homeward/formats/keyfiles.py",
        "homeward/formats/ledger.py",
        "homeward/formats/ledgercheck.py",
        "homeward/formats/ledgerfile.py",
        "homeward/cli/bundles.py",
        "homeward/cli/ledger.py",
        "homeward/cli/seal.py",
        "validation/faults/crash.c",
        "validation/faults/crashing.py",
        "validation/faults/ledger.py",
        "validation/faults/runner.py",
    ),
    run=validated,
)


def careless(arguments: list[str]) -> None:
    """``homeward`` with a ledger that does not wait for the disk: what the harness must find out."""
    from homeward.formats import ledgerfile

    def log_ahead(rows: sqlite3.Connection) -> None:
        rows.execute("PRAGMA journal_mode = WAL")
        rows.execute("PRAGMA synchronous = OFF")

    ledgerfile.log_ahead = log_ahead
    main(arguments)


def every_change(undisturbed: Outcome) -> Sequence[int]:
    """Before each change, and after the last."""
    return range(1, len(undisturbed.changes) + 2)


def turning_points(undisturbed: Outcome) -> Sequence[int]:
    """Before each change that is no write, and at every seventh write: for the small tier."""
    writes = [change.number for change in undisturbed.changes if change.kind == "write"]
    turns = [change.number for change in undisturbed.changes if change.kind != "write"]
    return sorted({*turns, *writes[::7]})
