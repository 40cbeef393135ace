"""Append-only tables: triggers on SQLite and PostgreSQL that refuse UPDATE and DELETE."""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython

_SQLITE = """CREATE TRIGGER {table}_no_{lower} BEFORE {action} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""
_FUNCTION = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"""
_POSTGRES = "CREATE TRIGGER {table}_no_{lower} BEFORE {action} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
# Of a row that left, what stays of it is written first; the trigger lets it go then, and no other.
_STAYS = "SELECT 1 FROM {left} WHERE {key} = OLD.id"
_STAYS_WITH_PART = "SELECT 1 FROM {left} JOIN {parts} ON {parts}.number = {left}.part_id WHERE {left}.{key} = OLD.id"
_SQLITE_LETS_GO = """CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
WHEN NOT EXISTS ({stays})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""
_POSTGRES_LETS_GO = """CREATE OR REPLACE FUNCTION refuse_unless_in_{left}() RETURNS trigger AS $$
BEGIN
  IF NOT EXISTS ({stays}) THEN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
  END IF;
  RETURN OLD;
END $$ LANGUAGE plpgsql"""
_DROP = {
    "sqlite": "DROP TRIGGER IF EXISTS {table}_no_{lower}",
    "postgresql": "DROP TRIGGER IF EXISTS {table}_no_{lower} ON {table}",
}
_ACTIONS = ("UPDATE", "DELETE")


def append_only(*tables: str) -> RunPython:
    """The migration operation that makes these tables append-only, and its reverse.

    It is repeated after every change of such a table: SQLite rebuilds the table and so loses the triggers.
    """
    return RunPython(lambda apps, editor: protect(editor, tables), lambda apps, editor: release(editor, tables))


def lets_go(table: str, left: str, key: str, parts: str = "") -> RunPython:
    """The migration operation by which rows of an append-only table may go once `left` has a row whose `key` is their
    id, which belongs to one of `parts` (their `number`); repeated, after `append_only`, with every change of such a
    table. Going back, it is what it was before there were `parts`."""
    return RunPython(
        lambda apps, editor: _let_go(editor, table, left, key, parts),
        lambda apps, editor: _let_go(editor, table, left, key, "") if parts else None,
    )


def _let_go(editor: Any, table: str, left: str, key: str, parts: str) -> None:
    names = {"table": table, "left": left, "key": key, "parts": parts}
    names["stays"] = (_STAYS_WITH_PART if parts else _STAYS).format(**names)
    editor.execute(_DROP[editor.connection.vendor].format(table=table, lower="delete"))
    if editor.connection.vendor != "postgresql":
        editor.execute(_SQLITE_LETS_GO.format(**names))
        return
    editor.execute(_POSTGRES_LETS_GO.format(**names).replace("%", "%%"), params=())
    editor.execute(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION refuse_unless_in_{left}()"
    )


def protect(editor: Any, tables: tuple[str, ...]) -> None:
    """Create the triggers, or create them anew; `editor` is anything with `.connection` and `.execute`."""
    release(editor, tables)
    postgres = editor.connection.vendor == "postgresql"
    if postgres:
        editor.execute(_FUNCTION.replace("%", "%%"), params=())
    for table in tables:
        for action in _ACTIONS:
            template = _POSTGRES if postgres else _SQLITE
            editor.execute(template.format(table=table, action=action, lower=action.lower()))


def release(editor: Any, tables: tuple[str, ...]) -> None:
    """Drop the triggers where they are."""
    template = _DROP[editor.connection.vendor]
    for table in tables:
        for action in _ACTIONS:
            editor.execute(template.format(table=table, lower=action.lower()))
