"""Sets in Parquet: every fault is told with its row; whichever way the writer chose, the reading is one."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from homeward import scan
from homeward.errors import Rejected, WouldOverwrite
from homeward.formats.scanfiles import Pairs, joined, open_set, read_block, read_call, write_block, write_set
from tests.homeward.scan.programmes import programme


@pytest.fixture
def path(tmp_path):
    write_set(programme(), tmp_path / "set")
    return tmp_path / "set"


def changed(path, name, **columns):
    """Replace cells of a table: column -> {row: cell}."""
    file = path / f"{name}.parquet"
    table = pq.read_table(file)
    for column, cells in columns.items():
        values = table[column].to_pylist()
        for row, cell in cells.items():
            values[row] = cell
        place = table.column_names.index(column)
        table = table.set_column(place, column, pa.array(values, pa.float64() if column == "dropout" else pa.string()))
    pq.write_table(table, file)


def faults(path):
    with pytest.raises(Rejected) as refusal:
        scan.plan(path, threshold=1.0)
    return [(fault.file, fault.line, fault.column, fault.value) for fault in refusal.value.faults]


def test_every_call_that_is_none_is_told_with_its_row(path):
    changed(path, "remains", M0={3: "12", 5: "1/2/3"}, M1={0: "12 /13"})
    changed(path, "families", M2={1: "/9"})

    assert sorted(faults(path)) == [
        ("families.parquet", 2, "M2", "/9"),
        ("remains.parquet", 1, "M1", "12 /13"),
        ("remains.parquet", 4, "M0", "12"),
        ("remains.parquet", 6, "M0", "1/2/3"),
    ]


def test_members_who_cannot_be_one_family_are_told(path):
    changed(path, "families", father_id={2: "nobody of ours"}, sex={0: "male"}, population={1: "West"})

    assert sorted(faults(path)) == [
        ("families.parquet", 1, "sex", "male"),
        ("families.parquet", 2, "population", "West"),
        ("families.parquet", 3, "father_id", "nobody of ours"),
    ]


def test_a_family_in_two_populations_is_told(path):
    changed(path, "families", population={0: "South"})

    assert [fault[2] for fault in faults(path)] == ["population", "population"]  # of the other two members


def test_rows_of_one_family_or_remains_in_two_places_are_told(path):
    first = pq.read_table(path / "families.parquet")["family_id"][0].as_py()
    changed(path, "families", family_id={-1: first})
    changed(path, "remains", remains_id={-1: "R00"})

    told = [fault[1:] for fault in faults(path)]
    assert told[-2:] == [(None, "family_id", first), (None, "remains_id", "R00")]


@pytest.mark.parametrize(
    ("name", "column"), [("families", "family_id"), ("families", "member_id"), ("remains", "remains_id")]
)
def test_an_empty_identifier_is_told(path, name, column):
    changed(path, name, **{column: {4: ""}})

    assert (f"{name}.parquet", 5, column, "") in faults(path)


def test_columns_that_are_lacking_or_of_the_wrong_kind_are_told(path):
    table = pq.read_table(path / "remains.parquet")
    renamed = ["id" if name == "remains_id" else name for name in table.column_names]
    numbers = pa.array([1] * table.num_rows)
    pq.write_table(table.rename_columns(renamed).append_column("M9", numbers), path / "remains.parquet")

    assert [fault[2] for fault in faults(path)] == ["remains_id", "M9"]


def test_a_file_that_is_no_parquet_is_refused(path):
    (path / "remains.parquet").write_bytes(b"PAR1 nothing")

    with pytest.raises(Rejected, match="is no Parquet file"):
        scan.plan(path, threshold=1.0)


def test_a_column_that_stands_twice_is_told(path):
    table = pq.read_table(path / "remains.parquet")
    pq.write_table(table.append_column("M0", table["M0"]), path / "remains.parquet")

    assert ("remains.parquet", None, "M0", "") in faults(path)


def test_rows_that_cannot_be_read_are_refused(path):
    file = path / "remains.parquet"
    content = bytearray(file.read_bytes())
    content[20:400] = bytes(380)  # among the pages, not in the account at the end
    file.write_bytes(content)

    with pytest.raises(Rejected, match="cannot be read"):
        scan.plan(path, threshold=1.0)


def test_a_set_of_nobody_has_no_block(path):
    for name in ("families", "remains"):
        table = pq.read_table(path / f"{name}.parquet")
        pq.write_table(table.slice(0, 0), path / f"{name}.parquet")

    plan = scan.plan(path, threshold=1.0)

    assert (plan.remains, plan.slots, plan.blocks) == (0, 0, ())


def test_a_set_in_parts_and_in_other_kinds_of_text_is_read_as_one(path, tmp_path):
    whole = scan.run_block(*_only_block(path))
    for name in ("families", "remains"):
        table = pq.read_table(path / f"{name}.parquet")
        (path / f"{name}.parquet").unlink()
        (path / name).mkdir()
        large = pa.schema(
            [(field.name, field.type if field.type == pa.float64() else pa.large_string()) for field in table.schema]
        )
        half = table.num_rows // 2  # amid a family
        for part, rows in enumerate((table.slice(0, half), table.slice(half))):
            pq.write_table(rows.cast(large), path / name / f"part-{part}.parquet", row_group_size=5)

    parted = scan.run_block(*_only_block(path))

    assert len(whole.pairs) > 50
    assert (parted.pairs.log10_lr == whole.pairs.log10_lr).all()
    assert (parted.pairs.remains == whole.pairs.remains).all()


def _only_block(path):
    plan = scan.plan(path, threshold=-1.0)
    (block,) = plan.blocks
    return plan, block


def test_a_set_is_not_written_over_another(path):
    with pytest.raises(WouldOverwrite):
        write_set(programme(), path)


def test_the_digest_of_a_set_is_of_its_bytes_and_settings(path, tmp_path):
    write_set(programme(), tmp_path / "again")
    before = open_set(path).digest()

    changed(path, "remains", sex={0: "F"})

    assert open_set(tmp_path / "again").digest() == before
    assert open_set(path).digest() != before


def test_a_block_is_read_as_it_was_kept(tmp_path):
    pairs = joined([])
    write_block(tmp_path / "none", pairs, {"number": 3})
    found, account = read_block(tmp_path / "none")

    assert len(found) == 0
    assert isinstance(found, Pairs)
    assert account == {"number": 3}


def test_what_is_no_block_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"nothing")

    with pytest.raises(Rejected, match="is no block of a scan"):
        read_block(tmp_path / "file")


@pytest.mark.parametrize("text", ["12", "12/", "/", "1/2/3", "12/ 13", " 12/13", "12\t/13"])
def test_what_is_not_two_alleles_is_no_call(text):
    with pytest.raises(ValueError, match="two alleles"):
        read_call(text)
