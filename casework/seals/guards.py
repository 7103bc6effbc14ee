"""The database's own refusal to change what was said, signed and logged, per kind of database.

Of a statement only its standing may change; a signature is written once; an entry or node of a log never changes.
"""

from __future__ import annotations

from typing import Any

SAID = (
    "digest",
    "payload",
    "kind",
    "subject",
    "programme",
    "author_id",
    "made_at",
    "prepared_by",
    "recorded_at",
)
APPEND_ONLY = ("seals_entry", "seals_node")
WHY = "what was signed is append-only"


def _sqlite() -> dict[str, str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
    triggers = {
        "seals_statement_said": f"BEFORE UPDATE OF {', '.join(SAID)} ON seals_statement {refuse}",
        "seals_statement_kept": f"BEFORE DELETE ON seals_statement {refuse}",
        "seals_signer_signed": f"BEFORE UPDATE ON seals_signer WHEN OLD.signed_at IS NOT NULL {refuse}",
        "seals_signer_kept": f"BEFORE DELETE ON seals_signer {refuse}",
    }
    for table in APPEND_ONLY:
        triggers[f"{table}_said"] = f"BEFORE UPDATE ON {table} {refuse}"
        triggers[f"{table}_kept"] = f"BEFORE DELETE ON {table} {refuse}"
    return triggers


def _postgresql() -> dict[str, tuple[str, str]]:
    refuse = "EXECUTE FUNCTION seals_refuse()"
    triggers = {
        "seals_statement_said": (
            "seals_statement",
            f"BEFORE UPDATE OF {', '.join(SAID)} ON seals_statement FOR EACH ROW {refuse}",
        ),
        "seals_statement_kept": ("seals_statement", f"BEFORE DELETE ON seals_statement FOR EACH ROW {refuse}"),
        "seals_signer_signed": (
            "seals_signer",
            f"BEFORE UPDATE ON seals_signer FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) {refuse}",
        ),
        "seals_signer_kept": ("seals_signer", f"BEFORE DELETE ON seals_signer FOR EACH ROW {refuse}"),
    }
    for table in APPEND_ONLY:
        triggers[f"{table}_said"] = (table, f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}")
    for table in ("seals_statement", "seals_signer", *APPEND_ONLY):
        triggers[f"{table}_emptied"] = (table, f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
    return triggers


CREATE: dict[str, list[str]] = {
    "sqlite": [f"CREATE TRIGGER {name} {what}" for name, what in _sqlite().items()],
    "postgresql": [
        f"CREATE FUNCTION seals_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{WHY}'; END $$",
        *(f"CREATE TRIGGER {name} {what}" for name, (_table, what) in _postgresql().items()),
    ],
}

DROP: dict[str, list[str]] = {
    "sqlite": [f"DROP TRIGGER {name}" for name in _sqlite()],
    "postgresql": [
        *(f"DROP TRIGGER {name} ON {table}" for name, (table, _what) in _postgresql().items()),
        "DROP FUNCTION seals_refuse",
    ],
}


def guard(_apps: Any, schema_editor: Any) -> None:
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unguard(_apps: Any, schema_editor: Any) -> None:
    for statement in DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
