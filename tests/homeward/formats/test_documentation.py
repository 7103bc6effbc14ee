"""docs/methods/programme-folder.md says what the schema says."""

from dataclasses import fields
from pathlib import Path

import pytest

from homeward.formats.columns import Kind
from homeward.formats.documentation import BEGIN, columns_and_settings
from homeward.formats.records import RECORDS
from homeward.formats.schema import BY_NAME, TABLES
from homeward.formats.settings import SETTINGS
from homeward.programme import Settings

PAGE = Path(__file__).parents[3] / "docs" / "methods" / "programme-folder.md"


def test_the_page_lists_every_column_and_setting_as_they_are():
    text = PAGE.read_text(encoding="utf-8")
    assert text[text.index(BEGIN) :] == columns_and_settings(), (
        "write the end of the page again with python -m homeward.formats.documentation"
    )


@pytest.mark.parametrize("name", RECORDS)
def test_every_field_of_a_record_has_its_column(name):
    table = BY_NAME[name]
    together = {**table.places, **table.grounds}
    in_places = {column for columns in together.values() for column in columns}
    columns = {table.fields.get(column, column) for column in table.names if column not in in_places} | set(together)
    elsewhere = {"extra", "absent", "female", "male"}  # unknown columns, words, and the matrices' own file
    assert columns == {field.name for field in fields(RECORDS[name])} - elsewhere


def test_every_setting_of_the_record_has_its_key():
    mixtures = {"populations", "outsiders", "outsider_population", "outsider_profiles"}
    assert {s.field for s in SETTINGS if s.field} == {field.name for field in fields(Settings)} - mixtures


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_key_stands_in_the_header_and_is_filled(table):
    assert table.key
    may_be_empty = {("dental", "date")}  # a chart whose date is not stated
    empty = {column.name for column in table.columns if column.key and not column.filled}
    assert {(table.name, name) for name in empty} <= may_be_empty
    assert all(column.header for column in table.columns if column.key)
    assert all(column.choices for column in table.columns if column.kind is Kind.CHOICE)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_column_takes_words_only_where_the_record_keeps_them(table):
    record = RECORDS.get(table.name)
    keeps = record is not None and "absent" in {field.name for field in fields(record)}
    assert keeps or not any(column.words for column in table.columns)
