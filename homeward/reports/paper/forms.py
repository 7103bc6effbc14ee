"""The papers of a transfer: manifest, handover receipt, receipt, reservation; and any other statement, readably.

Each takes a statement and gives a PDF. What the statement says is printed as declared; beside it stand empty columns
for what is found, so that a paper filled with a pen can be entered back line by line (:mod:`homeward.formats.filled`).
For ``copies``, ``copy``, ``languages`` and ``parties`` see :class:`~homeward.reports.paper.document.How`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Unpack

from homeward.errors import Nonsense
from homeward.reports.paper.document import (
    Column,
    Hand,
    How,
    Paper,
    Part,
    Tongues,
    Value,
    digest_text,
    drawn_up,
    facts,
    hands_of,
    hands_over,
    heading,
    heard,
    labelled,
    lead,
    personal,
    ruled,
    rules,
    set_as,
    signatures,
    subject_said,
    tongues_of,
    versions,
    who_text,
    witnesses_of,
)
from homeward.reports.statement_words import weight_kg
from homeward.seals.bodies import ACCOUNTS, BODIES
from homeward.seals.statement import Statement

Line = Mapping[str, Any]
WIDE = 6  # a table of more columns than this lies on its side


def manifest_pdf(statement: Statement, **how: Unpack[How]) -> bytes:
    """The manifest, with columns for what is found at the handover.

    Raises
    ------
    Nonsense
        If the statement is not a manifest.
    """
    _must_be(statement, "manifest")
    tongues, body = tongues_of(how), statement.body
    columns = [*_declared_columns(tongues), *_hand_columns(tongues)]
    rows = [_manifest_row(line, tongues) for line in body["lines"]]
    groups = [(_declared_by(body, tongues), 7), (tongues.said("paper.by_hand"), 4)]
    cases, bags, weight = _totals(body["lines"], tongues)
    foot = [(cases, 4), (bags, 1), ("", 1), (weight, 1), *_EMPTY]
    parts = [
        facts(_manifest_facts(statement, tongues), across=2),
        ruled(columns, rows, groups=groups, foot=foot),
        *_signed(statement, hands_of(statement, tongues), tongues),
    ]
    return set_as(_on_lines(statement, tongues, parts), how, copies=body["copies"])


def handover_pdf(statement: Statement, **how: Unpack[How]) -> bytes:
    """The handover receipt: who relinquished what to whom; from a manifest, the empty form of one.

    Raises
    ------
    Nonsense
        If the statement is neither a handover nor a manifest.
    """
    _must_be(statement, "handover", "manifest")
    tongues = tongues_of(how)
    parts = [
        facts(_handover_facts(statement, tongues), across=2),
        _lines(statement, tongues, by_hand="paper.by_hand"),
        *_signed(statement, _handover_hands(statement, tongues), tongues),
    ]
    return set_as(_on_lines(statement, tongues, parts, kind="handover"), how, copies=_copies(statement))


def receipt_pdf(statement: Statement, **how: Unpack[How]) -> bytes:
    """The receipt, line by line with its outcome; from a manifest or a handover, the empty form of one.

    Raises
    ------
    Nonsense
        If the statement is none of these.
    """
    _must_be(statement, "receipt", "handover", "manifest")
    tongues = tongues_of(how)
    parts = [
        facts(_receipt_facts(statement, tongues), across=2),
        _lines(statement, tongues, by_hand="paper.by_hand_receipt"),
        *_signed(statement, hands_of(statement, tongues), tongues),
    ]
    return set_as(_on_lines(statement, tongues, parts, kind="receipt"), how, copies=_copies(statement))


def reservation_pdf(statement: Statement, **how: Unpack[How]) -> bytes:
    """A reservation; from any other statement, the empty form of one against it."""
    tongues = tongues_of(how)
    given = statement.kind == "reservation"
    empty = {"number": "", "on": statement.digest, "lines": [], "containers": [], "text": []}
    body: Mapping[str, Any] = statement.body if given else empty
    rows: list[tuple[Value, Value] | None] = [
        (tongues.field("number"), body["number"]),
        (tongues.said("paper.on_statement"), digest_text(body["on"])),
        (tongues.said("paper.reserved_lines"), ", ".join(map(str, body["lines"]))),
        (tongues.said("paper.reserved_cases"), ", ".join(body["containers"])),
    ]
    written = versions(body["text"], tongues) if given else [rules(9, tongues.said("paper.write_here"))]
    parties = [Hand(tongues.party(signer.party)) for signer in statement.signers]
    hands = hands_of(statement, tongues) if given else parties
    parts = [
        facts([*rows, *(drawn_up(statement, tongues) if given else [])], tall=not given),
        heading(tongues.said("paper.reservation")),
        *written,
        *signatures(hands, tongues, zone=statement.zone),
    ]
    leads = [tongues.said("paper.fixed" if given else "paper.form")]
    return set_as(_paper(statement, tongues, leads, parts, kind="reservation"), how, copies=_copies(statement))


def statement_pdf(statement: Statement, **how: Unpack[How]) -> bytes:
    """Any statement, every field of it, readably; the papers made for a kind are told by :func:`pdf_of`."""
    tongues = tongues_of(how)
    wide = any(len(value[0]) > WIDE for value in statement.body.values() if _is_table(value))
    drawn = facts([*drawn_up(statement, tongues), (tongues.said("statement.follows"), _follows(statement, tongues))])
    parts = [
        *_body_parts(statement.kind, statement.body, tongues),
        drawn,
        *_signed(statement, hands_of(statement, tongues), tongues, across=3 if wide else 2),
    ]
    paper = _paper(statement, tongues, _leads(statement, tongues), parts, flipped=wide)
    return set_as(paper, how, copies=_copies(statement))


def pdf_of(statement: Statement, **how: Unpack[How]) -> bytes:
    """The paper made for a statement's kind, or the plain print of the statement where there is none."""
    made: dict[str, Callable[..., bytes]] = {
        "manifest": manifest_pdf,
        "handover": handover_pdf,
        "receipt": receipt_pdf,
        "reservation": reservation_pdf,
    }
    return made.get(statement.kind, statement_pdf)(statement, **how)


def _must_be(statement: Statement, *kinds: str) -> None:
    if statement.kind not in kinds:
        raise Nonsense(f"This paper is drawn up from a {' or a '.join(kinds)}, not from a {statement.kind}.")


def _copies(statement: Statement) -> int:
    """One for each who signs, where a statement does not say how many."""
    return len(statement.signers)


def _paper(
    statement: Statement,
    tongues: Tongues,
    leads: list[dict[str, str]],
    parts: list[Part],
    *,
    flipped: bool = False,
    kind: str = "",
) -> Paper:
    return Paper(
        tongues=tongues,
        title=tongues.said(f"kind.{kind or statement.kind}"),
        under=subject_said(statement, tongues),
        leads=leads,
        parts=parts,
        at=statement.instant,
        head=statement.programme,
        author=statement.by,
        digest=statement.digest,
        flipped=flipped,
    )


def _on_lines(statement: Statement, tongues: Tongues, parts: list[Part], *, kind: str = "") -> Paper:
    """A paper whose lines are filled in by hand: it lies on its side."""
    return _paper(statement, tongues, [tongues.said("paper.fixed_lines")], parts, flipped=True, kind=kind)


def _signed(statement: Statement, hands: Sequence[Hand], tongues: Tongues, *, across: int = 3) -> list[Part]:
    boxes = signatures(hands, tongues, zone=statement.zone, across=across)
    return [lead(tongues.said("paper.signed_with_pen")), *boxes]


# --- Lines ---------------------------------------------------------------------------------------


def _declared_columns(tongues: Tongues) -> list[Column]:
    return [
        Column(tongues.field("line"), 14, right=True),
        Column(tongues.field("container"), 25),
        Column(tongues.field("content"), 21),
        Column(tongues.field("description")),
        Column(tongues.field("bags"), 13, right=True),
        Column(tongues.field("seals"), 26),
        Column(tongues.field("weight_g"), 17, right=True),
    ]


def _lines(statement: Statement, tongues: Tongues, *, by_hand: str) -> Part:
    """The lines of a manifest, handover or receipt as they stand, and room for what is found."""
    lines = statement.body["lines"]
    names = _NAMES[statement.kind]
    columns = [Column(tongues.field(name), _WIDTHS.get(name, 0), right=name in _NUMBERS) for name in names]
    rows = [[*(_cell(statement.kind, name, line, tongues) for name in names), *[""] * 4] for line in lines]
    stated = {"handover": tongues.said("paper.as_handed_over"), "receipt": tongues.said("paper.as_received")}
    label = stated.get(statement.kind) or _declared_by(statement.body, tongues)
    cases, bags, weight = _totals(lines, tongues)
    return ruled(
        [*columns, *_hand_columns(tongues)],
        rows,
        groups=[(label, len(names)), (tongues.said(by_hand), 4)],
        foot=[(cases, len(names) - 2), (bags, 1), (weight, 1), *_EMPTY],
    )


_NAMES = {
    "manifest": ("line", "container", "seals", "content", "bags", "weight_g"),
    "handover": ("line", "container", "seals", "seal_condition", "bags", "weight_g"),
    "receipt": ("line", "container", "seals", "seal_condition", "outcome", "bags", "weight_g"),
}
_EMPTY: list[tuple[Value, int]] = [("", 1)] * 4  # the foot under the columns for the pen


def _cell(kind: str, name: str, line: Line, tongues: Tongues) -> Value:
    if name == "line":
        return {"quiet": "+"} if line["line"] is None else str(line["line"])
    value = _value(kind, name, line[name], tongues)
    return [value, personal(line["note"], tongues)] if name == "outcome" and line["note"] else value


def _hand_columns(tongues: Tongues) -> list[Column]:
    return [
        Column(tongues.said("paper.seal_as_found"), 30, hand=True),
        Column(tongues.said("paper.bags_found"), 17, hand=True),
        Column(tongues.said("paper.weighed"), 19, hand=True),
        Column(tongues.said("paper.remark"), 38, hand=True),
    ]


def _manifest_row(line: Line, tongues: Tongues) -> list[Value]:
    return [
        str(line["line"]),
        line["container"],
        tongues.value("manifest", "content", line["content"]),
        _told(line, tongues),
        str(line["bags"]),
        _seals(line["seals"], tongues),
        tongues.weight(line["weight_g"]),
        *[""] * 4,
    ]


def _told(line: Line, tongues: Tongues) -> Value:
    """What the sender says of a line: description, origin, and his claims, marked as claims."""
    told: list[Value] = [personal(line["description"], tongues)] if line["description"] else []
    if line["origin"]:
        told.append(labelled(tongues.said("paper.origin"), personal(line["origin"], tongues)))
    return [*told, *(_claim(claim, tongues) for claim in line["claims"])]


def _claim(claim: Mapping[str, Any], tongues: Tongues) -> Value:
    """What the sender claims of a line, said to be a claim."""
    about = claim["about"]
    known = "…" if isinstance(about, Mapping) else tongues.said(f"claim.about.{about}")
    return labelled(tongues.said("paper.claim", about=known), personal(claim["text"], tongues))


def _seals(seals: Sequence[str], tongues: Tongues) -> Value:
    return list(seals) if seals else {"quiet": tongues.said("value.none")}


def _totals(lines: Sequence[Line], tongues: Tongues) -> tuple[Value, Value, Value]:
    """The foot of a table: cases in words, bags, and what was weighed together."""
    cases = tongues.count("containers", len({line["container"] for line in lines}))
    weights = [line["weight_g"] for line in lines if line["weight_g"] is not None]
    return cases, str(sum(line["bags"] for line in lines)), weight_kg(sum(weights)) if weights else ""


def _weighed(lines: Sequence[Line], tongues: Tongues) -> Value:
    weights = [line["weight_g"] for line in lines if line["weight_g"] is not None]
    return tongues.said("paper.weight_total", kg=weight_kg(sum(weights)), weighed=len(weights), lines=len(lines))


def _declared_by(body: Mapping[str, Any], tongues: Tongues) -> Value:
    return tongues.said("paper.as_declared", party=tongues.party(body["from"]))


# --- Facts ---------------------------------------------------------------------------------------


def _manifest_facts(statement: Statement, tongues: Tongues) -> list[tuple[Value, Value] | None]:
    body, field = statement.body, tongues.field
    return [
        (field("from"), tongues.party(body["from"])),
        (field("to"), tongues.party(body["to"])),
        (field("through"), tongues.party(body["through"])) if body["through"] else None,
        (field("version"), str(body["version"])),
        (field("fulfils"), ", ".join(body["fulfils"])) if body["fulfils"] else None,
        (field("containers"), tongues.count("containers", body["containers"])),
        (field("bags"), tongues.count("bags", body["bags"])),
        (field("weight_g"), _weighed(body["lines"], tongues)),
        *drawn_up(statement, tongues),
    ]


def _handover_facts(statement: Statement, tongues: Tongues) -> list[tuple[Value, Value] | None]:
    body, field = statement.body, tongues.field
    if statement.kind == "manifest":
        return _manifest_facts(statement, tongues)
    return [
        (field("relinquished_by"), who_text(body["relinquished_by"], tongues)),
        (field("received_by"), who_text(body["received_by"], tongues)),
        (field("purpose"), body["purpose"]) if body["purpose"] else None,
        (field("containers"), tongues.count("containers", body["containers"])),
        (field("bags"), tongues.count("bags", sum(line["bags"] for line in body["lines"]))),
        (field("weight_g"), _weighed(body["lines"], tongues)),
        *drawn_up(statement, tongues),
        (field("manifest"), digest_text(body["manifest"])),
    ]


def _handover_hands(statement: Statement, tongues: Tongues) -> list[Hand]:
    if statement.kind == "handover":
        return [*hands_over(statement, tongues), *witnesses_of(statement, tongues)]
    sides = (("relinquished_by", "from"), ("received_by", "to"))
    hands = [Hand(heard(tongues.field(role), tongues.party(statement.body[side]), tongues)) for role, side in sides]
    return [*hands, *witnesses_of(statement, tongues)]


def _receipt_facts(statement: Statement, tongues: Tongues) -> list[tuple[Value, Value] | None]:
    body, field = statement.body, tongues.field
    if statement.kind != "receipt":
        return _handover_facts(statement, tongues)
    return [
        (field("containers"), tongues.count("containers", body["containers"])),
        (field("bags"), tongues.count("bags", sum(line["bags"] for line in body["lines"]))),
        (field("weight_g"), _weighed(body["lines"], tongues)),
        (field("clean"), tongues.said("value.yes" if body["clean"] else "value.no")),
        *drawn_up(statement, tongues),
        (field("manifest"), digest_text(body["manifest"])),
    ]


# --- Any statement -------------------------------------------------------------------------------


def _leads(statement: Statement, tongues: Tongues) -> list[dict[str, str]]:
    """What a statement is, in a sentence where its kind has one; and that its bytes are fixed."""
    sentence = _sentence(statement, tongues)
    return [*([sentence] if sentence else []), tongues.said("paper.fixed")]


def _sentence(statement: Statement, tongues: Tongues) -> dict[str, str] | None:
    body = statement.body
    if statement.kind == "proposal" and body["from"] and body["to"]:
        sides = {side: _parties(body[side], tongues) for side in ("from", "to")}
        return tongues.said(f"proposal.sentence.{body['what']}", **sides)
    if statement.kind == "key":
        return tongues.said("paper.revoked" if body["act"] == "revoke" else "paper.introduced")
    return None


def _parties(codes: Sequence[str], tongues: Tongues) -> dict[str, str]:
    named = [tongues.party(code) for code in codes]
    return {x: ", ".join(one if isinstance(one, str) else one[x] for one in named) for x in tongues.languages}


def _follows(statement: Statement, tongues: Tongues) -> Value:
    return [digest_text(one) for one in statement.follows] or {"quiet": tongues.said("value.none")}


def _body_parts(kind: str, body: Mapping[str, Any], tongues: Tongues) -> list[Part]:
    """Plain values first, then texts, then tables, each under its name, in the order in which the format lists them."""
    said = [(name, body[name]) for name in _in_order(body, BODIES[kind].fields)]
    plain = [(name, value) for name, value in said if not _is_texts(value) and not _is_table(value)]
    rows = [(tongues.field(name), _plain(kind, name, value, tongues)) for name, value in plain]
    parts: list[Part] = [facts(rows)] if rows else []
    for name, value in said:
        if _is_texts(value):
            parts += [heading(tongues.field(name)), *versions(value, tongues)]
    for name, value in said:
        if _is_table(value):
            parts += [heading(tongues.field(name)), _table(kind, name, value, tongues)]
    return parts


def _plain(kind: str, name: str, value: Any, tongues: Tongues) -> Value:
    """A value beside its name; a count of cases or bags in words, as on every paper that is signed."""
    if name == "accounts":
        counts = ((field, tongues.count("containers", value[field])) for field in ACCOUNTS if field in value)
        return [labelled(tongues.field(field), count) for field, count in counts]
    if name in _COUNTED and isinstance(value, int):
        return tongues.count(_COUNTED[name], value)
    return _value(kind, name, value, tongues)


_COUNTED = {"containers": "containers", "count": "containers", "bags": "bags"}


def _in_order(value: Mapping[str, Any], listed: Iterable[str]) -> list[str]:
    """The names of what is there, as the format lists them; what it does not list comes last and is not left off."""
    known = [name for name in listed if name in value]
    return [*known, *sorted(set(value) - set(known))]


def _is_texts(value: Any) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(_has(one, {"lang", "text"}) for one in value)


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and all(isinstance(one, Mapping) for one in value)
        and not _is_texts(value)
    )


def _has(value: Any, names: set[str]) -> bool:
    return isinstance(value, Mapping) and set(value) == names


def _table(kind: str, name: str, rows: Sequence[Mapping[str, Any]], tongues: Tongues) -> Part:
    each = getattr(BODIES[kind].fields.get(name), "each", None)
    every = {field: None for row in rows for field in row}
    names = _in_order(every, getattr(each, "fields", ()))
    columns = [Column(tongues.field(field), _WIDTHS.get(field, 0), right=field in _NUMBERS) for field in names]
    return ruled(columns, [[_value(kind, field, row.get(field, ""), tongues) for field in names] for row in rows])


_NUMBERS = frozenset({"line", "bags", "weight_g", "individuals_estimated"})
_WIDTHS: Mapping[str, float] = {
    "line": 14,
    "bags": 13,
    "weight_g": 17,
    "individuals_estimated": 22,
    "seal_condition": 27,
    "container": 27,
    "content": 27,
    "outcome": 34,
    "party": 50,
    "lang": 16,
}
_CODES_OF_PARTIES = frozenset({"party", "from", "to", "through", "absent"})


def _value(kind: str, name: str, value: Any, tongues: Tongues) -> Value:
    """One value of a body as it is printed."""
    if isinstance(value, bool):
        return tongues.said("value.yes" if value else "value.no")
    if name == "note" and value == "":
        return ""  # nobody had anything to remark
    if value is None or value == "":
        return {"quiet": tongues.said(_ABSENT.get(name, "value.not_stated"))}
    if value in ((), []):
        return {"quiet": tongues.said("value.none")}
    if isinstance(value, Mapping):
        return _nested(kind, value, tongues)
    if isinstance(value, list | tuple):
        return [_value(kind, name, one, tongues) for one in value]
    if isinstance(value, int):
        return weight_kg(value) if name == "weight_g" else f"{value:,}"
    if name == "field":
        return tongues.field(value)
    if value.startswith("sha256:") or name == "fingerprint":
        return digest_text(value)
    return tongues.party(value) if name in _CODES_OF_PARTIES else tongues.value(kind, name, value)


_ABSENT = {"weight_g": "value.not_weighed", "line": "value.not_on_manifest"}


def _nested(kind: str, value: Mapping[str, Any], tongues: Tongues) -> Value:
    if set(value) == {"commitment"}:
        return personal(value, tongues)
    if set(value) == {"name", "office", "party"}:
        return who_text(value, tongues)
    if set(value) == {"about", "text"}:
        return _claim(value, tongues)
    return [labelled(tongues.field(name), _value(kind, name, inner, tongues)) for name, inner in value.items()]
