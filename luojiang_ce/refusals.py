"""What a service says when it cannot write now."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from django.db import IntegrityError, OperationalError


class Mended(str):
    """A reason that knows where it is mended: on pages these of its words are links; elsewhere it is its text."""

    links: Mapping[str, str]

    def __new__(cls, text: str, links: Mapping[str, str]) -> Self:
        made = super().__new__(cls, text)
        made.links = links
        return made


class Particular(str):
    """A reason with figures of one row; `general` is the same reason as it is said of many at once."""

    general: str

    def __new__(cls, text: str, general: str) -> Self:
        made = super().__new__(cls, text)
        made.general = general
        return made


log = logging.getLogger(__name__)
CLASH = "刚刚有人登记了相同的内容，请核对后再保存一次"
IN_THE_WAY = "刚刚有人同时在办相关的事项，这一次没有做成，请再点一次"
_DEADLOCK = "40P01"  # what PostgreSQL calls it


class NotPossible(Exception):
    """The write is not possible now. `reasons` says everything that stands in the way and what to do, in Chinese.

    A reason may belong beside a field of the form: `NotPossible(ends_on="终止日期早于起始日期")`, or several of them as
    a list. `by_field` holds the reasons by field, those about the whole under "".
    """

    def __init__(self, *reasons: str, **by_field: str | Sequence[str]) -> None:
        found = {field: [texts] if isinstance(texts, str) else list(texts) for field, texts in by_field.items()}
        self.by_field = {"": [*reasons, *found.pop("", ())], **found} if reasons else found
        self.reasons = [text for texts in self.by_field.values() for text in texts]
        super().__init__("；".join(self.reasons))


def tell_form(form: Any, refused: NotPossible) -> None:
    """All reasons, each beside its field where the form has it; the others are about the whole."""
    for field, texts in refused.by_field.items():
        for text in texts:
            form.add_error(field if field in form.fields else None, text)


@contextmanager
def refusing_clashes() -> Iterator[None]:
    """Of two at once the database lets one in. Raises NotPossible for the other, of whom nothing was written."""
    try:
        yield
    except IntegrityError as error:
        log.warning("the database refused a write", exc_info=True)
        raise NotPossible(CLASH) from error
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _DEADLOCK:
            raise
        log.warning("two waited for each other", exc_info=True)
        raise NotPossible(IN_THE_WAY) from error
