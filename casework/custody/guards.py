"""The database's own refusal to rewrite what happened or to free a number, per kind of database.

Events and weighings can be neither changed nor deleted; containers, items, identifiers and seals cannot
be deleted, and their numbers not changed. A mistake is voided by a later event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

APPEND_ONLY = ("custody_custodyevent", "custody_weighing", "custody_descent", "custody_identifier")
NEVER_DELETED = ("custody_container", "custody_item", "custody_seal", "custody_stocktake", "custody_stockline")
FIXED = {
    "custody_container": ("number", "key", "holder_id", "numbered_by_id"),
    "custody_item": ("number", "key", "holder_id"),
    "custody_seal": ("number", "key", "holder_id", "container_id"),
}
WORDS = "custody is append-only: void it instead"


def _sqlite() -> Iterator[tuple[str, str]]:
    for table in (*APPEND_ONLY, *NEVER_DELETED):
        yield f"{table}_refuses_delete", f"BEFORE DELETE ON {table}"
    for table in APPEND_ONLY:
        yield f"{table}_refuses_update", f"BEFORE UPDATE ON {table}"
    for table, columns in FIXED.items():
        changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
        yield f"{table}_refuses_update", f"BEFORE UPDATE ON {table} WHEN {changed}"


def _postgresql() -> Iterator[tuple[str, str, str]]:
    for table in (*APPEND_ONLY, *NEVER_DELETED):
        yield f"{table}_refuses_delete", table, f"BEFORE DELETE ON {table} FOR EACH ROW"
        yield f"{table}_refuses_truncate", table, f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
    for table in APPEND_ONLY:
        yield f"{table}_refuses_update", table, f"BEFORE UPDATE ON {table} FOR EACH ROW"
    for table, columns in FIXED.items():
        changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
        yield f"{table}_refuses_update", table, f"BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed})"


CREATE: dict[str, list[str]] = {
    "sqlite": [f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END" for name, when in _sqlite()],
    "postgresql": [
        "CREATE FUNCTION custody_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$",
        *(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION custody_refuses()" for name, _on, when in _postgresql()),
    ],
}

DROP: dict[str, list[str]] = {
    "sqlite": [f"DROP TRIGGER {name}" for name, _when in _sqlite()],
    "postgresql": [
        *(f"DROP TRIGGER {name} ON {table}" for name, table, _when in _postgresql()),
        "DROP FUNCTION custody_refuses",
    ],
}


def guard(_apps: Any, schema_editor: Any) -> None:
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unguard(_apps: Any, schema_editor: Any) -> None:
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
