"""Reference data: facts with a source that ship in `fixtures/` as plain rows and stand in the tables after `migrate`.

They are put in after every migration, the way Django puts in its content types, so that a fresh database, an upgraded
one and one that was flushed all have them. A row that is already there is left alone: the bureau may have changed it.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Model


def shipped_rows(name: str) -> list[dict[str, Any]]:
    """The rows of `fixtures/NAME.json`."""
    path = settings.BASE_DIR / "fixtures" / f"{name}.json"
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return rows


def ensure_rows(model: type[Model], rows: Sequence[dict[str, Any]], *key: str) -> None:
    """Creates the rows whose `key` fields are not in the table yet; changes none."""
    known = {tuple(map(str, row)) for row in model._default_manager.values_list(*key)}
    new = [model(**row) for row in rows if tuple(str(row[field]) for field in key) not in known]
    model._default_manager.bulk_create(new)
