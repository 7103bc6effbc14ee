"""The columns and settings of a programme folder as Markdown, for docs/methods/programme-folder.md."""

from __future__ import annotations

from collections.abc import Iterator

from homeward.formats.cells import number_text
from homeward.formats.columns import Column, Kind, Table
from homeward.formats.schema import TABLES
from homeward.formats.settings import SETTINGS, Setting

BEGIN = "<!-- what follows is written by `python -m homeward.formats.documentation` -->"


def columns_and_settings() -> str:
    """Every file with its columns, then every setting of programme.toml."""
    return "\n".join([BEGIN, "", *_tables(), *_settings()])


def _tables() -> Iterator[str]:
    for table in TABLES:
        yield f"## {table.file}"
        yield ""
        yield f"{table.meaning} Key: {', '.join(table.key)}."
        yield ""
        yield "| column | holds | must | meaning |"
        yield "|---|---|---|---|"
        yield from (_column(table, column) for column in table.columns)
        yield ""


def _column(table: Table, column: Column) -> str:
    must = "be filled" if column.filled else "stand in the header" if column.header else ""
    name = f"{column.name}*" if column.key else column.name
    return f"| {name} | {_holds(column)} | {must} | {column.meaning} |"


def _holds(column: Column) -> str:
    holds = "; ".join(choice.value for choice in column.choices) if column.choices else column.kind.value
    if column.kind is Kind.LIST:
        holds = "texts, separated by `;`"
    if column.low is not None:
        upper = f" to {number_text(column.high)}" if column.high is not None else " or more"
        holds += f", {number_text(column.low)}{upper}"
    return f"{holds}, or why it is absent" if column.words else holds


def _settings() -> Iterator[str]:
    yield "## programme.toml"
    yield ""
    yield "| section | key | may be | meaning |"
    yield "|---|---|---|---|"
    for setting in SETTINGS:
        yield f"| {setting.section} | {setting.key} | {_may_be(setting)} | {setting.meaning} |"
    yield "| populations | name of a population | weight | The roster's mixture of populations; sums to 1. |"
    yield "| prior.outsiders | name of a group | weight | Prior that remains are of an outsider of the group. |"
    yield "| outsiders.GROUP | population | text | The population of the group, as named in frequencies.csv. |"
    yield "| outsiders.GROUP | male_share | number | Share of men in the group; not stated: as the roster's. |"
    yield "| outsiders.GROUP | stature_mean_cm, stature_sd_cm | number | Statures of the group; as the roster's. |"
    yield "| outsiders.GROUP | age_low, age_high | number | Ages at death in the group; as the roster's. |"
    yield ""


_MAY_BE = {"date": "date", "text": "text", "yes_no": "true, false", "lines": "some of the lines"}


def _may_be(setting: Setting) -> str:
    if setting.choices:
        return ", ".join(setting.choices)
    if setting.kind == "number":
        return "above 0" if setting.high > 1 else "above 0, to 1" if setting.low else "0 to 1"
    if setting.kind == "whole":
        return number_text(setting.low) if setting.low == setting.high else "whole number"
    return _MAY_BE[setting.kind]


if __name__ == "__main__":
    print(columns_and_settings(), end="")
