"""The canonical ZIP: any program opens it, and only one series of bytes holds the same files."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.errors import SealBroken, TooLarge
from homeward.seals import container
from homeward.seals.container import read_container, write_container

FILES = {"README.txt": b"Keep dry.", "documents/" + "a" * 64: bytes(range(256)), "logs/arvad.json": b""}


def test_what_is_written_is_read():
    assert read_container(write_container(FILES)) == FILES


def test_the_order_in_which_files_are_given_does_not_matter():
    assert write_container(dict(reversed(FILES.items()))) == write_container(FILES)


def test_the_bytes_of_one_small_file_worked_by_hand():
    header = bytes.fromhex("1400 0008 0000 0000 2100") + bytes.fromhex("01f2 3e82") + (5).to_bytes(4, "little") * 2
    name = (11).to_bytes(2, "little") + b"\0\0"
    local = b"PK\3\4" + header + name + b"verify.html" + b"<br/>"
    central = b"PK\1\2" + b"\x14\0" + header + name + bytes(14) + b"verify.html"
    sizes = len(central).to_bytes(4, "little") + len(local).to_bytes(4, "little")
    end = b"PK\5\6" + bytes(4) + b"\1\0\1\0" + sizes + b"\0\0"
    written = write_container({"verify.html": b"<br/>"})
    crc = written[14:18]
    assert written == (local + central + end).replace(bytes.fromhex("01f23e82"), crc)


def test_any_archive_program_opens_it():
    with zipfile.ZipFile(io.BytesIO(write_container(FILES))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


def test_a_bundle_of_nothing_is_a_container_too():
    assert read_container(write_container({})) == {}


def test_more_files_than_a_short_directory_counts_are_held_and_opened_by_others(monkeypatch):
    many = {f"documents/{at:064x}": b"" for at in range(65_535)}
    data = write_container(many)
    assert read_container(data) == many
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == 65_535
    one_less = dict(list(many.items())[1:])
    assert b"PK\6\6" not in write_container(one_less)


@given(st.data())
def test_no_other_bytes_hold_the_same_files(data):
    written = bytearray(write_container(FILES))
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken, match=r"\(container\)"):
        read_container(bytes(written))


@given(st.binary(max_size=400))
def test_random_bytes_are_refused(data):
    with pytest.raises(SealBroken):
        read_container(b"PK\3\4" + data)


@pytest.mark.parametrize(
    "name", ["../etc/passwd", "/README.txt", "readme.txt", "keys/a.json", "logs/a b.json", "documents/", "", "é"]
)
def test_a_name_that_a_bundle_does_not_know_is_refused(name):
    with pytest.raises(SealBroken, match="no file of this name"):
        write_container({name: b""})


def test_an_archive_that_another_program_made_is_refused():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", bytes(10_000_000))
    with pytest.raises(SealBroken):
        read_container(made.getvalue())


def test_too_much_is_refused_with_the_number(monkeypatch):
    monkeypatch.setattr(container, "LARGEST", 600)
    monkeypatch.setattr(container, "LARGEST_FILE", 400)
    monkeypatch.setattr(container, "MOST_FILES", 3)
    with pytest.raises(TooLarge, match="at most 600 bytes, not 665"):
        write_container({"README.txt": bytes(350), "verify.html": bytes(99)})
    with pytest.raises(TooLarge, match="has 401 bytes"):
        write_container({"README.txt": bytes(401)})
    with pytest.raises(TooLarge, match="at most 3 files, not 4"):
        write_container({f"logs/{name}.json": b"" for name in "abcd"})
    with pytest.raises(TooLarge, match="not 601"):
        read_container(bytes(601))
