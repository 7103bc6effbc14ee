"""The same content has the same digest; other content has another."""

from homeward.provenance import digest_of_parts, digest_of_science, provenance


def science(folder, code: bytes):
    (folder / "genetics").mkdir(parents=True)
    (folder / "genetics" / "mutation.py").write_bytes(code)
    (folder / "tables.py").write_text("RATE = 0.002\n")
    return folder


def test_line_ends_do_not_move_the_digest_of_science(tmp_path):
    unix, windows = science(tmp_path / "a", b"x = 1\n"), science(tmp_path / "b", b"x = 1\r\n")
    assert digest_of_science(unix) == digest_of_science(windows)


def test_a_changed_number_moves_the_digest_of_science(tmp_path):
    one, other = science(tmp_path / "a", b"x = 1\n"), science(tmp_path / "b", b"x = 2\n")
    assert digest_of_science(one) != digest_of_science(other)


def test_a_reader_or_a_page_does_not_move_the_digest_of_science(tmp_path):
    package = science(tmp_path / "a", b"x = 1\n")
    before = digest_of_science(package)
    (package / "cli.py").write_text("print()\n")
    assert digest_of_science(package) == before


def test_a_digest_of_chosen_parts_moves_with_them_and_with_nothing_else(tmp_path):
    package = science(tmp_path / "a", b"x = 1\n")
    before = digest_of_parts(package, ["genetics"], {".py"})
    (package / "tables.py").write_text("RATE = 0.003\n")
    (package / "genetics" / "notes.txt").write_text("later")
    assert digest_of_parts(package, ["genetics"], {".py"}) == before
    (package / "genetics" / "mutation.py").rename(package / "genetics" / "mutations.py")
    assert digest_of_parts(package, ["genetics"], {".py"}) != before


def test_provenance_says_what_is_needed_to_compute_again():
    stamp = provenance("identify", input_digest="sha256:0", parameters={"theta": 0.0}, seed=3).as_dict()
    assert {"verb", "version", "science", "input", "parameters", "seed", "made_at"} == set(stamp)
    assert stamp["made_at"].endswith("+00:00")
