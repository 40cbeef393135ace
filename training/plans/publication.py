"""The document that publishes a batch (notice 一(五)1): its number and date, checked the same for form and act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from luojiang_ce import clock
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.dates import chinese_day
from luojiang_ce.papers.document_numbers import (
    DocumentNumber,
    free_says,
    gaps_said,
    last_code,
    next_free,
    parse,
    written,
)
from luojiang_ce.papers.document_numbers import problems as number_problems
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import as_asked
from luojiang_ce.workflow.case_kind import Context
from units.notify import clerks_of_units

from . import papers
from .models import PlanBatch

CODE = "泉洛政人社"  # the bureau's own on the notice, until another is used
NUMBER, DAY = "document_number", "published_on"
REPLACED = "replaces"  # the number of the document that whoever decides has read


def proposed(today: date) -> DocumentNumber:
    """The next free number of the year, as far as this system knows."""
    return next_free(last_code(today.year, default=CODE), today.year)


def proposal_said(free: DocumentNumber) -> str:
    """How the proposed number is explained, with the numbers before it that nothing of this system has."""
    left_out = gaps_said(free.code, free.year)
    gap = f"；前面没有用过的有 {left_out}" if left_out else ""
    return f"本系统里下一个未用的是 {free}{gap}。另有发文的，按发文登记填写"


def problems(batch: PlanBatch, number: str, day: date | None) -> Iterator[tuple[str, str]]:
    """What is wrong with number and date of the document, each with the field it belongs to."""
    for problem in number_problems(number, day):
        yield NUMBER, problem
    taken = PlanBatch.objects.filter(document_number=written(number)).exclude(pk=batch.pk).first()
    if taken and not Paper.objects.filter(number=written(number)).exists():  # of a paper it has been said
        known = parse(written(number))
        free = f"；{free_says(known.code, known.year)}" if known else ""
        yield NUMBER, f"文号 {written(number)} 已用于“{taken}”，请核对{free}"
    if day and day > clock.today():
        yield DAY, "发文日期在今天之后，请核对"
    last = max((consent.given_on for consent in batch.consents.all()), default=None)
    if day and last and day < last:
        yield DAY, f"发文日期早于最后一份会签意见（{chinese_day(last)}），经两家同意后才能发文（通知 一(五)1）"


def as_it_was_read(context: Context) -> str | None:
    """Two officers at one publication: whoever decides on the document of before is told of the one in its place."""
    batch: PlanBatch = context.case
    read = context.data.get(REPLACED)
    if not read or read == batch.document_number:
        return None
    now = f"已改以 {batch.document_number} 发文" if batch.document_number else "已撤销公布"
    return f"您打开本页之后，{read} {now}，这次没有办理。请返回，看清现在的项目再决定"


def document_is_sound(context: Context) -> str | None:
    """Whoever publishes, from a page or not: number and date hold."""
    if context.ahead:
        return None
    data: Any = context.data
    return "；".join(said for _, said in problems(context.case, data[NUMBER], data[DAY])) or None


def correct_document(context: Context) -> None:
    """Number or date were wrong: what the document published, changes too, is from now on published by the new one."""
    batch, day = context.case, context.data[DAY]
    published = batch.changes.filter(document_number=batch.document_number)
    published.update(document_number=written(context.data[NUMBER]), published_on=day)
    replace_document(context, superseding=context.note)


def adjust_document(context: Context) -> None:
    """Another document takes the place of the one whose projects were changed. Of that one the public reads where it
    was adjusted, not for what reason one of its units asked; which one holds today the check says itself, for there may
    be a third."""
    replace_document(context, superseding=f"培训项目有调整，见 {written(context.data[NUMBER])}")


def replace_document(context: Context, *, superseding: str) -> None:
    """Another document takes the place of the one before; `superseding` is what the public reads of that one."""
    said = f"{context.case.document_number}已{context.transition.done}，以新文号为准"
    issue_document(context, said, superseding=superseding)


def issue_document(context: Context, said: str, superseding: str | None = None) -> None:
    """The document under the number and date that the bureau gave; the units are told. `superseding`: why the one
    before it does not hold any more."""
    batch: PlanBatch = context.case
    batch.document_number, batch.published_on = written(context.data["document_number"]), context.data["published_on"]
    papers.request_publication(batch, context.actor, superseding=superseding, **as_asked(context.data))
    tell_units(context, f"{said}：{batch.document_number}")


def tell_units(context: Context, title: str, text: str = "") -> None:
    """The clerks of every unit with a project in the batch."""
    batch, key = context.case, f"{context.transition.name}-{context.case.pk}-{context.now:%Y%m%d%H%M%S}"
    notify(clerks_of_units(batch.items.order_by().values("unit")), title, key=key, text=text, case=batch)
