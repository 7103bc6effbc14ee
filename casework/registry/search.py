"""The index by which a person is found, kept by the database itself at every change."""

from __future__ import annotations

from typing import Any

# Trigrams of search_text. On another database the text is searched as it stands.
CREATE = (
    "CREATE VIRTUAL TABLE registry_search USING fts5("
    "search_text, content='registry_missingperson', content_rowid='id', tokenize='trigram')",
    "CREATE TRIGGER registry_search_insert AFTER INSERT ON registry_missingperson BEGIN "
    "INSERT INTO registry_search(rowid, search_text) VALUES (new.id, new.search_text); END",
    "CREATE TRIGGER registry_search_delete AFTER DELETE ON registry_missingperson BEGIN "
    "INSERT INTO registry_search(registry_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); END",
    "CREATE TRIGGER registry_search_update AFTER UPDATE OF search_text ON registry_missingperson BEGIN "
    "INSERT INTO registry_search(registry_search, rowid, search_text) VALUES ('delete', old.id, old.search_text); "
    "INSERT INTO registry_search(rowid, search_text) VALUES (new.id, new.search_text); END",
)
DROP = (
    "DROP TRIGGER registry_search_insert",
    "DROP TRIGGER registry_search_delete",
    "DROP TRIGGER registry_search_update",
    "DROP TABLE registry_search",
)


def create(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for statement in CREATE:
            schema_editor.execute(statement)


def drop(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for statement in DROP:
            schema_editor.execute(statement)
