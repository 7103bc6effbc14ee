"""A transfer told statement by statement, for tests: Belmar hands remains to Arvad, the Observer looks on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from homeward.seals.bodies import is_clean, kept
from homeward.seals.statement import Signer, Statement, make_statement
from homeward.seals.transfer import Account, Recorded, account
from tests.homeward.seals.bodies import (
    TEXT,
    WHO_ARVAD,
    WHO_BELMAR,
    handed_line,
    inspected_line,
    manifest_line,
    received_line,
)

START = datetime(2018, 7, 16, tzinfo=UTC)
SUBJECT = "transfer:T-2018-01"
KEYS = {"arvad": "0a" * 32, "belmar": "0b" * 32, "observer": "0c" * 32, "corland": "0d" * 32}
BOTH = ("belmar", "arvad")


class Story:
    """Statements in the order in which they were made; ``signed`` of each is everybody unless told otherwise."""

    def __init__(self, subject: str = SUBJECT) -> None:
        self.subject = subject
        self.recorded: list[Recorded] = []

    def tell(
        self,
        kind: str,
        by: str,
        body: dict[str, Any],
        *,
        with_: Sequence[str] = (),
        witness: Sequence[str] = (),
        signed: Iterable[str] | None = None,
        subject: str = "",
        on_paper: Sequence[str] = (),
    ) -> Statement:
        roles = [(by, "author"), *((p, "countersigner") for p in with_), *((p, "witness") for p in witness)]
        statement = make_statement(
            kind=kind,
            programme="Arvad and Belmar 2018",
            subject=subject or self.subject,
            made_at=START + timedelta(hours=len(self.recorded)),
            zone="Asia/Seoul",
            author={"name": "A. Person", "office": "", "party": by},
            signers=[Signer(party, "" if party in on_paper else KEYS[party], role) for party, role in roles],
            body=body,
        )
        who = statement.parties if signed is None else frozenset(signed)
        self.recorded.append(Recorded(statement, who, len(self.recorded)))
        return statement

    @property
    def account(self) -> Account:
        return account(self.recorded, self.subject)

    def propose(self, by: str = "arvad", **more: Any) -> Statement:
        parties = {"from": ["belmar"], "to": ["arvad"], "through": [], **more.pop("parties", {})}
        body = {"what": "transfer", **parties, "date": "2018-07-27", "place": "", "level": "", "asks_for": ""}
        other = next(party for party in BOTH if party != by)
        return self.tell("proposal", by, {**body, "answers": "", "terms": TEXT}, with_=[other], **more)

    def issue(self, containers: Sequence[str], **more: Any) -> Statement:
        listed = [{"container": box, "kind": "case"} for box in containers]
        body = {"from": "arvad", "to": "belmar", "containers": listed, "count": len(listed)}
        return self.tell("issue", "arvad", body, with_=["belmar"], **more)

    def manifest(self, lines: Sequence[dict[str, Any]], *, version: int = 1, **more: Any) -> Statement:
        giver, receiver, through = more.pop("giver", "belmar"), more.pop("receiver", "arvad"), more.pop("through", "")
        body = {
            "version": version,
            "from": giver,
            "to": receiver,
            "through": through,
            "fulfils": [],
            "lines": list(lines),
            "containers": len(lines),
            "bags": sum(line["bags"] for line in lines),
            "copies": 3,
        }
        witness = [through] if through else []
        return self.tell("manifest", giver, body, with_=[receiver], witness=witness, **more)

    def seal(self, manifest: Statement, **more: Any) -> Statement:
        fields = ("line", "container", "seals", "weight_g")
        lines = [{name: line[name] for name in fields} for line in manifest.body["lines"]]
        return self.tell("seal", manifest.by, {"manifest": manifest.digest, "lines": lines}, **more)

    def hand_over(self, manifest: Statement, lines: Sequence[dict[str, Any]] | None = None, **more: Any) -> Statement:
        who = {"arvad": WHO_ARVAD, "belmar": WHO_BELMAR}
        giver, taker = more.pop("giver", manifest.body["from"]), more.pop("taker", manifest.body["to"])
        handed = [_handed(line) for line in manifest.body["lines"]] if lines is None else list(lines)
        body = {
            "manifest": manifest.digest,
            "lines": handed,
            "relinquished_by": who.get(giver, {"name": giver, "office": "", "party": giver}),
            "received_by": who.get(taker, {"name": taker, "office": "", "party": taker}),
            "purpose": "repatriation",
            "containers": len(handed),
        }
        return self.tell("handover", giver, body, with_=[taker], **more)

    def receive(self, manifest: Statement, lines: Sequence[dict[str, Any]] | None = None, **more: Any) -> Statement:
        received = [_received(line) for line in manifest.body["lines"]] if lines is None else list(lines)
        body = {
            "manifest": manifest.digest,
            "lines": received,
            "containers": kept(received),
            "clean": is_clean(received),
        }
        return self.tell("receipt", manifest.body["to"], body, **more)

    def inspect(self, lines: Sequence[dict[str, Any]], *, jointly: bool = True, by: str = "arvad") -> Statement:
        body = {"mode": "jointly" if jointly else "alone", "lines": list(lines)}
        return self.tell("inspection", by, body, with_=["belmar"] if jointly else [])

    def reserve(self, number: str, on: Statement, containers: Sequence[str] = (), by: str = "arvad") -> Statement:
        body = {"number": number, "on": on.digest, "lines": [], "containers": list(containers), "text": TEXT}
        return self.tell("reservation", by, body)

    def dispute(self, number: str, what: str, containers: Sequence[str] = (), by: str = "arvad") -> Statement:
        body = {
            "number": number,
            "lines": [],
            "containers": list(containers),
            "what": what,
            "declared": "",
            "found": "",
        }
        return self.tell("discrepancy", by, {**body, "text": TEXT})

    def resolve(self, *numbers: str, outcome: str = "agreed", **more: Any) -> Statement:
        body = {"resolves": list(numbers), "outcome": outcome, "text": TEXT}
        return self.tell("resolution", "arvad", body, **{"with_": ["belmar"], **more})

    def send_back(self, containers: Sequence[str], content: str = "empty", **more: Any) -> Statement:
        giver, taker = more.pop("giver", "belmar"), more.pop("taker", "arvad")
        lines = [{"container": box, "content": content, "reason": ""} for box in containers]
        body = {"from": giver, "to": taker, "lines": lines, "onward": more.pop("onward", False)}
        return self.tell("return", giver, body, with_=[taker], **more)

    def close(self, **accounts: int) -> Statement:
        counted = {**self.account.cases.counts, **accounts}
        return self.tell("closing", "arvad", {"accounts": counted, "text": TEXT}, with_=["belmar"])

    def abort(self, by: str = "arvad") -> Statement:
        return self.tell("abort", by, {"reason": TEXT})

    def refuse(self, target: Statement, by: str = "belmar") -> Statement:
        return self.tell("refusal", by, {"refuses": target.digest, "reason": TEXT})

    def void(self, target: Statement, by: str = "arvad", with_: Sequence[str] = ()) -> Statement:
        return self.tell("void", by, {"voids": target.digest, "reason": TEXT}, with_=with_)

    def paper(self, target: Statement, parties: Sequence[str], by: str = "arvad") -> Statement:
        signed = [{"party": party, "name": "P", "office": "", "signed_on": "2018-07-27"} for party in parties]
        body = {"statement": target.digest, "copy": 1, "copies": 3, "signed_by": signed, "scan": "", "differences": []}
        return self.tell("paper", by, body)


def boxes(first: int, last: int) -> list[str]:
    return [f"C-{number:03}" for number in range(first, last + 1)]


def listed(containers: Sequence[str], **changed: Any) -> list[dict[str, Any]]:
    return [manifest_line(at, box, **changed) for at, box in enumerate(containers, 1)]


def three_boxes_handed_over() -> tuple[Story, Statement]:
    """Three cases issued, filled and handed over: where the receiver's part begins."""
    story = Story()
    story.propose()
    story.issue(boxes(1, 4))
    manifest = story.manifest(listed(boxes(1, 3)))
    story.seal(manifest)
    story.hand_over(manifest)
    return story, manifest


def one_short_with_a_broken_seal(manifest: Statement) -> list[dict[str, Any]]:
    one, two, three = (_received(line) for line in manifest.body["lines"])
    return [one, {**two, "outcome": "seal_broken", "seal_condition": "broken"}, {**three, "outcome": "not_received"}]


def all_inspected(manifest: Statement) -> list[dict[str, Any]]:
    return [inspected_line(line["line"], line["container"]) for line in manifest.body["lines"]]


def _handed(line: dict[str, Any]) -> dict[str, Any]:
    return handed_line(line["line"], line["container"], seals=line["seals"], bags=line["bags"])


def _received(line: dict[str, Any]) -> dict[str, Any]:
    return received_line(line["line"], line["container"], seals=line["seals"], bags=line["bags"])
