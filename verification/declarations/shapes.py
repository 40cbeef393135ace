"""What each form of learning is asked (notice 一(四), 二(一)): which fields, what they are called there.

Kept as columns, not as one JSON value: what two cases share (a certificate's number, a periodical) is found by the
database, an edit is told in words field by field, lists and exports read them by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from luojiang_ce.workdays.text import full
from verification.choices import Form

HELD = ("title", "organiser", "date_from", "date_to", "paid")
COUNTED = ("year", "subject", "amount", "basis", "intensive", "course", "note")


@dataclass(frozen=True)
class Shape:
    """The fields of one form of learning. `own`: those among them that not every kind of learning is
    asked; `public`: what is asked of a public subject; `labels`, `helps`: what fields are called here, what is said
    below them."""

    learned: tuple[str, ...] = HELD
    counted: tuple[str, ...] = COUNTED
    own: tuple[str, ...] = ()
    public: tuple[str, ...] = ("catalogue", "organiser_unit")
    labels: Mapping[str, str] = field(default_factory=dict)
    helps: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        return (*self.learned, *self.counted, *self.public)

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
        ("title", "organiser", "serial", "date_from", "authorship", "confirmed_on"),
        NOT_INTENSIVE,
        own=("serial", "authorship", "confirmed_on"),
        labels={"title": "论文题目", "organiser": "刊物", "date_from": "发表日期"},
    ),
    # notice 一(四): 经核准的技能培训
    Form.SKILLS: Shape(
        (*HELD, "approver", "approval"),
        own=("approver", "approval"),
        labels={"approver": "核准机关", "approval": "核准文件"},
        helps={"approval": "文件名、文号"},
    ),
    # notice 一(五)1: 按照分级管理原则, approved at its own level
    Form.ELSEWHERE: Shape(
        (*HELD, "approver", "approval", "check_code"),
        own=("approver", "approval", "check_code"),
        labels={"organiser": "举办的基地或主管部门", "approver": "批准的人社部门"},
        helps={
            "approver": "按分级管理，批准此班的市级及以上或外地人社部门",
            "approval": "核准或公布此班的文件名、文号",
            "check_code": "学时证明上的网址、编号或核验码，供审核人员查验",
        },
    ),
    Form.TRANSFER: Shape(
        ("organiser",),
        ("year", "subject", "amount", "basis", "note"),
        public=(),
        labels={"organiser": "转出地区", "basis": "转出证明"},
        helps={
            "organiser": "市、县（市、区），例如某市某区",
            "year": "在转出地区学习的年度，一个年度一个科目一件",
            "basis": "验证证明或继续教育证书的名称、编号",
        },
    ),
    Form.SELF_STUDY: Shape(
        ("filing", "date_from", "date_to"),
        ("year", "amount", "course", "note"),
        own=("filing",),
        public=("catalogue",),
        labels={"organiser": "组织单位"},
        helps={"amount": "不超过备案的每人学时；主题、科目和依据按备案"},
    ),
}
OWN = tuple(dict.fromkeys(name for shape in SHAPES.values() for name in shape.own))
NEEDED = ("approver", "approval", "check_code", "serial", "authorship")  # where they are asked


def shape_of(form: str) -> Shape:
    """What this form of learning is asked; of none that is known what all are."""
    return SHAPES.get(form, PLAIN)


def days_called(form: str) -> str:
    """What the days of this form of learning are called; nothing where none are asked."""
    shape = shape_of(form)
    return shape.labels.get("date_from", "起止日期") if "date_from" in shape.learned else ""


def told(case: Any) -> list[tuple[str, str]]:
    """What a declaration says besides what all say, in words: for its page, the ledger and the workbook."""
    shape = shape_of(case.form)
    names = [*(name for name in shape.own if name != "filing"), "level", *shape.public]
    return [(shape.label(type(case), name), said) for name in names if (said := _said(case, name))]


def _said(case: Any, name: str) -> str:
    value = getattr(case, name)
    display = getattr(case, f"get_{name}_display", None)
    return full(value) if isinstance(value, date) else str(display() if display else value or "")
