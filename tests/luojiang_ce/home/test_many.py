"""What is compared is ticked, taken away and acted on many at once: each row by itself, the refused ones named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.home import many
from luojiang_ce.home.sent_once import KEY
from luojiang_ce.home.templatetags.home import tick
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, sweep
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import AccountFactory, UnitFactory, person_in
from tests.queries import statements
from tests.training.classes.factories import a_lecturer
from tests.units.cases import leave_of
from tests.units.cases import with_evidence as with_proof
from tests.units.extensions.cases import extension_of, lapse_of
from tests.units.sanctions.cases import sanction_of
from tests.units.views.helpers import browser, cost, workbook_rows
from tests.verification.batches.samples import learned
from tests.verification.declarations.cases import declaration_of, in_state, with_evidence
from training.classes.models import Lecturer
from units.extensions.models import Lapse
from units.models import Account, Employment, Leave
from verification.batches.models import Slot
from verification.declarations.models import Declaration

pytestmark = pytest.mark.django_db


def a_leaver(district: District) -> Employment:
    job = person_in(district.unit).employments.get()
    job.ended_on, job.end_reason = clock.today() - timedelta(days=1), "left"
    job.save()
    return job


def a_slot(district: District) -> Slot:
    at = time(8 + Slot.objects.count() % 8)
    day = clock.today() + timedelta(days=1 + Slot.objects.count() // 8)
    return Slot.objects.create(date=day, starts_at=at, ends_at=time(at.hour, 45), capacity=3, place="一楼窗口")


@dataclass(frozen=True)
class List:
    """A list: its pages, what makes a row of it, who looks; who has no business with it sees no address of it."""

    page: str
    export: str
    make: Callable[[District], Any]
    reader: str = "handler"
    stranger: str = "neighbour"
    own: bool = True  # are the rows a unit's, so that a neighbour's ticks reach none?

    def __str__(self) -> str:
        return self.page


LISTS = [
    List("units:list", "units:export", lambda d: UnitFactory(), own=False),
    List("leaves:list", "leaves:export", lambda d: leave_of(d, "submitted")),
    List("people:leavers", "people:export_leavers", a_leaver),
    List("sanctions:list", "sanctions:export", lambda d: sanction_of(d, "in_force")),
    List("accounts:list", "accounts:export", lambda d: AccountFactory(), reader="security_admin", own=False),
    List("ledger:people", "ledger:export", lambda d: person_in(d.unit).employments.get()),
    List(
        "classes:lecturers", "classes:export_lecturers", lambda d: a_lecturer(d.unit, f"温如{Lecturer.objects.count()}")
    ),
    List("terms:lapses", "terms:export_lapses", lambda d: lapse_of(d, subject=str(2000 + Lapse.objects.count()))),
    List("terms:extensions", "terms:export", lambda d: extension_of(d, "submitted")),
    List("batches:slots", "batches:export_slots", a_slot, own=False),
]
NAMES = ("仇远", "莫知之", "温如故", "岳临川")
every_list = pytest.mark.parametrize("shown", LISTS, ids=str)


@every_list
class TestLists:
    def test_it_is_taken_away_whole_and_as_ticked(self, shown: List, district: District) -> None:
        shown.make(district)
        row = shown.make(district)
        client = browser(getattr(district, shown.reader))
        page = client.get(reverse(shown.page)).content.decode()
        assert f'value="{tick(row)}"' in page
        assert f'href="{reverse(shown.export)}?"' in page
        assert page.count("导出 .xlsx") == 1
        whole = workbook_rows(client.get(reverse(shown.export)))
        assert len(whole) > 2
        ticked = workbook_rows(client.post(reverse(shown.export), {"cases": [tick(row), "x", ":"]}))
        assert len(ticked) == 2
        assert ticked[0] == whole[0]
        assert ticked[1] in whole[1:]
        assert client.post(reverse(shown.export), {"cases": []}).status_code == 302

    def test_a_neighbours_ticks_reach_nothing(self, shown: List, district: District) -> None:
        row = shown.make(district)
        answer = browser(district.neighbour).post(reverse(shown.export), {"cases": [tick(row)], "back": "/"})
        assert answer.status_code == (302 if shown.own or shown.page == "units:list" else 404)

    def test_as_many_queries_for_30_as_for_3(self, shown: List, district: District) -> None:
        reader = getattr(district, shown.reader)
        for address in (shown.page, shown.export):
            few, lots = cost(reader, reverse(address), lambda: shown.make(district))
            assert few == lots
            assert lots <= 13


def post_step(client: Client, rows: list[Any], name: str, **typed: str) -> Any:
    url = reverse("home:many", args=[rows[0]._meta.label_lower, name])
    return client.post(url, {"cases": [tick(row) for row in rows], "back": "/", **typed})


def loses(account: Account, what: str) -> None:
    if what == "account":
        Account.objects.filter(pk=account.pk).update(is_active=False)
    else:
        account.assignments.update(valid_to=clock.today() - timedelta(days=1))


def said(client: Client) -> str:
    return client.get(reverse("home:privacy")).content.decode()


class TestSteps:
    def test_each_goes_by_itself_and_the_refused_ones_are_named(self, district: District) -> None:
        leaves = [leave_of(district, "submitted", person=person_in(district.unit, name)) for name in NAMES[:3]]
        for leave in leaves[:2]:
            with_proof(district, leave)
        client = browser(district.approver)
        url = reverse("home:many", args=["units.leave", "approve"])
        assert f'formaction="{url}"' in client.get(reverse("leaves:list")).content.decode()
        page = post_step(client, leaves, "approve").content.decode()
        assert "勾选的 3 件" in page
        assert all(leave.person.name in page for leave in leaves)
        assert {leave.state for leave in Leave.objects.all()} == {"submitted"}, "it asks first"
        assert post_step(client, leaves, "approve", do="submit", note="属实").headers["Location"] == "/"
        assert [leave.state for leave in Leave.objects.order_by("pk")] == ["approved", "approved", "submitted"]
        assert [history(leave).first().note_row.text for leave in leaves[:2]] == ["属实", "属实"]
        told = said(client)
        assert "已批准 2 件" in told
        assert f"{leaves[2].person.name}：病假" in told
        assert "还缺材料：证明材料" in told

    def test_a_second_click_does_nothing_twice(self, district: District) -> None:
        leaves = [leave_of(district, "submitted") for _ in range(2)]
        for leave in leaves:
            with_proof(district, leave)
        client = browser(district.approver)
        for _ in range(2):
            post_step(client, leaves, "approve", do="submit")
        assert "不能批准" not in said(client)
        assert [history(leave).filter(name="approve").count() for leave in leaves] == [1, 1]

    def test_a_reason_is_asked_for_where_the_step_needs_one(self, district: District) -> None:
        leaves = [leave_of(district, "submitted") for _ in range(2)]
        client = browser(district.approver)
        answer = post_step(client, leaves, "refuse", do="submit", note="")
        assert answer.status_code == 422
        assert "请写明理由" in answer.content.decode()
        post_step(client, leaves, "refuse", do="submit", note="证明与申报不符")
        assert {leave.state for leave in Leave.objects.all()} == {"refused"}

    def test_what_cannot_be_done_now_is_told_before(self, district: District) -> None:
        approved, waiting = leave_of(district, "approved"), leave_of(district, "submitted")
        page = post_step(browser(district.approver), [approved, waiting], "approve").content.decode()
        assert "其中 1 件现在能办" in page
        assert "现在是“已批准”" in page
        assert f'value="{tick(approved)}"' not in page

    @pytest.mark.parametrize(
        ("who", "name"),
        [("handler", "approve"), ("owner", "approve"), ("approver", "come_back"), ("owner", "cancel"), ("owner", "x")],
    )
    def test_who_may_never_take_the_step_finds_no_page(self, district: District, who: str, name: str) -> None:
        leave = leave_of(district, "submitted")
        for typed in ({}, {"do": "submit", "note": "x"}):
            assert post_step(browser(getattr(district, who)), [leave], name, **typed).status_code == 404
        leave.refresh_from_db()
        assert leave.state == "submitted"

    def test_a_neighbours_ticks_reach_nothing(self, district: District) -> None:
        leave = leave_of(district)
        with_proof(district, leave)
        client = browser(district.neighbour)
        assert post_step(client, [leave], "submit", do="submit").status_code == 302
        assert "还没有勾选" in said(client)
        leave.refresh_from_db()
        assert leave.state == "draft"

    def test_extensions_are_granted_as_they_were_asked(self, district: District) -> None:
        rows = [
            extension_of(district, "checked", unit=unit, asked_due=clock.today() + timedelta(days=20))
            for unit in (district.unit, district.neighbour_unit)
        ]
        late = extension_of(district, "checked", asked_due=clock.today() - timedelta(days=1))
        client = browser(district.approver)
        page = post_step(client, [*rows, late], "grant").content.decode()
        assert "申请延至" in page
        post_step(client, [*rows, late], "grant", do="submit")
        for row in (*rows, late):
            row.refresh_from_db()
        assert [(row.state, row.due) for row in rows] == [("granted", row.asked_due) for row in rows]
        assert late.state == "checked"
        assert "已经过去" in said(client)

    def test_declarations_are_submitted_and_accepted(self, district: District) -> None:
        cases = [with_evidence(declaration_of(district.unit), district.owner) for _ in range(2)]
        bare = declaration_of(district.unit)
        client = browser(district.owner)
        page = post_step(client, [*cases, bare], "submit").content.decode()
        assert "2026 年度　12.0 学时：<b>3 件</b>" in page
        post_step(client, [*cases, bare], "submit", do="submit")
        assert [case.state for case in Declaration.objects.order_by("pk")] == ["submitted", "submitted", "draft"]
        assert "还缺材料" in said(client)
        post_step(browser(district.handler), cases, "accept", do="submit")
        assert [case.state for case in Declaration.objects.order_by("pk")] == ["accepted", "accepted", "draft"]

    def test_what_was_done_stays_where_a_later_one_breaks_off(self, district: District, monkeypatch: Any) -> None:
        leaves = [leave_of(district, "submitted") for _ in range(3)]
        for leave in leaves:
            with_proof(district, leave)

        def breaks_at_the_last(case: Any, *args: Any, **facts: Any) -> Any:
            if case.pk == leaves[-1].pk:
                raise OperationalError("the database goes away")
            return fire(case, *args, **facts)

        monkeypatch.setattr(many, "fire", breaks_at_the_last)
        client = browser(district.approver)
        client.raise_request_exception = False
        sent = {"do": "submit", "note": "属实", KEY: "k" * 16}
        assert post_step(client, leaves, "approve", **sent).status_code == 503
        monkeypatch.undo()
        assert [leave.state for leave in Leave.objects.order_by("pk")] == ["approved", "approved", "submitted"]
        assert post_step(client, leaves, "approve", **sent).status_code == 302
        assert "已批准 3 件" in said(client), "those that are done are no refusals"

    def test_more_than_a_page_is_a_job_with_its_refusals(self, district: District, monkeypatch: Any) -> None:
        monkeypatch.setattr(many, "AT_ONCE", 2)
        leaves = [leave_of(district, "submitted", person=person_in(district.unit, name)) for name in NAMES]
        for leave in leaves[:3]:
            with_proof(district, leave)
        client = browser(district.approver)
        answer = post_step(client, leaves, "approve", do="submit", note="属实")
        job = Job.objects.get()
        assert answer.headers["Location"] == reverse("jobs:progress", args=[job.uid])
        assert not Leave.objects.filter(state="approved").exists(), "the worker was not there yet"
        sweep()
        job.refresh_from_db()
        assert (job.state, job.message) == ("done", "已批准 3 件，1 件没有办理")
        assert job.result_url in client.get(reverse("jobs:progress", args=[job.uid])).content.decode()
        page = client.get(job.result_url).content.decode()
        assert leaves[3].person.name in page
        assert "还缺材料：证明材料" in page
        assert leaves[0].person.name not in page
        assert Leave.objects.filter(state="approved").count() == 3

    def test_a_worker_that_goes_on_where_another_broke_off_counts_what_was_done(
        self, district: District, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(many, "AT_ONCE", 0)
        leaves = [leave_of(district, "submitted") for _ in range(2)]
        for leave in leaves:
            with_proof(district, leave)
        post_step(browser(district.approver), leaves, "approve", do="submit")
        job = Job.objects.get()
        for _ in range(2):
            message, _url = many.take_steps(job, lambda done, total: None)
        assert message == "已批准 2 件"
        assert job.args["refused"] == []

    @pytest.mark.parametrize("lost", ["account", "role"])
    def test_whoever_may_not_any_longer_has_nothing_done_for_them(
        self, district: District, monkeypatch: Any, lost: str
    ) -> None:
        """Between the click and the worker, and while it works."""
        monkeypatch.setattr(many, "AT_ONCE", 0)
        monkeypatch.setattr(many, "AFRESH", 2)
        leaves = [leave_of(district, "submitted") for _ in range(4)]
        for leave in leaves:
            with_proof(district, leave)
        post_step(browser(district.approver), leaves, "approve", do="submit")
        job, seen = Job.objects.get(), []

        def lose(done: int, total: int) -> None:
            seen.append(done)
            if done:
                loses(district.approver, lost)

        with pytest.raises(JobFailed, match="已批准 2 件，其余没有办理：您的账号已停用，或要求办理以后您的角色有变动"):
            many.take_steps(job, lose)
        assert seen == [0, 2]
        with pytest.raises(JobFailed, match="已批准 0 件"):
            many.take_steps(job, lambda done, total: None)
        states = [leave.state for leave in Leave.objects.order_by("pk")]
        assert states == ["approved", "approved", "submitted", "submitted"]

    def test_what_is_not_seen_any_longer_is_counted(self, district: District, monkeypatch: Any) -> None:
        cases = [with_evidence(declaration_of(district.unit), district.owner) for _ in range(4)]
        gone = declaration_of(district.neighbour_unit)
        client = browser(district.owner)
        page = post_step(client, [*cases[:2], gone], "submit").content.decode()
        assert "勾选的 2 件；另有 1 件您已看不到" in page
        post_step(client, [*cases[:2], gone], "submit", do="submit")
        told = said(client)
        assert "已提交 2 件" in told
        assert "勾选的有 1 件您已看不到，没有办理" in told
        monkeypatch.setattr(many, "AT_ONCE", 0)
        bare = declaration_of(district.unit)
        post_step(client, [*cases[2:], bare], "submit", do="submit")
        Declaration.objects.filter(pk=cases[3].pk).update(unit=district.neighbour_unit)
        sweep()
        job = Job.objects.get()
        assert job.message == "已提交 1 件，1 件没有办理，1 件您已看不到，没有办理"
        page = client.get(job.result_url).content.decode()
        assert "另有 1 件您已看不到，没有办理" in page
        Declaration.objects.filter(pk=bare.pk).update(unit=district.neighbour_unit)
        page = client.get(job.result_url).content.decode()
        assert "2 件您已看不到，没有办理" in page
        assert "都办好了" not in page

    @pytest.mark.parametrize("do", [{}, {"do": "submit", "note": ""}])
    def test_the_page_takes_as_many_queries_for_30_as_for_3(self, district: District, do: dict[str, str]) -> None:
        """When it is opened, and when it comes back for want of a reason."""
        client, counts = browser(district.handler), []
        for number in (3, 30):
            cases = [in_state(district, "submitted") for _ in range(number)]
            with statements() as made:
                page = post_step(client, cases, "refuse", **do)
            assert f"勾选的 {number} 件" in page.content.decode()
            counts.append(made)
        assert len(counts[0]) == len(counts[1]), "\n".join(q[:200] for q in counts[1])

    def test_what_is_kept_of_typing_brings_no_ticks_back(self, district: District) -> None:
        leaves = [leave_of(district, "submitted") for _ in range(2)]
        page = post_step(browser(district.approver), leaves, "refuse").content.decode()
        html = page[page.index("data-never-kept") :]
        html = html[: html.index("</ul>")]
        assert html.count('name="cases"') == page.count('name="cases"') == 2


class TestSlots:
    def test_ticked_slots_are_closed(self, district: District) -> None:
        slots = [a_slot(district) for _ in range(3)]
        client = browser(district.handler)
        assert reverse("batches:close_slots") in client.get(reverse("batches:slots")).content.decode()
        client.post(reverse("batches:close_slots"), {"cases": [tick(slot) for slot in slots[:2]]})
        assert [slot.closed for slot in Slot.objects.order_by("pk")] == [True, True, False]
        assert "已停用 2 个时段" in said(client)
        assert [history(slot).first().name for slot in slots[:2]] == ["slot_changed", "slot_changed"]

    def test_what_is_over_stands_in_its_own_workbook(self, district: District) -> None:
        a_slot(district)
        Slot.objects.create(
            date=date(2026, 3, 2), starts_at=time(9), ends_at=time(10), capacity=1, place="一楼窗口", closed=True
        )
        client, url = browser(district.handler), reverse("batches:export_slots")
        assert len(workbook_rows(client.get(url))) == 2
        past = workbook_rows(client.get(url, {"view": "past"}))
        assert [row[-1] for row in past[1:]] == ["已停用"]


class TestAccounts:
    def test_ticked_accounts_are_disabled_with_one_reason(self, district: District) -> None:
        client, url = browser(district.security_admin), reverse("accounts:disable_many")
        ticked = {"cases": [tick(district.owner), tick(district.colleague), tick(district.security_admin)]}
        assert url in client.get(reverse("accounts:list")).content.decode()
        assert url not in browser(district.audit_admin).get(reverse("accounts:list")).content.decode()
        page = client.post(url, ticked)
        assert district.colleague.username in page.content.decode()
        assert client.post(url, {**ticked, "do": "submit", "reason": ""}).status_code == 422
        client.post(url, {**ticked, "do": "submit", "reason": "单位撤并"})
        off = set(Account.objects.filter(is_active=False))
        assert off == {district.owner, district.colleague}
        told = said(client)
        assert "已停用 2 个账号" in told
        assert "不能停用自己的账号" in told


def test_the_workbook_of_the_ledger_is_of_the_year_that_the_page_shows(district: District) -> None:
    learned(person_in(district.unit, "仇远"), public="24", professional="72", year=2025)
    client, url = browser(district.owner), reverse("ledger:export")
    head, row = workbook_rows(client.get(url, {"year": "2025"}))
    shown = dict(zip(head, row, strict=True))
    assert (shown["年度"], shown["公共学时"], shown["学时合计"]) == (2025, 24, 96)
    assert workbook_rows(client.get(url, {"year": "2024"}))[1][5] == 0
