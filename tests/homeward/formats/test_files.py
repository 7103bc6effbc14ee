"""A file is written whole or not at all, and never over another."""

import pytest

from homeward.errors import KeyRefused, NotWritten, Rejected, WouldOverwrite
from homeward.formats.files import read_file, write_again, write_new
from homeward.formats.keyfiles import write_key_pair
from homeward.seals.keys import PrivateKey


def test_a_new_file_is_written_with_its_mode(tmp_path):
    write_new(tmp_path / "note", b"hello", mode=0o600)
    assert read_file(tmp_path / "note") == b"hello"
    assert (tmp_path / "note").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["note"]


def test_a_file_that_is_there_stays(tmp_path):
    (tmp_path / "note").write_bytes(b"old")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("note", "link"):
        with pytest.raises(WouldOverwrite):
            write_new(tmp_path / name, b"new")
    assert read_file(tmp_path / "note") == b"old"


def test_new_contents_take_the_place_of_old_ones(tmp_path):
    (tmp_path / "note").write_bytes(b"old")
    write_again(tmp_path / "note", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("note", b"new")]


def test_a_file_system_without_links_is_served_too(tmp_path, monkeypatch):
    def refused(*_):
        raise PermissionError("no links here")

    monkeypatch.setattr("os.link", refused)
    write_new(tmp_path / "note", b"hello")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("note", b"hello")]


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    (tmp_path / "note").write_bytes(b"old")
    monkeypatch.setattr("os.fsync", full)
    for write, name in ((write_new, "other"), (write_again, "note")):
        with pytest.raises(NotWritten, match="No space left"):
            write(tmp_path / name, b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("note", b"old")]


def test_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "large").write_bytes(b"12345")
    for path, words in ((tmp_path / "nothing", "not there"), (tmp_path, "no file"), (tmp_path / "large", "larger")):
        with pytest.raises(Rejected, match=words) as refusal:
            read_file(path, most=4)
        assert refusal.value.faults[0].file == str(path)


def test_no_key_is_written_without_a_passphrase(tmp_path):
    key = PrivateKey.generate()
    with pytest.raises(KeyRefused):
        write_key_pair(tmp_path / "a", key, key.public(party="a", name=""), "")
    assert list(tmp_path.iterdir()) == []
