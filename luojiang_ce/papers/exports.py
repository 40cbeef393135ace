"""The list of papers as a workbook: the columns of its page, in words."""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.sheets.exports import ListExport, Told, register_export

from .forms import PaperFilter
from .models import Paper, know_reviews
from .subjects import name_subjects


def _dressed(papers: list[Paper], account: Actor) -> list[Paper]:
    name_subjects(papers, account)
    return know_reviews(papers)


PAPERS = ListExport(
    "文书",
    lambda account: Paper.objects.visible_to(account).with_successors().order_by("-dated", "-pk"),
    PaperFilter,
    (
        Told("编号", "number", width=24),
        Told("标题", "title", width=50),
        Told("姓名", "about", "name", 20),
        Told("成文日期", "dated", "date"),
        Told("签发", lambda paper: clock.day_of(paper.issued_at), "date"),
        Told("页数", "pages", "integer", 8),
        Told("状态", "state_said", width=32),
    ),
    dress=lambda rows, query, account: _dressed(rows, account),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("papers", PAPERS)
