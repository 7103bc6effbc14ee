"""One way to write a value, and no other is read."""

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from homeward.errors import NotCanonical, SealBroken
from homeward.seals.canonical import DEEPEST, LARGEST, canonical, read_base64, read_canonical, write_base64

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_as_the_same(value):
    assert read_canonical(canonical(value)) == value


@given(VALUES)
def test_any_json_reader_reads_it(value):
    assert json.loads(canonical(value)) == value


@given(VALUES)
def test_the_published_implementation_writes_the_same(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(TEXT, st.integers(0, 9), min_size=2))
def test_the_order_in_which_keys_were_given_does_not_matter(value):
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_keys_are_ordered_by_their_utf_16_units():
    # U+1F600 is written D83D DE00 in UTF-16, and so stands before U+FB33, although its code point is larger
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_only_what_must_be_escaped_is_escaped():
    assert canonical('"\\/\b\f\n\r\t\x01\x7fé€') == '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7fé€"'.encode()


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1}',
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'"\\u00e9"',
        b'"\\/"',
        b'{"a":1}\n',
        b' {"a":1}',
        b"\xef\xbb\xbf{}",
        b"1.0",
        b"1e3",
        b"1.5",
        b"-0",
        b"01",
        b"NaN",
        b"Infinity",
        b"9007199254740992",
        b"-9007199254740992",
        b"12345678901234567890",
        b"1" * 5000,
        b'"\\ud800"',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b"{",
        b"",
        b"{}{}",
        '{"a":1}'.encode("utf-16"),
        b"[" * 100_000,
        b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
        b"[" * DEEPEST + b"{}" + b"]" * DEEPEST,
        '{"a":"\U0001f600","b":"\\ud800"}'.encode(),
    ],
)
def test_bytes_written_otherwise_are_refused(data):
    with pytest.raises(NotCanonical):
        read_canonical(data)


def test_as_many_levels_as_are_allowed_are_read():
    data = b"[" * DEEPEST + b"]" * DEEPEST
    assert canonical(read_canonical(data)) == data
    wide = b"[" + b",".join([b"[]"] * 100) + b"]"
    assert canonical(read_canonical(wide)) == wide


@pytest.mark.parametrize("value", [0.5, 1.0, 2**53, -(2**53), {1: 2}, b"", {"a": {1, 2}}, "\ud800", {"\udfff": 1}])
def test_values_that_cannot_be_sealed_are_refused(value):
    with pytest.raises(NotCanonical):
        canonical(value)


def test_the_refusal_says_where():
    with pytest.raises(NotCanonical) as refusal:
        canonical({"lines": [{"weight_g": 6.4}]})
    assert refusal.value.where == "/lines/0/weight_g"
    assert refusal.value.code == "not-canonical"


@given(st.binary())
def test_base64_comes_back(data):
    assert read_base64(write_base64(data), "here") == data


@pytest.mark.parametrize("text", ["aGk", "aGl=", "aG k=", "aGk=\n", "a-_=", "aGk==", "=", "aGké", 5, None])
def test_base64_written_otherwise_is_refused(text):
    with pytest.raises(SealBroken):
        read_base64(text, "here")


def test_base64_of_another_length_is_refused():
    with pytest.raises(SealBroken, match="32 bytes are expected, here are 2"):
        read_base64("aGk=", "here", length=32)
