"""What a paper is made of: the words of its languages, and the parts that the template lays out.

A part is plain data. Text that a party wrote is a string and is printed as it is; a word of ours is said in each of the
paper's languages, in the same size. Which part holds what is told by the function that makes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from homeward.errors import Nonsense
from homeward.reports.paper.typesetting import pdf, qr_svg
from homeward.reports.statement_words import count_words, field_word, value_word, weight_kg, word, words
from homeward.seals.keys import grouped
from homeward.seals.statement import Statement

Part = dict[str, Any]
Value = Any  # a string; a word by language; {"mono"}, {"quiet"}, {"row"}; or a list of these, one under the other
BOTH = ("en", "ko")
MOST_COPIES = 50


class How(TypedDict, total=False):
    """How a paper is set.

    copies : how many are made; a manifest says it itself, others have one for each who signs
    copy : which of them, from one; all in one file if it is not said
    languages : side by side, in this order
    parties : what a party's code stands for, by language; signed bytes hold the code alone
    """

    copies: int
    copy: int | None
    languages: Sequence[str]
    parties: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its label, width in millimetres (0 takes what is left), and whether a pen fills it in."""

    label: Value
    width: float = 0
    right: bool = False
    hand: bool = False


@dataclass(frozen=True)
class Tongues:
    """The words of a paper's languages.

    Raises
    ------
    Nonsense
        If no language is named, or one twice.
    NotFound
        If there are no words in one of them.
    """

    languages: tuple[str, ...]
    parties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.languages or len(set(self.languages)) < len(self.languages):
            raise Nonsense(f"A paper is set in one or more different languages, not in {list(self.languages)}.")
        for language in self.languages:
            words(language)

    def said(self, key: str, **values: Any) -> dict[str, str]:
        """One of our words or sentences in each language, filled in; a value may itself be said in each."""
        return {
            language: word(key, language).format_map({name: _in(value, language) for name, value in values.items()})
            for language in self.languages
        }

    def field(self, name: str) -> dict[str, str]:
        return {language: field_word(name, language) for language in self.languages}

    def value(self, kind: str, name: str, value: str) -> Value:
        """A coded value in each language; free text as it was written."""
        said = {language: value_word(kind, name, value, language) for language in self.languages}
        return value if set(said.values()) == {value} else said

    def count(self, unit: str, number: int) -> dict[str, str]:
        return {language: count_words(unit, number, language) for language in self.languages}

    def party(self, code: str) -> Value:
        """A party by its name in each language, with its code; by its code alone where no name was given."""
        names = self.parties.get(code, {})
        if not names:
            return code
        return {language: f"{names[language]} ({code})" if language in names else code for language in self.languages}

    def weight(self, grams: int | None) -> Value:
        return {"quiet": self.said("value.not_weighed")} if grams is None else weight_kg(grams)


def _in(value: Any, language: str) -> Any:
    return value[language] if isinstance(value, Mapping) else value


@dataclass(frozen=True)
class Paper:
    """A document before it is set.

    Parameters
    ----------
    title, under : its heading and what stands below it, in each language
    leads : paragraphs beside the QR code, in each language
    parts : what follows, in order
    at : the time of what it says
    digest : ``sha256:…`` of the statement it was drawn up from, "" if there is none
    head, author : who runs the programme, for the head of each page; who speaks, for the file's properties
    flipped : landscape
    """

    tongues: Tongues
    title: dict[str, str]
    under: dict[str, str]
    leads: list[dict[str, str]]
    parts: list[Part]
    at: datetime
    head: str
    author: str
    digest: str = ""
    flipped: bool = False

    def pdf(self, *, copy: int | None = None, copies: int = 1) -> bytes:
        """Set it.

        Raises
        ------
        Nonsense
            If there is no such copy, or there are more copies than anybody signs.
        """
        if not 1 <= copies <= MOST_COPIES or not (copy is None or 1 <= copy <= copies):
            raise Nonsense(f"There is no copy {copy or ''} of {copies}: copies are from 1 to {MOST_COPIES}.")
        languages = self.tongues.languages
        name = " / ".join(f"{self.title[language]}, {self.under[language]}" for language in languages)
        data = {
            "languages": languages,
            "name": name,
            "author": self.author,
            "head": self.head,
            "foot": {language: f"{self.title[language]}, {self.under[language]}" for language in languages},
            "digest": grouped(self.digest.removeprefix("sha256:")),
            "qr": qr_svg(f"homeward:{self.digest}") if self.digest else "",
            "alt": word("paper.qr", languages[0]).format(digest=self.digest) if self.digest else name,
            "copies": copies,
            "which": [copy] if copy else list(range(1, copies + 1)),
            "flipped": self.flipped,
            "words": {key: {x: word(f"paper.{key}", x) for x in languages} for key in ("copy", "page")},
            "parts": [{"part": "title", "title": self.title, "under": self.under, "leads": self.leads}, *self.parts],
        }
        return pdf("document", data, at=self.at)


# --- Parts ---------------------------------------------------------------------------------------


def lead(text: dict[str, str]) -> Part:
    """A paragraph of ours, each language in its column."""
    return {"part": "lead", "text": text}


def heading(text: dict[str, str]) -> Part:
    return {"part": "heading", "text": text}


def labelled(label: Value, value: Value) -> Value:
    """A value with what it is before it, inside a cell."""
    return {"label": label, "value": value}


def facts(rows: Iterable[tuple[Value, Value] | None], *, across: int = 1, tall: bool = False) -> Part:
    """Terms and values; ``across`` so many pairs beside each other; tall enough for a pen where one fills them in.

    A row that is None is left out.
    """
    kept = [labelled(*row) for row in rows if row is not None]
    return {"part": "facts", "rows": kept, "across": across, "tall": tall}


def ruled(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Value]],
    *,
    groups: Sequence[tuple[Value, int]] = (),
    foot: Sequence[tuple[Value, int]] = (),
) -> Part:
    """A table whose head is repeated on every page; ``groups`` and ``foot`` span so many columns each."""
    return {
        "part": "ruled",
        "columns": [
            {"label": c.label, "width": c.width or "rest", "align": "right" if c.right else "left", "hand": c.hand}
            for c in columns
        ],
        "rows": [{"cells": list(row), "whole": _fits_a_page(row)} for row in rows],
        "groups": [{"label": label, "span": span} for label, span in groups],
        "foot": [{"value": value, "span": span} for value, span in foot],
        "tall": any(column.hand for column in columns),
    }


_MOST_SIGNS = 300  # of one cell; the narrowest column holds these on one page


def _fits_a_page(row: Sequence[Value]) -> bool:
    """Whether a row may be kept on one page; a longer one is broken over two, never cut."""
    return all(_signs(value) <= _MOST_SIGNS for value in row)


def _signs(value: Value) -> int:
    """How many signs and line breaks a value takes, roughly."""
    if isinstance(value, str):
        return len(value) + 20 * value.count("\n")
    if isinstance(value, bool):
        return 0
    parts = value.values() if isinstance(value, Mapping) else value
    return sum(20 + _signs(part) for part in parts)


def versions(texts: Sequence[Mapping[str, str]], tongues: Tongues) -> list[Part]:
    """What a party wrote, each language in its column; what it wrote in other languages below, named."""
    own = [text for text in texts if text["lang"] in tongues.languages]
    others = [text for text in texts if text["lang"] not in tongues.languages]
    beside: list[Part] = [{"part": "versions", "texts": own, "none": tongues.said("paper.no_text")}] if own else []
    for text in others:
        label = tongues.said("paper.in_language", language=text["lang"])
        beside.append({"part": "said", "label": label, "lang": _spoken(text["lang"]), "text": text["text"]})
    return beside


def _spoken(tag: str) -> str:
    """The language of a tag such as ko-KP, for who has the paper read to him; nothing where the tag says none."""
    language = tag.split("-")[0].lower()
    return language if language.isascii() and language.isalpha() and 2 <= len(language) <= 3 else ""


def rules(count: int, label: Value = None) -> Part:
    """So many lines to write on."""
    return {"part": "rules", "count": count, "label": label}


@dataclass(frozen=True, slots=True)
class Hand:
    """Who signs with a pen: as what, and what is known of him beforehand."""

    heading: Value
    name: str = ""
    office: str = ""


def signatures(hands: Sequence[Hand], tongues: Tongues, *, zone: str, across: int = 2) -> list[Part]:
    """A box for each who signs: name, office, local time and UTC, signature, place for a seal."""
    boxes = [
        {
            "heading": hand.heading,
            "lines": [
                {"label": tongues.said("paper.name"), "printed": hand.name, "beside": ""},
                {"label": tongues.said("paper.office"), "printed": hand.office, "beside": ""},
                {"label": tongues.said("paper.local_time"), "printed": "", "beside": zone},
                {"label": tongues.said("paper.utc"), "printed": "", "beside": "UTC"},
            ],
        }
        for hand in hands
    ]
    words_of = {"signature": tongues.said("paper.signature"), "stamp": tongues.said("paper.stamp")}
    title = {"part": "heading", "text": tongues.said("paper.signatures")}
    return [title, {"part": "signatures", "boxes": boxes, "across": across, **words_of}]


# --- From a statement ----------------------------------------------------------------------------


def subject_said(statement: Statement, tongues: Tongues) -> dict[str, str]:
    """What a statement is about, in words: Transfer T-2018-01."""
    kind, _, about = statement.subject.partition(":")
    if f"subject.{kind}" not in words("en"):
        return dict.fromkeys(tongues.languages, statement.subject)
    return {x: f"{word(f'subject.{kind}', x)} {about}" for x in tongues.languages}


def drawn_up(statement: Statement, tongues: Tongues) -> list[tuple[Value, Value] | None]:
    """When, where and by whom."""
    author = statement.author
    return [
        (tongues.said("statement.drawn_up"), both_times(statement)),
        (tongues.said("statement.place"), statement.place) if statement.place else None,
        (tongues.said("statement.author"), who_text(author, tongues)),
    ]


def who_text(who: Mapping[str, str], tongues: Tongues) -> Value:
    """A person with office and party."""
    known = ", ".join(part for part in (who["name"], who["office"]) if part)
    return {"row": [known + ",", tongues.party(who["party"])]} if known else tongues.party(who["party"])


def both_times(statement: Statement) -> Value:
    """The time where it was made, and UTC."""
    return [f"{local_text(statement.made_local)} ({statement.zone})", utc_text(statement.made_at)]


def utc_text(instant: str) -> str:
    """
    >>> utc_text("2018-07-27T01:40:00Z")
    '2018-07-27 01:40:00 UTC'
    """
    return instant.replace("T", " ").replace("Z", " UTC")


def local_text(instant: str) -> str:
    """
    >>> local_text("2018-07-27T10:40:00+09:00")
    '2018-07-27 10:40:00 UTC+09:00'
    """
    return f"{instant[:10]} {instant[11:19]} UTC" + (instant[19:] if instant[19:] != "Z" else "")


def digest_text(digest: str) -> Value:
    """A digest or fingerprint in groups of four."""
    return {"mono": grouped(digest.removeprefix("sha256:"))}


def personal(value: Any, tongues: Tongues) -> Value:
    """A personal value, or that it is withheld and by which commitment it can be known again."""
    if isinstance(value, Mapping):
        shown = grouped(value["commitment"].removeprefix("sha256:")[:16])
        return {"quiet": {"row": [tongues.said("value.withheld"), {"mono": shown + " …"}]}}
    return str(value)


def hands_of(statement: Statement, tongues: Tongues) -> list[Hand]:
    """Who is to sign a statement; with a place for a witness where none is named."""
    hands = []
    for signer in statement.signers:
        if signer.role != "witness":
            role = tongues.said(f"as.{signer.role}")
            speaks = statement.author if signer.role == "author" else {"name": "", "office": ""}
            said = tongues.said("paper.signer", party=tongues.party(signer.party), role=role)
            hands.append(Hand(said, speaks["name"], speaks["office"]))
    return [*hands, *witnesses_of(statement, tongues)]


def hands_over(handover: Statement, tongues: Tongues) -> list[Hand]:
    """Who gives and who takes, by name."""
    roles = ("relinquished_by", "received_by")
    who = [(tongues.field(role), handover.body[role]) for role in roles]
    return [Hand(heard(role, tongues.party(one["party"]), tongues), one["name"], one["office"]) for role, one in who]


def witnesses_of(statement: Statement, tongues: Tongues) -> list[Hand]:
    """Who signs as witness; a place for one where none is named."""
    role = tongues.said("as.witness")
    named = [tongues.party(signer.party) for signer in statement.signers if signer.role == "witness"]
    hands = [Hand(tongues.said("paper.signer", party=party, role=role)) for party in named]
    return hands or [Hand(tongues.said("paper.witness"))]


def heard(role: Value, party: Value, tongues: Tongues) -> Value:
    """A role and the party that has it, in each language."""
    return {x: f"{_in(role, x)}: {_in(party, x)}" for x in tongues.languages}


def tongues_of(how: How) -> Tongues:
    return Tongues(tuple(how.get("languages", BOTH)), how.get("parties", {}))


def set_as(paper: Paper, how: How, *, copies: int) -> bytes:
    """Set a paper as asked; ``copies`` where it was not said how many."""
    return paper.pdf(copy=how.get("copy"), copies=how.get("copies", copies))
