"""Every place that says when something is due says the same: what it is, whose, until when, and how it was counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from luojiang_ce import clock
from luojiang_ce.deadlines import feed
from luojiang_ce.deadlines.owed import Asked, Owed, running
from luojiang_ce.notices.models import Notice
from luojiang_ce.workdays.deadlines import working_days_left
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workdays.text import full_with_weekday
from luojiang_ce.workflow.case_kind import Context, workflow_of
from luojiang_ce.workflow.engine import refusals
from units.extensions.models import Reminder, ReminderDay
from units.filed_case import in_time
from units.lapses.reminding import STEPS_OF_BUREAU, STEPS_OF_UNIT, remind
from units.models import Account
from units.notify import whose_turn

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Reader:
    """What one account is shown now."""

    def __init__(self, account: Account) -> None:
        self.account, self.client = account, Client()
        self.client.force_login(account, backend=BACKEND)
        lists = self.client.get("/").context["lists"]
        self.start = {(row.todo.title, row.todo.due): row.meaning == "late" for row in lists.mine}
        self.cut = lists.mine_total > len(lists.mine)
        self.feed = {
            (str(event["summary"]), event.decoded("dtstart"), str(event["description"]))
            for event in Calendar.from_ical(feed.as_calendar(account, "http://localhost")).walk("VEVENT")
        }

    @cached_property
    def board(self) -> set[tuple[str, Any, str, bool]]:
        """Every row of every page; is it red?"""
        first = self.client.get(reverse("deadlines:board"))
        if first.status_code == 404:
            return set()
        numbers = range(2, first.context["page_obj"].paginator.num_pages + 1)
        pages = [self.client.get(reverse("deadlines:board"), {"page": number}) for number in numbers]
        rows = [row for page in (first, *pages) for row in page.context["rows"]]
        return {(row.owed.title, row.owed.clock.due, row.badge.title, row.badge.meaning == "is-late") for row in rows}


def contradictions() -> Iterator[str]:
    """What the places say differently now, about whatever has a deadline."""
    found = running(Asked(terms_in_force()))
    readers: dict[int, Reader] = {}
    for owed, accounts in zip(found, whose_turn(found), strict=True):
        for account in accounts[:1]:
            if account.pk not in readers:
                readers[account.pk] = Reader(account)
            yield from _elsewhere(owed, readers[account.pk])
        yield from _names(owed)
    yield from _reminders(found)


def _names(owed: Owed) -> Iterator[str]:
    """What goes out by mail or to a phone's calendar names nobody."""
    person = getattr(owed.about, "person", None)
    if person and person.name in owed.public_title:
        yield f"names somebody: {owed.public_title}"


def _elsewhere(owed: Owed, reader: Reader) -> Iterator[str]:
    due, explanation, late = owed.clock.due, owed.clock.explanation, owed.is_late(clock.now())
    said = f"{owed.title} {due}{' overdue' if late else ''}"
    if (owed.title, due) not in reader.start and not reader.cut:
        yield f"start page: {said}"
    if reader.start.get((owed.title, due), late) is not late:
        yield f"start page is {'not ' if late else ''}red: {said}"
    if reader.board and not any(
        (title, day, red) == (owed.title, due, late) and explanation in text for title, day, text, red in reader.board
    ):
        yield f"board: {said}"
    summary = f"{owed.public_title}截止" + ("（暂定）" if owed.clock.provisional else "")
    if (summary, due, explanation) not in reader.feed:
        yield f"feed: {said}"
    if owed.case and hasattr(owed.about, "state") and owed.case == (owed.about._meta.label_lower, owed.about.pk):
        yield from _case_page(owed, reader)
        yield from _guard(owed, reader)


def _case_page(owed: Owed, reader: Reader) -> Iterator[str]:
    if owed.turn not in workflow_of(owed.about).states[owed.about.state].turns:
        return  # a duty about a case of another kind
    page = reader.client.get(owed.about.get_absolute_url())
    shown = page.context["page"]
    explained = [badge.title for badge in shown.deadlines]
    if shown.act != owed.turn.act or not any(owed.clock.explanation in title for title in explained):
        yield f"case page: {owed.title} {owed.clock.due}, {shown.act} {explained}"
    if (late := owed.is_late(clock.now())) is not any(badge.meaning == "is-late" for badge in shown.deadlines):
        yield f"case page is {'not ' if late else ''}red: {owed.title}"


def _guard(owed: Owed, reader: Reader) -> Iterator[str]:
    """Until the last moment nothing is too late; at the next one the refusal explains the same day."""
    case = owed.about
    for transition in workflow_of(case).transitions:
        fires = case.state in transition.sources and transition.who.test(reader.account, case)
        if fires and transition.files and in_time in transition.guards:
            for moment, late in ((owed.clock.closes - timedelta(seconds=1), False), (owed.clock.closes, True)):
                with clock.at(moment):
                    reasons = refusals(case, transition, Context(case, reader.account, transition, moment))
                if any(owed.clock.explanation in reason for reason in reasons) is not late:
                    yield f"guard: {owed.title} at {moment}: {reasons}"


def _reminders(found: list[Owed]) -> Iterator[str]:
    """Of all that is reminded of today each digest says the line and the day."""
    today, calendar = clock.today(), terms_in_force().calendar
    if not calendar.is_working(today):
        return
    with transaction.atomic():
        ReminderDay.objects.all().delete()
        Reminder.objects.all().delete()
        before = set(Notice.objects.values_list("pk", flat=True))
        remind()
        texts = list(Notice.objects.exclude(pk__in=before).values_list("text", flat=True))
        transaction.set_rollback(True)
    for owed, accounts in zip(found, whose_turn(found), strict=True):
        left = working_days_left(calendar, today, owed.clock.due)
        asked = left in (STEPS_OF_UNIT if owed.of_unit else STEPS_OF_BUREAU) and not owed.is_late(clock.now())
        line = f"{owed.title}：{full_with_weekday(owed.clock.due)} 截止，还剩 {left} 个工作日"
        if asked and accounts and not any(line in text or "另有" in text for text in texts):
            yield f"reminder: {line}"
