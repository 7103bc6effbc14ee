"""A stock list is read whole, and what cannot be used is named by its line."""

import pytest

from homeward.formats.stock import LARGEST, StockRow, read_stock


def test_shelves_and_seals_are_read_where_the_file_has_them():
    reading = read_stock(b"number,place,seals\n C-001 ,A1,\nC-002,,BL 1; BL 2\n\n", name="s.csv")

    assert reading.rows == (StockRow(2, "C-001", "A1", ()), StockRow(3, "C-002", "", ("BL 1", "BL 2")))
    assert reading.rejected == ()


def test_bare_numbers_as_a_scanner_writes_them_are_read():
    assert [row.number for row in read_stock(b"\xef\xbb\xbfC-001\r\nC-002\r\n", name="s.txt").rows] == [
        "C-001",
        "C-002",
    ]


def test_every_row_that_cannot_be_used_is_named():
    reading = read_stock(f"number,place\n,A1\nC-001,A1,B2\n{'9' * 101},\nC-2,\n".encode(), name="s.csv")

    assert [fault.line for fault in reading.rejected] == [2, 3, 4]
    assert [row.number for row in reading.rows] == ["C-2"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0",
        b"\xff\xfeC\x000\x00",
        b"",
        b"box,shelf\nC-1,A\n",
        b"number,colour\nC-1,red\n",
        b"number,number\nC-1,C-1\n",
        b'number\n"C-1\n',
        b"0" * (LARGEST + 1),
    ],
    ids=["picture", "utf-16", "empty", "no number", "strange column", "column twice", "open quote", "large"],
)
def test_what_is_no_stock_list_is_refused_with_what_to_do(data):
    reading = read_stock(data, name="wrong")

    assert reading.rows == ()
    assert all(fault.reason and fault.remedy for fault in reading.rejected)
    assert reading.rejected
