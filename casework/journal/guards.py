"""The database's own refusal to change or delete what the journal says, per kind of database."""

from __future__ import annotations

from typing import Any

CREATE: dict[str, list[str]] = {
    "sqlite": [
        f"CREATE TRIGGER journal_refuses_{act.lower()} BEFORE {act} ON journal_record "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
        for act in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION journal_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$",
        "CREATE TRIGGER journal_refuses_change BEFORE UPDATE OR DELETE ON journal_record "
        "FOR EACH ROW EXECUTE FUNCTION journal_refuses()",
        "CREATE TRIGGER journal_refuses_truncate BEFORE TRUNCATE ON journal_record "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuses()",
    ],
}

DROP: dict[str, list[str]] = {
    "sqlite": ["DROP TRIGGER journal_refuses_update", "DROP TRIGGER journal_refuses_delete"],
    "postgresql": [
        "DROP TRIGGER journal_refuses_change ON journal_record",
        "DROP TRIGGER journal_refuses_truncate ON journal_record",
        "DROP FUNCTION journal_refuses",
    ],
}


def guard(_apps: Any, schema_editor: Any) -> None:
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unguard(_apps: Any, schema_editor: Any) -> None:
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
