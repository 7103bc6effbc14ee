"""What is read by its pattern is what is read by the definition, and what is refused is refused with the same words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.errors import SealBroken
from homeward.seals import contents, envelope
from homeward.seals.canonical import canonical
from homeward.seals.container import read_container
from homeward.seals.contents import INVENTORY, Inventory, LogCopy
from homeward.seals.envelope import plain_envelope, read_envelope
from homeward.seals.shapes import (
    DATE,
    DIGEST,
    TEXTS,
    AList,
    AnObject,
    Anything,
    ListOf,
    OneOf,
    Record,
    Text,
    Whole,
    YesNo,
)
from tests.homeward.seals.mutations import exchanged_bundles

FILES = [read_container(sent.data) for sent in exchanged_bundles()]
OF_KIND = {
    "inventory": (Inventory.read, Inventory.plain, [files[INVENTORY] for files in FILES]),
    "log": (LogCopy.read, LogCopy.plain, [files[name] for files in FILES for name in files if name[:5] == "logs/"]),
    "envelope": (
        read_envelope,
        plain_envelope,
        [files[name] for files in FILES for name in files if name.startswith("statements/")],
    ),
}
PIECES = [b"", b" ", b'"', b",", b"]", b"[", b"}", b"{", b"0", b"1", b"=", b"A", b"B", b"\\", b"9" * 17, b"\xc3\xa9"]


def answer(read, data):
    try:
        return read(data)
    except SealBroken as refusal:
        return str(refusal)


@pytest.mark.parametrize("kind", OF_KIND)
def test_what_is_sound_is_read_by_its_pattern(kind, monkeypatch):
    read, plain, samples = OF_KIND[kind]
    expected = [plain(data) for data in samples]
    for module, name in [(contents, "formed"), (envelope, "read_canonical")]:
        monkeypatch.setattr(module, name, None)
    assert [read(data) for data in samples] == expected


@pytest.mark.parametrize("kind", OF_KIND)
@given(data=st.data())
def test_what_is_altered_is_answered_as_the_definition_answers_it(kind, data):
    read, plain, samples = OF_KIND[kind]
    sample = data.draw(st.sampled_from(samples))
    at, end = sorted(data.draw(st.tuples(st.integers(0, len(sample)), st.integers(0, len(sample)))))
    end = data.draw(st.sampled_from([at, at + 1, end]))
    piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3) | st.just(sample[at:end] * 2))
    altered = sample[:at] + piece + sample[end:]
    assert answer(read, altered) == answer(plain, altered)


ROW = {"index": 0, "key": "a" * 64, "proof": ["A" * 43 + "="], "statement": "sha256:" + "b" * 64}
LOG = {
    "checkpoint": "",
    "consistency": [],
    "cosigned": "",
    "entries": [ROW, {**ROW, "index": 1}],
    "installation": "c" * 64,
    "origin": "arvad/log",
    "party": "arvad",
    "schema": "homeward/log/1",
}


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"entries": []},
        {"entries": [ROW, ROW]},
        {"entries": [{**ROW, "index": 2**53 - 1}]},
        {"entries": [{**ROW, "proof": []}]},
        {"entries": [{**ROW, "proof": ["A" * 42 + "B="]}]},
        {"entries": [{**ROW, "proof": ["A" * 43 + "=", "A" * 44]}]},
        {"entries": [{**ROW, "proof": [{"entries": []}]}]},
        {"entries": [ROW, 1]},
        {"entries": {"entries": [ROW]}},
        {"consistency": [{"entries": [ROW]}]},
        {"consistency": [{"entries": [ROW]}], "entries": []},
        {"consistency": ['"entries":[', "A" * 43 + "="]},
        {"consistency": ["A" * 43 + "="]},
        {"consistency": ["A" * 43 + "="], "cosigned": "x"},
        {"checkpoint": '"entries":[', "cosigned": '{"entries":[]}'},
        {'x"entries': []},
        {"origin": ""},
    ],
)
def test_a_log_is_answered_as_the_definition_answers_it(other):
    data = canonical({**LOG, **other})
    assert answer(LogCopy.read, data) == answer(LogCopy.plain, data)


def test_an_index_beyond_what_every_reader_holds_is_refused_by_both():
    data = canonical(LOG).replace(b'"index":1', b'"index":9007199254740992')
    assert answer(LogCopy.read, data) == answer(LogCopy.plain, data)
    assert "2^53" in answer(LogCopy.read, data)


SHAPES = {
    "text": Text(),
    "filled": Text(filled=True),
    "held back": Text(held_back=True),
    "digest": DIGEST,
    "date or nothing": DATE.or_empty(),
    "whole": Whole(least=1),
    "whole or null": Whole(or_null=True),
    "yes or no": YesNo(),
    "one of": OneOf(("a", "b")),
    "one of, held back": OneOf(("a", "b"), held_back=True),
    "list": ListOf(Whole(), least=1),
    "record": Record({"a": Text(), "b": ListOf(Text(filled=True))}),
    "object": AnObject(),
    "any list": AList(),
    "anything": Anything(),
    "texts": TEXTS,
}
SOUND = st.sampled_from(
    ["sha256:" + "a" * 64, "2018-07-27", {"commitment": "sha256:" + "a" * 64}, {"a": "", "b": ["x"]}, "\ud800", 2**53]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", " ", "a", "é"]) | st.text() | SOUND,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "lang", "text"]), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@given(value=VALUES)
def test_a_value_fits_a_shape_that_finds_no_fault_with_it(shape, value):
    assert shape.fits(value) == (not list(shape.faults(value, "")))
