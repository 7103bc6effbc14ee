"""A party that acts at an installation of its own: its key, its ledger, and the bundles that it makes from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from homeward.formats.ledger import Ledger
from homeward.seals import bundle as bundles
from homeward.seals.anchors import Anchors, LogAnchor
from homeward.seals.bundle import Bundle, write_bundle
from homeward.seals.checkpoint import Continuation, read_note
from homeward.seals.contents import LogCopy, LoggedSignature
from homeward.seals.envelope import Envelope, cosign, sign
from homeward.seals.keys import PrivateKey, PublicKey
from homeward.seals.statement import Signer, make_statement


@dataclass
class Elsewhere:
    """Belmar at home, at the command line."""

    party: str
    folder: Path
    key: PrivateKey = field(default_factory=PrivateKey.generate)
    name: str = "Transport Section"
    cosigned: str = ""  # our last checkpoint that the other side has cosigned
    theirs: LogCopy | None = None  # the other side's log as we cosigned it
    their_keys: tuple[PublicKey, ...] = ()

    def __post_init__(self) -> None:
        self.ledger = Ledger.create(self.folder / f"{self.party}.ledger", party=self.party, keys=[self.public])

    @property
    def public(self) -> PublicKey:
        return self.key.public(party=self.party, name=self.name)

    def say(self, kind: str, subject: str, body, signers, *, programme: str, follows=()) -> Envelope:
        made = make_statement(
            kind=kind,
            programme=programme,
            subject=subject,
            made_at=datetime.now(UTC),
            zone="Asia/Seoul",
            author={"party": self.party, "name": "Y. Amset", "office": "Transport Section"},
            signers=[Signer(*one) for one in signers],
            body=body,
            follows=follows,
        )
        envelope = sign(made.payload, self.key)
        self.ledger.record(envelope, [self.public])
        return envelope

    def receive(self, data: bytes) -> Bundle:
        """Record what came, as it came."""
        came = bundles.read_bundle(data)
        self.their_keys = came.keys
        for envelope in came.envelopes:
            self.ledger.record(envelope, came.keys)
        own = [copy for copy in came.logs if copy.origin == self.ledger.origin]
        self.cosigned = own[0].checkpoint if own else self.cosigned
        return came

    def countersign(self, digest: str) -> None:
        self.ledger.record(cosign(self.ledger.envelope(digest), self.key))

    def witness(self, copy: LogCopy, installation: PublicKey) -> str:
        """Cosign the other side's log, if it continues what was cosigned before."""
        proof = None
        if self.theirs is not None:
            before, now = (read_note(one).checkpoint.size for one in (self.theirs.checkpoint, copy.checkpoint))
            proof = Continuation(before, now, copy.consistency) if before != now else None
        note = self.ledger.witness(copy.checkpoint, self.key, continuation=proof, installation=installation)
        self.theirs = LogCopy(copy.party, copy.origin, copy.installation, note, ())
        return note

    def bundle(self, *, programme: str) -> bytes:
        """Everything in the ledger, for the other side."""
        ledger = self.ledger
        note = ledger.checkpoint()
        size = read_note(note).checkpoint.size
        before = read_note(self.cosigned).checkpoint.size if self.cosigned else 0
        entries = tuple(
            LoggedSignature(one.index, one.statement, one.keyid, tuple(ledger.inclusion_proof(one.index, size)))
            for one in ledger.entries()
        )
        own = LogCopy(
            self.party,
            ledger.origin,
            ledger.installation.fingerprint,
            note,
            entries,
            self.cosigned,
            tuple(ledger.consistency_proof(before, size)) if self.cosigned else (),
        )
        keys = {key.fingerprint: key for key in (*ledger.known_keys(), *self.their_keys)}
        return write_bundle(
            Bundle(
                party=self.party,
                programme=programme,
                made_at=datetime.now(UTC).replace(microsecond=0),
                envelopes=tuple(ledger.envelope(one.digest) for one in ledger.statements()),
                keys=tuple(keys[one] for one in sorted(keys)),
                logs=(own, self.theirs) if self.theirs else (own,),
            ),
            ledger.sign_checkpoint,
        )

    def anchors(self, **known: tuple[str, ...]) -> Anchors:
        """What this side knows: the fingerprints from the minutes, and the other log as it was cosigned."""
        logs = {self.ledger.origin: LogAnchor(self.ledger.installation.fingerprint, self.cosigned)}
        if self.theirs:
            logs[self.theirs.origin] = LogAnchor(self.theirs.installation, self.theirs.checkpoint)
        return Anchors({self.party: (self.key.fingerprint,), **known}, logs)
