"""A log says what it holds; the other side says what it has seen."""

import pytest

from homeward.errors import SealBroken
from homeward.seals.checkpoint import (
    Checkpoint,
    cosign_checkpoint,
    cosigned_by,
    read_note,
    sign_checkpoint,
    verify_note,
)
from homeward.seals.keys import INSTALLATION, PrivateKey

HOUSE, BELMAR, OTHER = (PrivateKey.from_seed(letter * 32) for letter in (b"h", b"b", b"o"))
HOUSE_KEY = HOUSE.public(party="arvad", name="", role=INSTALLATION)
BELMAR_KEY = BELMAR.public(party="belmar", name="")
ORIGIN = "arvad/log"
CHECKPOINT = Checkpoint(ORIGIN, 110, bytes(32), ("bundle sha256:00",))
NOTE = sign_checkpoint(CHECKPOINT, HOUSE, ORIGIN)
WHEN = 1532655600


def test_a_checkpoint_is_written_as_lines():
    lines = NOTE.split("\n")
    assert lines[:5] == [ORIGIN, "110", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "bundle sha256:00", ""]
    assert lines[5].startswith(f"— {ORIGIN} ")
    assert lines[6:] == [""]


def test_a_note_is_read_as_it_was_written():
    cosigned = cosign_checkpoint(NOTE, BELMAR, "belmar", WHEN)
    assert read_note(cosigned).text == cosigned
    assert read_note(cosigned.encode()) == read_note(cosigned)
    assert read_note(cosigned).checkpoint == CHECKPOINT


def test_the_installation_signs_and_the_other_side_cosigns():
    note = read_note(cosign_checkpoint(NOTE, BELMAR, "belmar", WHEN))
    verify_note(note, HOUSE_KEY, ORIGIN)
    assert cosigned_by(note, BELMAR_KEY, "belmar") == WHEN


def test_cosigning_again_replaces_the_earlier_time():
    note = cosign_checkpoint(cosign_checkpoint(NOTE, BELMAR, "belmar", WHEN), BELMAR, "belmar", WHEN + 60)
    assert cosigned_by(read_note(note), BELMAR_KEY, "belmar") == WHEN + 60
    assert len(read_note(note).signatures) == 2


def test_a_checkpoint_not_cosigned_says_so():
    with pytest.raises(SealBroken, match="no signature of belmar") as refusal:
        cosigned_by(read_note(NOTE), BELMAR_KEY, "belmar")
    assert refusal.value.code == "note"


@pytest.mark.parametrize(
    ("key", "name"),
    [(OTHER.public(party="arvad", name="", role=INSTALLATION), ORIGIN), (HOUSE_KEY, "arvad/another")],
)
def test_another_key_or_another_log_has_not_signed(key, name):
    with pytest.raises(SealBroken):
        verify_note(read_note(NOTE), key, name)


def test_an_installation_cosigns_nothing_and_a_party_signs_no_log():
    note = read_note(cosign_checkpoint(NOTE, HOUSE, "arvad", WHEN))
    with pytest.raises(SealBroken, match="party's key only"):
        cosigned_by(note, HOUSE_KEY, "arvad")
    with pytest.raises(SealBroken, match="installation's key only"):
        verify_note(note, HOUSE.public(party="arvad", name=""), ORIGIN)


@pytest.mark.parametrize(("old", "new"), [("110", "109"), ("AAA=", "AAE="), ("sha256:00", "sha256:01")])
def test_a_changed_text_breaks_both_signatures(old, new):
    cosigned = cosign_checkpoint(NOTE, BELMAR, "belmar", WHEN)
    changed = read_note(cosigned.replace(old, new, 1))
    with pytest.raises(SealBroken):
        verify_note(changed, HOUSE_KEY, ORIGIN)
    with pytest.raises(SealBroken):
        cosigned_by(changed, BELMAR_KEY, "belmar")


def test_another_time_breaks_the_cosignature():
    note = read_note(cosign_checkpoint(NOTE, BELMAR, "belmar", WHEN))
    last = note.signatures[-1]
    later = type(last)(last.name, last.id, (WHEN + 1).to_bytes(8, "big") + last.sig[8:])
    with pytest.raises(SealBroken, match="cosignature of belmar"):
        cosigned_by(type(note)(note.checkpoint, (note.signatures[0], later)), BELMAR_KEY, "belmar")


LINE = NOTE.split("\n")[5]


@pytest.mark.parametrize(
    "text",
    [
        "",
        NOTE.rstrip("\n"),
        NOTE + "\n",
        NOTE + LINE + "\n",
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("110", "0110"),
        NOTE.replace("110", "+110"),
        NOTE.replace("110", "1e2"),
        NOTE.replace("110", "9999999999999999"),
        NOTE.replace("AAA=", "AAB="),
        NOTE.replace("AAA=", "AAA"),
        NOTE.replace("AAAA", "", 1),
        NOTE.replace(ORIGIN, "a b"),
        NOTE.replace(f"— {ORIGIN} ", "—  "),
        NOTE.replace(f"— {ORIGIN} ", f"— {ORIGIN}  "),
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("bundle", "bundle\t"),
        f"{ORIGIN}\n5\n\n{LINE}\n",
        NOTE + "— other AAAA\n",
        NOTE + "".join(f"— n{at} AAAAAAAA\n" for at in range(100)),
    ],
)
def test_a_note_written_otherwise_is_refused(text):
    with pytest.raises(SealBroken) as refusal:
        read_note(text)
    assert refusal.value.code == "note"


def test_bytes_that_are_not_text_are_no_note():
    with pytest.raises(SealBroken, match="not UTF-8"):
        read_note(b"\xff")


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, bytes(32), ()),
        ("a", -1, bytes(32), ()),
        ("a", 1, b"", ()),
        ("a", 1, bytes(32), ("",)),
        ("a", 1, bytes(32), ("b\nc",)),
    ],
)
def test_a_checkpoint_that_cannot_be_is_refused(origin, size, root, extensions):
    with pytest.raises(SealBroken):
        Checkpoint(origin, size, root, extensions)
