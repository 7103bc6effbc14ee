"""Each part writes its section, once for each state of the code it vouches for."""

import json

import pytest

from validation import parts, seals
from validation.parts import Part, code_of, validate


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A repository of two files, and where results go."""
    monkeypatch.setattr(parts, "ROOT", tmp_path)
    for name in ("one", "other"):
        (tmp_path / f"{name}.py").write_text(name)
    return tmp_path


def part(name, ran, *, holds=True):
    def run(kept):
        ran.append((name, kept.is_dir()))
        return {"holds": holds, "counted": 5}

    return Part(name=name, claim="it holds", covers=(f"{name}.py",), run=run)


def sections(house):
    return json.loads((house / "result.json").read_text())["parts"]


def test_a_part_is_run_again_only_when_its_own_code_changed(house):
    ran = []
    both = [part("one", ran), part("other", ran)]
    for _ in range(2):
        assert validate(both, house / "result.json", house / "kept")
    (house / "other.py").write_text("changed")
    assert validate(both, house / "result.json", house / "kept")
    assert [name for name, _ in ran] == ["one", "other", "other"]
    assert all(kept for _, kept in ran)
    assert {name: section["code"] for name, section in sections(house).items()} == {p.name: code_of(p) for p in both}
    assert sections(house)["one"]["counted"] == 5


def test_what_does_not_hold_is_told_and_run_again(house):
    ran = []
    for _ in range(2):
        assert not validate([part("one", ran, holds=False)], house / "result.json", house / "kept")
    assert len(ran) == 2
    assert not sections(house)["one"]["holds"]


def test_nothing_is_written_for_code_that_changed_meanwhile(house):
    def run(kept):
        (house / "one.py").write_text("changed")
        return {"holds": True}

    changing = Part(name="one", claim="", covers=("one.py",), run=run)
    assert not validate([changing], house / "result.json", house / "kept")
    assert not (house / "result.json").exists()


def test_parts_can_be_chosen_by_name(house, monkeypatch):
    ran = []
    monkeypatch.setattr(seals, "PARTS", (part("one", ran), part("other", ran)))
    monkeypatch.setattr(seals, "RESULT", house / "result.json")
    monkeypatch.setattr(seals, "KEPT", house / "kept")
    assert seals.main(["other"]) == 0
    assert [name for name, _ in ran] == ["other"]
    assert seals.main([]) == 0
    assert [name for name, _ in ran] == ["other", "one"]


@pytest.mark.parametrize("real", seals.PARTS, ids=lambda real: real.name)
def test_what_a_part_vouches_for_is_there(real):
    assert [name for name in real.covers if not (parts.ROOT / name).exists()] == []
