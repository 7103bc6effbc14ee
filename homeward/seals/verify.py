"""Whether a bundle holds: every check of ``docs/methods/seals.md`` section 8, in its order.

1. the container, 2. the inventory, 3. keys, 4. statements and signatures, 5. logs, 6. revocation, 7. documents,
8. openings, 9. anchors. Whatever bytes come in, an answer goes out. What has a fault is set aside; the rest is looked
at to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from homeward.errors import Rejected, SealBroken, TooLarge
from homeward.progress import Tick, silent
from homeward.provenance import digest
from homeward.seals.anchors import NOTHING_KNOWN, Anchors
from homeward.seals.checkpoint import Checkpoint, Note, read_note, verify_note
from homeward.seals.container import read_container
from homeward.seals.contents import DOCUMENT_LIST, INVENTORY, SEAL_NOTE, Inventory, Listed, read_document_list
from homeward.seals.envelope import read_envelope
from homeward.seals.keys import grouped
from homeward.seals.logs import LogExamined, examine_log
from homeward.seals.report import BROKEN, UNANCHORED, VALID, Report, SealFault, StatementSeen, Verdict
from homeward.seals.shapes import pointed_at
from homeward.seals.signed import Examined, Keyring, examine, fingerprint_in, read_keys
from homeward.seals.statement import Opening, commit, read_frame, read_openings

AGAIN = "Ask the sender for the bundle again."


def verify(bundle: bytes, anchors: Anchors | None, tick: Tick = silent) -> Report:
    """Say whether a bundle is valid, unanchored or broken, and everything that is wrong with it.

    Parameters
    ----------
    bundle : any bytes
    anchors : keys and logs that are known already; None if nothing is
    """
    looking = _Looking(anchors or NOTHING_KNOWN, tick)
    try:
        files = read_container(bundle)
    except TooLarge as refused:
        looking.fault("container", "", reason=str(refused))
    except SealBroken as fault:
        looking.fault("container", "", reason=f"{fault.where}: {fault.reason} {AGAIN}")
    else:
        looking.at(files)
    return looking.report()


class _Looking:
    """One verification on its way: what is found, and what is set aside."""

    def __init__(self, anchors: Anchors, tick: Tick) -> None:
        self.anchors = anchors
        self.tick = tick
        self.faults: list[SealFault] = []
        self.unanchored: list[SealFault] = []
        self.notes: list[SealFault] = []
        self.aside: set[str] = set()  # files
        self.files: Mapping[str, bytes] = {}
        self.inventory: Inventory | None = None
        self.seal: Note | None = None
        self.keyring = Keyring({}, frozenset())
        self.statements: dict[str, Examined] = {}
        self.logs: dict[str, LogExamined] = {}

    def fault(self, code: str, file: str, statement: str = "", signature: str = "", *, reason: str) -> None:
        self.faults.append(SealFault(code, file, statement, signature, reason))
        if file and not signature:
            self.aside.add(file)

    def at(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        inventory = self._inventory()
        if inventory is None:
            return
        self.inventory = inventory
        self._listed(inventory.files)
        self._keys()
        self._statements(inventory.programme)
        self._logs(inventory.party)
        self._sealed(inventory)
        self._revocations(inventory.party)
        self._documents()
        self._openings()
        self._anchors(inventory.party)

    def sound(self, folder: str) -> dict[str, bytes]:
        """The files of a folder that are not set aside, by name."""
        listed = self.inventory.files if self.inventory else ()
        names = [path for one in listed if (path := one.path).startswith(folder) and path not in self.aside]
        return {name: self.files[name] for name in names}

    # Step 2

    def _inventory(self) -> Inventory | None:
        """The inventory, and the seal where it is a note."""
        if SEAL_NOTE in self.files:
            self._read_seal(self.files[SEAL_NOTE])
        else:
            self.fault("file-missing", SEAL_NOTE, reason=f"nothing says who sealed this. {AGAIN}")
        data = self.files.get(INVENTORY)
        if data is None:
            self.fault("file-missing", INVENTORY, reason=f"nothing says what the bundle holds. {AGAIN}")
            return None
        try:
            inventory = Inventory.read(data)
        except SealBroken as fault:
            self.fault(fault.code, INVENTORY, reason=f"{fault.where}: {fault.reason} {AGAIN}")
            return None
        expected = inventory.origin, (f"bundle {digest(data)}",)
        seal = self.seal.checkpoint if self.seal and SEAL_NOTE not in self.aside else None
        if seal is not None and (seal.origin, seal.extensions) != expected:
            reason = "it seals another list of files, or another log's. Something was changed after it was sealed; "
            self.fault("seal", SEAL_NOTE, reason=reason + "ask the sender for the bundle as he sealed it.")
        return inventory

    def _read_seal(self, data: bytes) -> None:
        try:
            self.seal = read_note(data)
            if len(self.seal.signatures) != 1:
                raise SealBroken("note", SEAL_NOTE, "a seal has one signature, the installation's.")
        except SealBroken as fault:
            self.fault("note", SEAL_NOTE, reason=f"{fault.reason} {AGAIN}")

    def _listed(self, listed: Iterable[Listed]) -> None:
        names = {INVENTORY, SEAL_NOTE}
        for one in listed:
            names.add(one.path)
            content = self.files.get(one.path)
            if content is None:
                reason = "it is listed, and not there. Ask the sender for the whole bundle."
                self.fault("file-missing", one.path, reason=reason)
            elif len(content) != one.size or digest(content) != one.digest:
                self.fault("file-altered", one.path, reason=f"its bytes are not those that were listed. {AGAIN}")
        for name in sorted(self.files.keys() - names):
            self.fault("file-extra", name, reason="it was not there when the bundle was sealed. Do not rely on it.")

    # Steps 3 and 4

    def _keys(self) -> None:
        self.keyring, faults = read_keys(self.sound("keys/"), self.aside)
        self._take(faults)

    def _statements(self, programme: str) -> None:
        for examined in examine(self.sound("statements/"), self.keyring, programme, self.tick):
            self._take(examined.faults)
            if examined.seen is not None:
                self.statements[examined.digest] = examined
        for examined in self.statements.values():
            for missing in (one for one in examined.follows if one not in self.statements):
                reason = f"it rests on {missing}, which the bundle does not hold."
                self.notes.append(SealFault("follows-missing", examined.file, examined.digest, reason=reason))

    def _take(self, faults: Iterable[SealFault]) -> None:
        for one in faults:
            self.fault(one.code, one.file, one.statement, one.signature, reason=one.reason)

    # Step 5

    def _logs(self, exporter: str) -> None:
        aside = {f"sha256:{fingerprint_in(path)}" for path in self.aside if path.startswith("statements/")}
        for path, data in self.sound("logs/").items():
            log = examine_log(path, data, keyring=self.keyring, statements=self.statements, aside=aside, tick=self.tick)
            self.logs[path] = log
            self._take(log.faults)
        path = f"logs/{exporter}.json"
        if path not in self.logs and path not in self.aside:
            self.fault(
                "file-missing", path, reason=f"the log of {exporter}, who made the bundle, is not in it. {AGAIN}"
            )
        elif path in self.logs and self.logs[path].whole:
            self._every_signature_logged(self.logs[path])

    def _every_signature_logged(self, log: LogExamined) -> None:
        for examined in self.statements.values():
            for key in examined.leaves or ():
                if (examined.digest, key) not in log.spoken_of:
                    reason = (
                        "this signature has no place in the log of who made the bundle. Ask him to export it again."
                    )
                    self.fault("entry-missing", log.file, examined.digest, key, reason=reason)

    def _sealed(self, inventory: Inventory) -> None:
        log = self.logs.get(f"logs/{inventory.party}.json")
        if self.seal is None or SEAL_NOTE in self.aside or log is None or not log.whole or log.checkpoint is None:
            return
        assert log.key is not None
        sealed = self.seal.checkpoint
        try:
            if _place(sealed) != _place(log.checkpoint):
                raise SealBroken("seal", "", "it is not over the checkpoint of the log inside.")
            verify_note(self.seal, log.key, sealed.origin)
        except SealBroken as fault:
            reason = f"{fault.reason} Ask {inventory.party} for the bundle as its installation sealed it."
            self.fault("seal", SEAL_NOTE, reason=reason)

    # Step 6

    def _revocations(self, exporter: str) -> None:
        log = self.logs.get(f"logs/{exporter}.json")
        if log is None or not log.whole:
            return
        revoked = self._revoked(log)
        for examined in self.statements.values() if revoked else ():
            assert examined.seen is not None
            for signer in examined.seen.signers:
                place = log.places.get((examined.digest, signer.key))
                since = revoked.get((signer.party, signer.key))
                if place is not None and since is not None and place > since:
                    reason = f"{signer.party} had revoked this key before (entry {since} of the log, this is {place}). "
                    reason += f"Ask {signer.party} to sign with a key that is in force."
                    self.fault("revoked-key", examined.file, examined.digest, signer.key, reason=reason)

    def _revoked(self, log: LogExamined) -> dict[tuple[str, str], int]:
        """(party, key's fingerprint) -> place in the log of its first standing revocation."""
        revoked: dict[tuple[str, str], int] = {}
        for examined in self.statements.values():
            if not examined.revokes or examined.seen is None or examined.seen.awaits:
                continue
            author = examined.seen.signers[0]
            place = log.places.get((examined.digest, author.key))
            key = author.party, examined.revokes
            if place is not None and place <= revoked.get(key, place):
                revoked[key] = place
        return revoked

    # Steps 7 and 8

    def _documents(self) -> None:
        there = self.sound("documents/")
        for path, data in there.items():
            name = path.removeprefix("documents/")
            if digest(data) != f"sha256:{name}":
                self.fault("file-altered", path, reason="it is another document than its name says. Do not rely on it.")
        for data in self.sound(DOCUMENT_LIST).values():
            try:
                read_document_list(data)
            except SealBroken as fault:
                self.fault(fault.code, DOCUMENT_LIST, reason=f"{fault.where}: {fault.reason} {AGAIN}")
        for examined in self.statements.values():
            for one in examined.documents:
                if f"documents/{one.removeprefix('sha256:')}" not in there:
                    reason = f"it speaks of the document {one}, which is not in the bundle."
                    self.notes.append(SealFault("document-missing", examined.file, examined.digest, reason=reason))

    def _openings(self) -> None:
        for path, data in self.sound("openings/").items():
            about = f"sha256:{fingerprint_in(path)}"
            if f"statements/{fingerprint_in(path)}.json" in self.aside:
                continue
            try:
                self._opened(data, about)
            except SealBroken as fault:
                reason = f"{fault.where}: {fault.reason} Ask whoever gave it for the opening again."
                self.fault(fault.code, path, reason=reason)

    def _opened(self, data: bytes, about: str) -> None:
        try:
            openings = read_openings(data)
        except Rejected as refused:
            raise SealBroken("schema", refused.faults[0].column or "/", refused.faults[0].reason) from None
        if openings.statement != about:
            raise SealBroken("misnamed", "the file's name", f"it opens {openings.statement}.")
        examined = self.statements.get(about)
        if examined is None:
            raise SealBroken("opening", about, "the bundle does not hold the statement that it opens.")
        body = read_frame(read_envelope(self.files[examined.file]).payload).body
        for one in openings.openings:
            if not _opens(body, one):
                raise SealBroken("opening", one.path, "salt and value do not give the commitment that stands there.")

    # Step 9

    def _anchors(self, exporter: str) -> None:
        for key in self._signing():
            if not self.anchors.pins(key.party, key.fingerprint):
                reason = f"nothing says that this key is {key.party}'s. Compare {grouped(key.fingerprint)} "
                self._unanchored(
                    "unpinned-key", f"keys/{key.fingerprint}.json", f"{reason}with the minutes, then pin it."
                )
        for log in self.logs.values():
            if log.whole:
                self._anchored(log, exporter)

    def _signing(self) -> list[Any]:
        used = {key for examined in self.statements.values() for key in examined.leaves or ()}
        return [self.keyring.keys[fingerprint] for fingerprint in sorted(used)]

    def _anchored(self, log: LogExamined, exporter: str) -> None:
        assert log.copy is not None
        assert log.checkpoint is not None
        copy = log.copy
        anchor = self.anchors.logs.get(copy.origin)
        if anchor is None:
            reason = f"nothing is known of the log {copy.origin}. Compare its installation's fingerprint, "
            self._unanchored(
                "unpinned-log", log.file, f"{reason}{grouped(copy.installation)}, with the minutes, then pin it."
            )
        elif anchor.installation != copy.installation:
            reason = (
                f"the log {copy.origin} is known under another installation's key, {grouped(anchor.installation)}. "
            )
            self.fault("other-log", log.file, reason=f"{reason}Ask {copy.party} whether it changed, face to face.")
        elif (known := anchor.cosigned) is None:
            reason = "no checkpoint of this log was ever cosigned, so nothing shows that it is the only one. "
            self._unanchored("no-checkpoint", log.file, f"{reason}Cosign this one.")
        else:
            self._continued(log, log.checkpoint, known, own=copy.party == exporter)

    def _continued(self, log: LogExamined, shown: Checkpoint, known: Checkpoint, *, own: bool) -> None:
        cosigned = log.cosigned
        if any(one.size == known.size and one.root != known.root for one in (shown, cosigned) if one is not None):
            reason = f"at {known.size} entries the log has another root than the checkpoint that was cosigned. "
            self.fault("split-view", log.file, reason=f"{reason}Two logs were shown; confront its owner.")
        elif shown.size < known.size and own:
            reason = f"the log has {shown.size} entries, the checkpoint that was cosigned has {known.size}. "
            self.fault("older-checkpoint", log.file, reason=f"{reason}Ask for a bundle of today.")
        elif shown.size < known.size:
            reason = f"this copy ends at {shown.size} entries; {known.size} are known already."
            self.notes.append(SealFault("older-copy", log.file, reason=reason))
        elif _place(known) not in [_place(one) for one in (shown, cosigned) if one is not None]:
            reason = f"nothing shows that it continues the checkpoint of {known.size} entries that was cosigned. "
            self._unanchored("no-consistency", log.file, f"{reason}Ask for a bundle that proves it from there.")

    def _unanchored(self, code: str, file: str, reason: str) -> None:
        self.unanchored.append(SealFault(code, file, reason=reason))

    # The answer

    def report(self) -> Report:
        verdict: Verdict = BROKEN if self.faults else UNANCHORED if self.unanchored else VALID
        inventory = self.inventory
        return Report(
            verdict=verdict,
            faults=tuple(self.faults),
            unanchored=tuple(self.unanchored),
            statements=self._in_order(),
            logs=tuple(log.seen for log in self.logs.values() if log.seen is not None),
            notes=tuple(self.notes),
            party=inventory.party if inventory else "",
            programme=inventory.programme if inventory else "",
            made_at=inventory.made_at if inventory else "",
        )

    def _in_order(self) -> tuple[StatementSeen, ...]:
        """Statements in the order of the exporter's log: of the author's entry, or of the first there is."""
        exporter = self.inventory.party if self.inventory else ""
        log = self.logs.get(f"logs/{exporter}.json")
        places = log.places if log is not None else {}
        never = len(places) + max(places.values(), default=0)

        def place(seen: StatementSeen) -> tuple[int, str]:
            found = [places[at] for one in seen.signers if (at := (seen.digest, one.key)) in places]
            return (found[0] if found else never), seen.digest

        return tuple(sorted((one.seen for one in self.statements.values() if one.seen is not None), key=place))


def _place(checkpoint: Checkpoint) -> tuple[str, int, bytes]:
    return checkpoint.origin, checkpoint.size, checkpoint.root


def _opens(body: Mapping[str, Any], opening: Opening) -> bool:
    if re.search("~(?![01])", opening.path):
        return False
    try:
        found = pointed_at(body, opening.path)
    except (LookupError, ValueError):  # a number of thousands of digits is no place in a list either
        return False
    return bool(found == {"commitment": commit(opening.value, opening.salt)})
