"""What migrations need that change both rows and tables."""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython


def check_rows_now() -> RunPython:
    """The operation between changing rows and changing their table: PostgreSQL alters no table whose changed rows wait
    for the checks at the end of the transaction."""
    return RunPython(_check_now, RunPython.noop, elidable=True)


def _check_now(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
