"""Where in a draft each value stands."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.formats.positions import json_positions, line_of, toml_positions

TOML = '''\
programme = "Arvad and Belmar 2018" # a remark
[author]
name = "M. Oresk"

[[signers]]
party = "arvad"
[[signers]]
party = "belmar"

[body]
text = """
key = "not a key"
[not a header]
"""
lines = [
  {line = 1, container = "C-001, [a]"},
  {line = 2, container = "C-002"},  # , the second
  # a remark of its own
  {line = 3, seals = ["A", "B"]}, {line = 4},
]
seals = ["a", "b"]
after = 1
[[body.rows]]
line = 1
[[body.rows.claims]]
about = "name"
[[body.rows]]
"quoted key" = 2
'''


def test_every_value_of_a_toml_file_has_its_line() -> None:
    found = toml_positions(TOML)
    expected = {
        "/programme": 1,
        "/author": 2,
        "/author/name": 3,
        "/signers/0": 5,
        "/signers/1/party": 8,
        "/body": 10,
        "/body/text": 11,
        "/body/lines": 15,
        "/body/lines/0": 16,
        "/body/lines/1": 17,
        "/body/lines/2": 19,
        "/body/lines/3": 19,
        "/body/seals": 21,
        "/body/after": 22,
        "/body/rows/0/line": 24,
        "/body/rows/0/claims/0/about": 26,
        "/body/rows/1/quoted key": 28,
    }
    assert {path: found.get(path) for path in expected} == expected
    assert "/body/key" not in found
    assert tomllib.loads(TOML)["body"]["rows"][1]["quoted key"] == 2


def test_a_list_that_begins_on_the_line_of_its_key() -> None:
    found = toml_positions('[body]\nreason = [{lang = "en",\n text = "x"}, {lang = "ko",\n text = "y"}]\nlast = 1\n')
    assert (found["/body/reason/0"], found["/body/reason/1"], found["/body/last"]) == (2, 3, 5)


def test_a_value_without_a_line_has_that_of_what_it_stands_in() -> None:
    assert line_of("/body/lines/1/container", toml_positions(TOML)) == 17
    assert line_of("/nowhere", {}) is None


def test_every_value_of_a_json_file_has_its_line() -> None:
    text = '{\n"a": {"b": [1,\n2, {"c/d":\n"x: [y]"}], "~": {}},\n"e": []}'
    assert json_positions(text) == {
        "": 1,
        "/a": 2,
        "/a/b": 2,
        "/a/b/0": 2,
        "/a/b/1": 3,
        "/a/b/2": 3,
        "/a/b/2/c~1d": 4,
        "/a/~0": 4,
        "/e": 5,
    }


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


def pointers(value: Any, path: str = "") -> list[str]:
    inner: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        inner = [(name.replace("~", "~0").replace("/", "~1"), one) for name, one in value.items()]
    if isinstance(value, list):
        inner = [(str(at), one) for at, one in enumerate(value)]
    return [path, *(deeper for name, one in inner for deeper in pointers(one, f"{path}/{name}"))]


@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_any_json_has_a_line_for_every_pointer_and_no_other(value: Any, indent: int | None, ascii_: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_)
    found = json_positions(text)
    assert sorted(found) == sorted(pointers(value))
    assert set(found.values()) <= set(range(1, text.count("\n") + 2))


@given(st.text(st.sampled_from("[]{}\"'=,.#\n ab1\\"), max_size=60))
def test_text_that_is_neither_is_gone_through_without_harm(text: str) -> None:
    assert isinstance(toml_positions(text), dict)


@pytest.mark.parametrize("text", ['{"a"', "[1,,", "}", ":", '{"a":}'])
def test_broken_json_is_gone_through_without_harm(text: str) -> None:
    assert isinstance(json_positions(text), dict)
