"""What each form of learning is asked (notice 一(四), 二(一)): which fields, what they are called there.

Kept as columns, not as one JSON value: what two cases share (a certificate's number, a periodical) is found by the
database, an edit is told in words field by field, lists and exports read them by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from verification.choices import Form

HELD = ("title", "organiser", "date_from", "date_to", "paid")
COUNTED = ("year", "subject", "amount", "basis", "intensive", "course", "note")


@dataclass(frozen=True)
class Shape:
    """The fields of one form of learning. `own`: those that no other kind of learning has to fill in; `labels`,
    `helps`: what fields are called here, and what is said below them."""

    learned: tuple[str, ...] = HELD
    counted: tuple[str, ...] = COUNTED
    own: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    helps: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.learned, *self.counted)

    def label(self, model: Any, name: str) -> str:
        """What a field is called here."""
        return self.labels.get(name) or str(model._meta.get_field(name).verbose_name)


PLAIN = Shape()
NOT_INTENSIVE = tuple(name for name in COUNTED if name != "intensive")
SHAPES: Mapping[str, Shape] = {
    Form.REMOTE: Shape(counted=NOT_INTENSIVE),
    Form.DEGREE: Shape(
        counted=NOT_INTENSIVE,
        labels={"title": "专业、学历学位", "organiser": "院校"},
        helps={"date_to": "还在读的，填预计毕业的日期，逐年申报"},
    ),
    Form.PAPER: Shape(
        ("title", "organiser", "date_from", "date_to", "confirmed_on"),
        NOT_INTENSIVE,
        own=("confirmed_on",),
        labels={"title": "论文题目", "organiser": "刊物"},
    ),
    Form.SELF_STUDY: Shape(
        ("filing", "date_from", "date_to"),
        ("year", "amount", "course", "note"),
        own=("filing",),
        helps={"amount": "不超过备案的每人学时；主题、科目和依据按备案"},
    ),
}
OWN = tuple(dict.fromkeys(name for shape in SHAPES.values() for name in shape.own))


def shape_of(form: str) -> Shape:
    """What this form of learning is asked; of none that is known what all are."""
    return SHAPES.get(form, PLAIN)
