"""The pages of long absence, and what they put on the start pages (notice 二(三)2, product.md S3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import open_items
from tests.documents import PDF
from tests.factories import AccountFactory, person_in
from tests.queries import statements
from tests.todos import todos
from tests.units.cases import leave_of, with_evidence
from tests.units.views.helpers import browser, cost, queries, workbook_rows
from units.models import Leave

LIST = reverse("leaves:list")


def act(leave: Leave, name: str) -> str:
    return reverse("workflow:act", args=["units.leave", leave.pk, name])


@pytest.mark.notice("二(三)2")
def test_the_whole_way_from_the_form_to_the_approval(district) -> None:
    person = person_in(district.unit)
    clerk, approver = browser(district.owner), browser(district.approver)
    typed = {"reason": "sickness", "starts_on": "2026-01-05", "ends_on": "2026-07-05"}
    page = clerk.post(reverse("leaves:new", args=[person.pk]), typed).headers["Location"]
    leave = Leave.objects.get()
    assert f'还缺材料：<a href="{page}#material-evidence">证明材料</a>' in clerk.get(page).content.decode()
    upload = reverse("files:upload", args=["units.leave", leave.pk, "evidence"])
    clerk.post(upload, {"files": SimpleUploadedFile("证明.pdf", PDF), "next": page})
    clerk.post(act(leave, "submit"), {"note": ""} | {"csrf": "x"})
    assert act(leave, "approve") in approver.get(page).content.decode()
    approver.post(act(leave, "approve"), {"note": "属实"})
    leave.refresh_from_db()
    assert (leave.state, leave.approved_by) == ("approved", district.approver)
    assert "属实" in clerk.get(page).content.decode()


def test_a_form_with_everything_wrong(district) -> None:
    person = person_in(district.unit)
    typed = {"reason": "", "starts_on": "2026-13-01", "ends_on": ""}
    response = browser(district.owner).post(reverse("leaves:new", args=[person.pk]), typed)
    assert set(response.context["form"].errors) == {"reason", "starts_on", "ends_on"}


def test_after_a_return_each_point_is_answered_on_the_page(district) -> None:
    leave = leave_of(district, "submitted")
    with_evidence(district, leave)
    items = [{"where": "证明材料", "wrong": "没有章", "mend": "补盖"}]
    fire(leave, "return", actor=district.handler, data={"items": items})
    clerk = browser(district.owner)
    assert "没有章" in clerk.get(act(leave, "resubmit")).content.decode()
    assert clerk.post(act(leave, "resubmit"), {"note": ""}).status_code == 422
    (item,) = open_items(leave)
    clerk.post(act(leave, "resubmit"), {f"answer_{item.pk}": "已补盖"})
    leave.refresh_from_db()
    assert leave.state == "submitted"


def test_the_bureau_does_not_apply_for_units(district) -> None:
    person = person_in(district.unit)
    assert browser(district.handler).get(reverse("leaves:new", args=[person.pk])).status_code == 404


def test_a_draft_is_edited_until_it_is_submitted(district) -> None:
    leave = leave_of(district)
    url = reverse("leaves:edit", args=[leave.pk])
    typed = {"reason": "training", "starts_on": "2026-01-05", "ends_on": "2026-07-05", "detail": "援疆", "version": 0}
    assert browser(district.owner).post(url, typed).status_code == 302
    leave.refresh_from_db()
    assert (leave.reason, leave.detail) == ("training", "援疆")


def test_back_early_on_the_page(district) -> None:
    leave, client = leave_of(district, "approved"), browser(district.owner)
    assert "ends_on" in client.post(act(leave, "come_back"), {"note": "x"}).context["form"].errors
    client.post(act(leave, "come_back"), {"ends_on": str(clock.today())})
    leave.refresh_from_db()
    assert leave.ends_on == clock.today()


def test_a_step_that_stays_in_its_state_is_taken_again_but_not_by_a_double_click(district) -> None:
    leave, client = leave_of(district, "approved"), browser(district.owner)
    days = [clock.today() - timedelta(days=n) for n in (0, 1)]
    client.post(act(leave, "come_back"), {"ends_on": str(days[0])})
    client.post(act(leave, "come_back"), {"ends_on": str(days[1])})
    leave.refresh_from_db()
    assert leave.ends_on == days[0]
    with clock.at(clock.now() + timedelta(minutes=1)):
        client.post(act(leave, "come_back"), {"ends_on": str(days[1])})
    leave.refresh_from_db()
    assert leave.ends_on == days[1]


def test_a_year_that_cannot_be_meant_is_pointed_out(district) -> None:
    typed = {"reason": "sickness", "starts_on": "0205-01-05", "ends_on": "9999-07-05"}
    answer = browser(district.owner).post(reverse("leaves:new", args=[person_in(district.unit).pk]), typed)
    assert set(answer.context["form"].errors) == {"starts_on", "ends_on"}
    assert not Leave.objects.exists()


def test_what_was_mended_is_not_taken_back_to_escape_the_mending_period(district) -> None:
    leave = leave_of(district)
    with_evidence(district, leave)
    fire(leave, "submit", actor=district.owner)
    fire(leave, "return", actor=district.handler, data={"items": [{"where": "证明", "wrong": "缺章", "mend": "补盖"}]})
    fire(leave, "resubmit", actor=district.owner, data={"answers": {}})
    answer = browser(district.owner).post(act(leave, "take_back"), {})
    assert answer.status_code == 422
    assert "补正后重新提交的不能撤回" in answer.content.decode()


def test_queries_do_not_grow(district) -> None:
    few, many = cost(district.handler, LIST, lambda: leave_of(district, "submitted"))
    assert few == many
    assert many <= 12


def test_queries_of_one_stay_few(district) -> None:
    leave = leave_of(district, "submitted")
    with_evidence(district, leave)
    assert queries(district.approver, leave.get_absolute_url()) <= 20
    assert queries(district.owner, leave.get_absolute_url()) <= 20


def test_filters_and_workbook(district) -> None:
    leave_of(district, "approved", person=person_in(district.unit, "仇远"))
    leave_of(district, "submitted", person=person_in(district.unit, "王小明"), reason="training")
    client = browser(district.approver)
    assert [leave.person.name for leave in client.get(LIST, {"q": "qiu"}).context["page_obj"]] == ["仇远"]
    rows = workbook_rows(client.get(reverse("leaves:export"), {"state": "submitted"}))
    assert [row[0] for row in rows[1:]] == ["王小明"]


class TestStartPages:
    def titles(self, account, model=None) -> list[tuple[str, bool, str]]:
        return [(todo.title, todo.mine, todo.waiting_for) for todo in todos(account, model)]

    def test_whose_turn_it_is(self, district) -> None:
        person = person_in(district.unit, "仇远")
        for state in ("draft", "returned", "submitted", "approved"):
            leave_of(district, state, person=person)
        assert sorted((mine, waits) for _, mine, waits in self.titles(district.owner, Leave)) == [
            (False, "区人社局"), (True, ""), (True, ""),
        ]  # fmt: skip
        for officer in (district.handler, district.approver):
            assert [(mine, waits) for _, mine, waits in self.titles(officer, Leave)] == [(True, "")]
        assert self.titles(district.neighbour, Leave) == []
        assert self.titles(district.system_admin, Leave) == []

    def test_what_waits_for_the_bureau_says_until_when_and_what(self, district) -> None:
        leave = leave_of(district, "submitted", submitted_at=datetime(2026, 3, 3, 9, tzinfo=clock.SHANGHAI))
        (checks,), (decides,) = todos(district.handler, Leave), todos(district.approver, Leave)
        assert (checks.action_label, decides.action_label) == ("审批", "审批")
        assert checks.due == decides.due == date(2026, 3, 10)
        assert [(todo.mine, todo.due) for todo in todos(district.owner, Leave)] == [(False, date(2026, 3, 10))]
        assert checks.url == leave.get_absolute_url()

    def test_todos_of_many_cost_no_more_queries(self, district) -> None:
        counts = []
        for more in (3, 27):
            for _ in range(more):
                leave_of(district, "submitted")
            account = district.fresh(district.handler)
            with statements() as made:
                todos(account)
            counts.append(len(made))
        assert counts[0] == counts[1]

    def test_what_the_security_officer_sets_right(self, district) -> None:
        AccountFactory()
        found = [title for title, _, _ in self.titles(district.security_admin)]
        assert found == ["1 个账号还没有角色", "2 个单位还没有专办员"]
        assert self.titles(district.handler) == []
        district.audit_admin.assignments.update(valid_to=clock.today().replace(year=2020))
        assert "还没有审计管理员" in [title for title, _, _ in self.titles(district.security_admin)]

    def test_the_start_pages_open_for_every_role(self, district) -> None:
        for who in ("owner", "approver", "system_admin", "security_admin", "audit_admin"):
            assert browser(getattr(district, who)).get(reverse("home:start")).status_code == 200


def test_an_absence_begins_from_the_list_too(district) -> None:
    person, theirs = person_in(district.unit), person_in(district.neighbour_unit)
    clerk = browser(district.owner)
    assert reverse("leaves:begin") in clerk.get(LIST).content.decode()
    assert reverse("leaves:begin") not in browser(district.handler).get(LIST).content.decode()
    typed = {"person": person.pk, "reason": "sickness", "starts_on": "2026-01-05", "ends_on": "2026-07-05"}
    page = clerk.post(reverse("leaves:begin"), typed)
    leave = Leave.objects.get()
    assert (page.url, leave.person, leave.unit) == (leave.get_absolute_url(), person, district.unit)
    refused = clerk.post(reverse("leaves:begin"), {**typed, "person": theirs.pk})
    assert refused.status_code == 422
    assert Leave.objects.count() == 1
