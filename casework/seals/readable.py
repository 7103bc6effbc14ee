"""What a statement says, in words for a page: Homeward's own words in both languages, the parties' words as written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework.parties.models import Party
from homeward.reports.statement_words import field_word, languages, value_word, weight_kg, word, words
from homeward.seals.bodies import BODIES
from homeward.seals.envelope import DIGEST
from homeward.seals.statement import Statement

PARTIES = frozenset({"from", "to", "through", "party", "absent"})


@dataclass(frozen=True, slots=True)
class Said:
    """One thing in one language; ``lang`` is empty where it is no language's, such as a number."""

    text: str
    lang: str = ""
    statement: str = ""  # the digest, where this speaks of another statement


Words = tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A field and what stands in it."""

    label: Words
    values: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one form, such as the lines of a manifest."""

    label: Words
    columns: tuple[Words, ...]
    rows: tuple[tuple[tuple[Words, Words], ...], ...]  # each cell with its column's label


@dataclass(frozen=True, slots=True)
class Readable:
    """A statement's body for reading."""

    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]


def in_both(key: str) -> Words:
    """Homeward's word for a key, the reader's language first."""
    return tuple(Said(word(key, language), language) for language in _languages())


def kind_words(kind: str) -> Words:
    """What a kind of statement is called."""
    return in_both(f"kind.{kind}")


def subject_words(subject: str) -> str:
    """What a statement is about, in the reader's language: "Transfer T-2018-01"."""
    kind, _colon, name = subject.partition(":")
    language = _languages()[0]
    known = words(language)
    return f"{known[f'subject.{kind}']} {name}" if f"subject.{kind}" in known else subject


def readable(said: Statement, opened: Mapping[str, Any] | None = None) -> Readable:
    """A statement's body, field by field in the order of the format.

    ``opened`` is what commitments stand for, as far as whoever reads it may know.
    """
    reading = _Reading(said.kind, {party.code: party for party in Party.objects.all()}, opened or {})
    facts: list[Fact] = []
    tables: list[Table] = []
    for name, value in _in_order(said.body, BODIES.get(said.kind)):
        if _is_table(value):
            tables.append(reading.table(name, value))
        elif isinstance(value, Mapping) and "commitment" not in value:
            facts += [Fact(_label(inner), reading.values(inner, one)) for inner, one in value.items()]
        elif values := reading.values(name, value):
            facts.append(Fact(_label(name), values))
    return Readable(tuple(facts), tuple(tables))


def _in_order(value: Mapping[str, Any], shape: Any) -> list[tuple[str, Any]]:
    """Fields as the format lists them; canonical bytes have them by the alphabet."""
    places = {name: place for place, name in enumerate(getattr(shape, "fields", ()))}
    return sorted(value.items(), key=lambda item: places.get(item[0], len(places)))


def _languages() -> list[str]:
    own = get_language() or "en"
    return sorted(languages(), key=lambda code: (code != own, code))


def _label(field: str) -> Words:
    return tuple(Said(field_word(field, language), language) for language in _languages())


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and "text" in one for one in value)


def _is_table(value: Any) -> bool:
    rows = isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)
    return rows and not (_is_texts(value) and all("lang" in one for one in value))


@dataclass(frozen=True, slots=True)
class _Reading:
    """How the fields of one kind of statement are read."""

    kind: str
    parties: Mapping[str, Party]
    opened: Mapping[str, Any]

    def values(self, name: str, value: Any) -> tuple[Words, ...]:
        """What stands in a field; nothing where the field is empty."""
        if value in ("", None, []):
            return ()
        if _is_texts(value):
            return tuple((Said(one["text"], one.get("lang", "")),) for one in value)
        if isinstance(value, list):
            return tuple(words for item in value for words in self.values(name, item))
        return (self.words(name, value),)

    def words(self, name: str, value: Any) -> Words:
        """One value: a code in words, a party by its name, a weight in kilograms, anything else as it was written."""
        if isinstance(value, Mapping):
            return self._several(value)
        if isinstance(value, bool):
            return in_both("value.yes" if value else "value.no")
        if value is None or value == "":
            return ()
        if isinstance(value, int):
            return (Said(weight_kg(value) if name == "weight_g" else f"{value:,}"),)
        if name in PARTIES and value in self.parties:
            return self._party(self.parties[value])
        if DIGEST.fullmatch(str(value)):
            return (Said(str(value), statement=str(value)),)
        shown = [Said(value_word(self.kind, name, str(value), code), code) for code in _languages()]
        return tuple(shown) if any(one.text != value for one in shown) else (Said(str(value)),)

    def _several(self, value: Mapping[str, Any]) -> Words:
        if "commitment" in value:
            if value["commitment"] not in self.opened:
                return in_both("value.withheld")
            return (Said(f"{self.opened[value['commitment']]} ({_('committed; opening held')})"),)
        parts = [self.words(name, one) for name, one in value.items() if name != "lang"]
        return (Said(": ".join(words[0].text for words in parts if words), str(value.get("lang", ""))),)

    def _party(self, party: Party) -> Words:
        names = {"en": party.name, "ko": party.name_ko or party.name}
        shown = tuple(Said(names[code], code) for code in _languages() if code in names)
        return shown if len({one.text for one in shown}) > 1 else shown[:1]

    def table(self, name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
        shape = getattr(BODIES.get(self.kind), "fields", {}).get(name)
        columns = list(
            dict.fromkeys(field for row in rows for field, _one in _in_order(row, getattr(shape, "each", None)))
        )
        filled = [field for field in columns if any(row.get(field) not in ("", None, []) for row in rows)]
        labels = {field: _label(field) for field in filled}
        return Table(
            label=_label(name),
            columns=tuple(labels.values()),
            rows=tuple(
                tuple((label, self._cell(field, row.get(field))) for field, label in labels.items()) for row in rows
            ),
        )

    def _cell(self, name: str, value: Any) -> Words:
        if isinstance(value, list):
            listed = [self.words(name, one) for one in value]
            return (Said("; ".join(words[0].text for words in listed if words)),) if listed else ()
        return self.words(name, value)
