"""Clerks who save rows of their plans over HTTP all the while, as people do: what the page says did not come about is
sent again from that page. They note what was answered as saved."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from http.cookies import SimpleCookie
from threading import Event
from typing import Any

import lxml.html
import requests
from django.conf import settings
from django.urls import reverse

from tests.factories import account_with
from tests.luojiang_ce.home.test_sent_once import ROW, signed_in
from tests.processes import wait_for
from tests.training.plans.factories import a_plan
from training.plans.models import Plan, PlanItem
from units.models import Account, Unit

PAUSE = 0.2  # seconds; the page says thirty
Fields = dict[str, str]
Files = Mapping[str, tuple[str, bytes]]  # by the field: name and content


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: HTTPMessage
    text: str

    def form(self, path: str, *names: str) -> Fields:
        """What its form that is sent to `path` and has these fields sends."""
        forms = lxml.html.fromstring(self.text).forms
        found = next(each for each in forms if each.action in (None, "", path) and set(names) <= set(each.fields))
        return {name: (value or "").removeprefix("\n") for name, value in found.form_values()}


class Browser:
    """Signed in, with cookies of its own."""

    def __init__(self, port: int, account: Account) -> None:
        self.port, self.came_back = port, 0
        self.cookies = {settings.SESSION_COOKIE_NAME: signed_in(account).cookies[settings.SESSION_COOKIE_NAME].value}

    def ask(self, method: str, path: str, typed: Mapping[str, str] | None = None, files: Files | None = None) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = requests.Request(method, f"http://127.0.0.1:{self.port}{path}", data=typed, files=files).prepare()
        headers = {**sent.headers, "Cookie": cookies, "Accept": "text/html"}
        to = HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            to.request(method, path, sent.body, headers)
            got = to.getresponse()
            text = got.read().decode()
        finally:
            to.close()
        for told in got.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: each.value for name, each in SimpleCookie(told).items()}
        return Answer(got.status, got.headers, text)

    def save(self, path: str, files: Files | None = None, **typed: str) -> str:
        """Open the page, type, send; where it says that this did not come about, send what stands there again, with the
        files chosen anew, until it did. Where it led."""
        shown = self._opened(path)
        answer = self.ask("POST", path, {**shown.form(path, *typed), **typed}, files)
        while answer.status != 302:
            assert self._is_away(answer), f"{answer.status}: {answer.text[-3000:]}"
            again = answer.form(path, *typed)
            assert {name: again[name] for name in typed} == typed, "what was typed did not come back"
            time.sleep(PAUSE)
            answer = self.ask("POST", path, again, files)
        return str(answer.headers["Location"])

    def _opened(self, path: str) -> Answer:
        while (answer := self.ask("GET", path)).status != 200:
            assert self._is_away(answer), f"{answer.status}: {answer.text[-3000:]}"
            time.sleep(PAUSE)
        return answer

    def _is_away(self, answer: Answer) -> bool:
        self.came_back += 1
        return answer.status == 503 and answer.headers["Retry-After"] == "30"


def act(port: int, account: Account, case: Any, name: str) -> None:
    """Press the button of a case."""
    path = reverse("workflow:act", args=[case._meta.label_lower, case.pk, name])
    Browser(port, account).save(path)


@dataclass
class Clerk:
    """Of one plan, and what was said to be saved of it."""

    browser: Browser
    plan: Plan
    saved: list[str] = field(default_factory=list)

    def save_until(self, over: Event) -> None:
        path, home = reverse("plans:item_new", args=[self.plan.pk]), self.plan.get_absolute_url()
        facts = {name: str(value) for name, value in ROW.items()}
        while not over.is_set():
            title = f"第 {len(self.saved) + 1} 个水肥一体化培训班"
            led = self.browser.save(path, **{**facts, "title": title})
            assert led.startswith(home), led
            self.saved.append(title)


class Office:
    """Some clerks at work."""

    def __init__(self, port: int, unit: Unit, number: int) -> None:
        self.over, self.clerks = Event(), []
        for n in range(number):
            account = account_with("unit_clerk", unit)
            self.clerks.append(Clerk(Browser(port, account), a_plan(unit, 2027 + n, created_by=account)))
        self.at_work: list[Future[None]] = []

    @property
    def number(self) -> int:
        return sum(len(clerk.saved) for clerk in self.clerks)

    @property
    def came_back(self) -> int:
        """How many pages said that it did not come about."""
        return sum(clerk.browser.came_back for clerk in self.clerks)

    def until_more_is_saved(self) -> None:
        """By each of them."""
        before = [len(clerk.saved) for clerk in self.clerks]
        self.until(lambda: all(len(each.saved) > n for each, n in zip(self.clerks, before, strict=True)))

    def until(self, done: Any) -> None:
        """However slow the machine is; fails when one of them has met what no page should say."""
        wait_for(lambda: self._all_work() and done())

    def _all_work(self) -> bool:
        for each in self.at_work:
            if each.done():
                each.result()
        return True

    def everything_is_there_once(self) -> None:
        for clerk in self.clerks:
            there = Counter(PlanItem.objects.filter(plan=clerk.plan).values_list("title", flat=True))
            assert there == Counter(clerk.saved)


@contextmanager
def saving(port: int, unit: Unit, number: int = 2) -> Iterator[Office]:
    """They save inside the block; at its end they finish what they have begun, and it is counted."""
    office = Office(port, unit, number)
    with ThreadPoolExecutor(number) as pool:
        office.at_work += [pool.submit(clerk.save_until, office.over) for clerk in office.clerks]
        try:
            office.until_more_is_saved()
            yield office
        finally:
            office.over.set()
    office._all_work()
    office.everything_is_there_once()
