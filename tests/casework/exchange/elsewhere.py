"""A party that acts at an installation of its own: its key, its ledger, and the bundles that it makes from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from homeward.formats.bundles import export, take_in
from homeward.formats.ledger import Ledger
from homeward.seals.anchors import Anchors, LogAnchor
from homeward.seals.bundle import Bundle, read_bundle
from homeward.seals.checkpoint import Continuation, read_note
from homeward.seals.contents import LogCopy
from homeward.seals.envelope import Envelope, cosign, sign
from homeward.seals.keys import PrivateKey, PublicKey
from homeward.seals.statement import Signer, make_statement


@dataclass
class Elsewhere:
    """Belmar at home, at the command line."""

    party: str
    folder: Path
    reader: str = "arvad"  # for whom its bundles are
    key: PrivateKey = field(default_factory=PrivateKey.generate)
    name: str = "Transport Section"

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
        """Take in what came, as if everything in it were pinned."""
        came = read_bundle(data)
        keys: dict[str, tuple[str, ...]] = {}
        for key in came.keys:
            keys[key.party] = (*keys.get(key.party, ()), key.fingerprint)
        take_in(self.ledger, data, Anchors(keys, {log.origin: LogAnchor(log.installation) for log in came.logs}))
        return came

    def countersign(self, digest: str) -> None:
        self.ledger.record(cosign(self.ledger.envelope(digest), self.key))

    def witness(self, copy: LogCopy, installation: PublicKey) -> str:
        """Cosign the other side's log, if it continues what was cosigned before."""
        before = {log.origin: read_note(log.note).checkpoint.size for log in self.ledger.foreign_logs()}
        size = read_note(copy.checkpoint).checkpoint.size
        proof = Continuation(before[copy.origin], size, copy.consistency) if copy.origin in before else None
        return self.ledger.witness(copy.checkpoint, self.key, continuation=proof, installation=installation)

    def bundle(self, openings=()) -> bytes:
        """Everything in the ledger, for the other side, with what is opened to it."""
        made_at = datetime.now(UTC).replace(microsecond=0)
        return export(self.ledger, made_at=made_at, reader=self.reader, openings=openings)

    def anchors(self, **known: tuple[str, ...]) -> Anchors:
        """What this side knows: the fingerprints from the minutes, and the other log as it was cosigned."""
        own = {self.ledger.origin: LogAnchor(self.ledger.installation.fingerprint, self.ledger.checkpoint())}
        others = {log.origin: LogAnchor(log.installation, log.note) for log in self.ledger.foreign_logs()}
        return Anchors({self.party: (self.key.fingerprint,), **known}, {**own, **others})
