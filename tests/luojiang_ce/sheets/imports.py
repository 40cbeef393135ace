"""Imports as tests stage and confirm them, without the pages."""

from __future__ import annotations

from typing import Any, BinaryIO

from django.db.models import Model

from luojiang_ce.sheets.imports import Kind, confirm, submit
from luojiang_ce.sheets.models import ImportBatch


def stage(kind: Kind, *, application: Model, file: BinaryIO, name: str, actor: Any) -> ImportBatch:
    """The import of a file that was uploaded and read."""
    return submit(kind, scope=application, file=file, name=name, size=0, actor=actor)


def confirmed(kind: Kind, *, batch: ImportBatch, application: Model, actor: Any) -> dict[str, int]:
    """How many had which result."""
    return dict.fromkeys((code for code, _ in kind.results), 0) | confirm(kind, batch, actor=actor).result
