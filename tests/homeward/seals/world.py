"""An invented exchange between Arvad and Belmar, before the Observer: keys, logs and bundles over time, from no seed.

Every key is fixed, so each bundle is the same to the last byte wherever it is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from homeward.provenance import digest
from homeward.seals.anchors import Anchors, LogAnchor
from homeward.seals.bundle import Bundle, Enclosed, write_bundle
from homeward.seals.canonical import write_base64
from homeward.seals.checkpoint import Checkpoint, cosign_checkpoint, sign_checkpoint
from homeward.seals.contents import LogCopy, LoggedSignature
from homeward.seals.envelope import Envelope, cosign, sign
from homeward.seals.keys import INSTALLATION, PrivateKey, PublicKey
from homeward.seals.merkle import append, consistency_proof, inclusion_proof, leaf_hash, log_entry, root_of
from homeward.seals.statement import Opening, Openings, Signer, Statement, commit, make_statement
from tests.homeward.seals.bodies import BODIES, TEXT, WHO_ARVAD, WHO_BELMAR, manifest_line, received_line

PROGRAMME = "The Korean programme"
TRANSFER = "transfer:T-2018-01"
BEGINNING = datetime(2018, 7, 15, 1, 0, tzinfo=UTC)
AUTHORS: Mapping[str, Mapping[str, str]] = {
    "arvad": WHO_ARVAD,
    "belmar": WHO_BELMAR,
    "observer": {"name": "A. Neutral", "office": "Supervisory Commission", "party": "observer"},
}
PAGE = b"<!doctype html><title>Verify</title>"


def key_of(name: str) -> PrivateKey:
    """A key that is always the same."""
    return PrivateKey.from_seed(hashlib.sha256(name.encode()).digest())


def salt_of(name: str) -> bytes:
    return hashlib.sha256(b"salt of " + name.encode()).digest()


@dataclass
class Log:
    """A party's log, in memory."""

    party: str
    installation: PrivateKey
    entries: list[tuple[str, str, bytes]] = field(default_factory=list)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"{self.party}/log"

    @property
    def size(self) -> int:
        return len(self.entries)

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def take(self, envelope: Envelope) -> None:
        """Enter the signatures that are not in it yet, the author's first."""
        known = {(statement, key) for statement, key, _ in self.entries}
        for one in envelope.signatures:
            if (envelope.digest, one.keyid) not in known:
                self.append(envelope.digest, one.keyid, one.sig)

    def append(self, statement: str, key: str, sig: bytes) -> None:
        leaf = leaf_hash(log_entry(statement, key, sig))
        for level, index, made in append(self.size, leaf, self.node):
            self.nodes[level, index] = made
        self.entries.append((statement, key, sig))

    def at(self, size: int | None = None) -> Checkpoint:
        size = self.size if size is None else size
        return Checkpoint(self.origin, size, root_of(size, self.node))

    def checkpoint(self, size: int | None = None) -> str:
        return self.seal(self.at(size))

    def seal(self, checkpoint: Checkpoint) -> str:
        return sign_checkpoint(checkpoint, self.installation, self.origin)

    def copy(
        self, envelopes: Iterable[Envelope], *, cosigned: str = "", cosigned_size: int = 0, size: int | None = None
    ) -> LogCopy:
        """What a bundle with these statements holds of it."""
        size = self.size if size is None else size
        wanted = {(one.digest, signature.keyid) for one in envelopes for signature in one.signatures}
        entries = tuple(
            LoggedSignature(index, statement, key, tuple(inclusion_proof(index, size, self.node)))
            for index, (statement, key, _) in enumerate(self.entries[:size])
            if (statement, key) in wanted
        )
        return LogCopy(
            party=self.party,
            origin=self.origin,
            installation=self.installation.fingerprint,
            checkpoint=self.checkpoint(size),
            entries=entries,
            cosigned=cosigned,
            consistency=tuple(consistency_proof(cosigned_size, size, self.node)) if cosigned else (),
        )

    def public(self) -> PublicKey:
        return self.installation.public(party=self.party, name="installation", role=INSTALLATION)


@dataclass(frozen=True)
class Sent:
    """A bundle, what its reader knew before, and what it was made from.

    Parameters
    ----------
    name : of the moment
    bundle : as it stands, to be changed and written again
    data : its bytes
    anchors : under which it is valid
    log : the exporter's own, with the key that an honest reader must never see used by another
    """

    name: str
    bundle: Bundle
    data: bytes
    anchors: Anchors
    log: Log


class World:
    """The exchange, statement by statement.

    Parameters
    ----------
    prefix : another one gives other keys: a forger's world beside the true one
    """

    def __init__(self, prefix: str = "") -> None:
        self.keys = {party: key_of(f"{prefix}{party}") for party in AUTHORS}
        self.public = [key.public(party=party, name=f"{party}'s office") for party, key in self.keys.items()]
        self.logs = {party: Log(party, key_of(f"{prefix}{party}, installation")) for party in ("arvad", "belmar")}
        self.envelopes: dict[str, Envelope] = {}
        self.clock = BEGINNING
        self.prefix = prefix

    def say(
        self, kind: str, *, by: str, also: Sequence[tuple[str, str]] = (), subject: str = TRANSFER, **changed: Any
    ) -> Envelope:
        """A statement that all its signers have signed, entered in both logs."""
        statement = self.statement(kind, by=by, also=also, subject=subject, **changed)
        envelope = sign(statement.payload, self.keys[by])
        self.enter(envelope)
        for party, _ in also:
            envelope = cosign(envelope, self.keys[party])
            self.enter(envelope)
        return envelope

    def statement(
        self, kind: str, *, by: str, also: Sequence[tuple[str, str]] = (), subject: str = TRANSFER, **changed: Any
    ) -> Statement:
        self.clock += timedelta(minutes=7)
        signers = [(by, "author"), *also]
        return make_statement(
            kind=kind,
            programme=PROGRAMME,
            subject=subject,
            made_at=self.clock,
            zone="Asia/Seoul",
            place="Halfway House",
            author=AUTHORS[by],
            signers=[Signer(party, self.keys[party].fingerprint, role) for party, role in signers],
            follows=[],
            body={**BODIES[kind], **changed},
        )

    def enter(self, envelope: Envelope) -> None:
        self.envelopes[envelope.digest] = envelope
        for log in self.logs.values():
            log.take(envelope)

    def replace_key(self, party: str) -> None:
        """The party introduces a new key and revokes the old one with it."""
        old, new = self.keys[party], key_of(f"{self.prefix}{party}, second key")
        self.public.append(new.public(party=party, name=f"{party}'s office, second"))
        raw = write_base64(new.raw_public)
        told = {"subject": f"key:{party}", "party": party, "reason": TEXT}
        self.say("key", by=party, fingerprint=new.fingerprint, key=raw, introduced_in="session:7", **told)
        self.keys[party] = new
        told["key"] = write_base64(old.raw_public)
        self.say("key", by=party, act="revoke", fingerprint=old.fingerprint, introduced_in="", **told)

    def anchors(self, origin: str, checkpoint: str, *others: tuple[str, str]) -> Anchors:
        """All parties' keys so far, and what was cosigned of each log."""
        known: dict[str, tuple[str, ...]] = {}
        for key in self.public:
            known[key.party] = (*known.get(key.party, ()), key.fingerprint)
        notes = dict([(origin, checkpoint), *others])
        installations = {log.origin: log.installation.fingerprint for log in self.logs.values()}
        logs = {name: LogAnchor(installations[name], note) for name, note in notes.items()}
        return Anchors(known, logs)

    def cosigned(self, log: str, by: str, size: int) -> str:
        """A checkpoint of a log as another party cosigned it."""
        at = int(self.clock.timestamp())
        return cosign_checkpoint(self.logs[log].checkpoint(size), self.keys[by], by, at)

    def send(
        self,
        name: str,
        *,
        by: str,
        cosigned: str,
        cosigned_size: int,
        others: Sequence[tuple[LogCopy, str]] = (),
        **more: Any,
    ) -> Sent:
        """A bundle of everything so far; ``others`` are further logs, each with what the reader cosigned of it."""
        envelopes = tuple(self.envelopes.values())
        log = self.logs[by]
        copies = (log.copy(envelopes, cosigned=cosigned, cosigned_size=cosigned_size), *(copy for copy, _ in others))
        installations = [self.logs[copy.party].public() for copy in copies]
        bundle = Bundle(
            party=by,
            programme=PROGRAMME,
            made_at=self.clock,
            envelopes=envelopes,
            keys=(*self.public, *installations),
            logs=copies,
            verifier=PAGE,
            **more,
        )
        anchors = self.anchors(log.origin, cosigned, *((copy.origin, note) for copy, note in others))
        return Sent(name, bundle, write_bundle(bundle, log.seal), anchors, log)


def exchange(prefix: str = "") -> tuple[Sent, ...]:
    """Three bundles of one transfer: the sealed offer, the receipt that came back, and the end of it."""
    world = World(prefix)
    minutes, scan = b"Minutes of the seventh session.", b"%PDF-1.7 a filled manifest, scanned"
    both = [("arvad", "countersigner")]
    witnessed = [*both, ("observer", "witness")]
    spoken = [{"lang": "en", "digest": digest(minutes)}]
    world.say("session", by="belmar", also=both, subject="session:7", minutes=spoken)
    world.say("proposal", by="belmar", also=both)
    first = world.cosigned("belmar", "arvad", world.logs["belmar"].size)
    first_size = world.logs["belmar"].size
    world.say("issue", by="arvad", also=[("belmar", "countersigner")])
    about = commit("a name on a tag", salt_of("name"))
    lines = [
        manifest_line(1, "C-001", claims=[{"about": "name", "text": {"commitment": about}}]),
        manifest_line(2, "C-002", weight_g=None, seals=[]),
    ]
    manifest = world.say("manifest", by="belmar", also=witnessed, through="observer", lines=lines)
    opening = Openings(manifest.digest, (Opening("/lines/0/claims/0/text", salt_of("name"), "a name on a tag"),))
    written = (Enclosed(minutes, "minutes.txt", "text/plain"),)
    offer = world.send(
        "offer", by="belmar", cosigned=first, cosigned_size=first_size, documents=written, openings=(opening,)
    )

    second = world.cosigned("arvad", "belmar", 3)
    world.say("seal", by="belmar", also=[("observer", "witness")], manifest=manifest.digest)
    world.say("handover", by="belmar", also=witnessed, manifest=manifest.digest)
    short = [received_line(1, "C-001", seal_condition="broken"), received_line(2, "C-002", outcome="not_received")]
    receipt = world.say("receipt", by="arvad", manifest=manifest.digest, lines=short, containers=1, clean=False)
    world.say("reservation", by="arvad", on=receipt.digest)
    receipt_sent = world.send("receipt", by="arvad", cosigned=second, cosigned_size=3, documents=written)

    third_size = world.logs["belmar"].size - 2
    third = world.cosigned("belmar", "arvad", third_size)
    world.replace_key("belmar")
    world.say("discrepancy", by="arvad")
    world.say("inspection", by="arvad", also=[("belmar", "countersigner")])
    world.say("paper", by="belmar", statement=manifest.digest, scan=digest(scan))
    world.say("resolution", by="arvad", also=[("belmar", "countersigner")])
    theirs = world.logs["arvad"]
    cosigned = world.cosigned("arvad", "belmar", theirs.size - 4)
    copy = theirs.copy(world.envelopes.values(), cosigned=cosigned, cosigned_size=theirs.size - 4)
    end = world.send(
        "end",
        by="belmar",
        cosigned=third,
        cosigned_size=third_size,
        others=((copy, cosigned),),
        documents=(*written, Enclosed(scan, "manifest-copy-1.pdf", "application/pdf")),
        openings=(opening,),
    )
    return offer, receipt_sent, end
