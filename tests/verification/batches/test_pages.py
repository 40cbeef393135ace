"""The pages: how many queries, what bad input gets, a stale save, what is shown to whom."""

from __future__ import annotations

import re
import time
from typing import Any

import lxml.html
import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.printouts import enqueue_printout
from luojiang_ce.workflow.engine import fire
from tests.conftest import District
from tests.factories import account_with
from tests.queries import statements
from tests.todos import todos
from tests.verification.batches.cases import on
from tests.verification.batches.samples import a_batch, a_draft, a_seal, a_slot, learned, quick_batch, staff
from units.models import Account
from verification.batches import services
from verification.batches.models import AnnualRecord, Appointment, Batch, Slot
from verification.batches.printing import FORM4_PRINTED
from verification.counter.seats import book

pytestmark = pytest.mark.django_db
R = AnnualRecord.State


def browser(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def queries_of(account: Account, address: str) -> int:
    client = browser(account)
    client.get(address)  # what a process asks once, it knows then
    with statements() as found:
        assert client.get(address).status_code == 200
    return len(found)


@pytest.mark.parametrize(
    ("name", "who", "state"),
    [
        ("batch", "owner", "draft"),
        ("batch", "handler", "submitted"),
        ("counter", "handler", "submitted"),
        ("choose", "owner", "draft"),
        ("rows", "owner", "draft"),
    ],
)
def test_pages_of_a_batch_ask_as_often_for_thirty_people_as_for_three(
    district: District, name: str, who: str, state: str
) -> None:
    counted = []
    for number in (3, 27):  # the unit has 3, then 30
        people = staff(district.unit, number)
        batch = a_batch(district, state, people=people)
        counted.append(queries_of(getattr(district, who), reverse(f"batches:{name}", args=[batch.pk])))
    assert counted[0] == counted[1]
    assert counted[0] <= 20


@pytest.mark.parametrize(("name", "who"), [("list", "owner"), ("list", "handler"), ("unlisted", "handler")])
def test_lists_ask_as_often_for_thirty_rows_as_for_three(district: District, name: str, who: str) -> None:
    counted = []
    for number in (3, 27):
        for _ in range(number):
            quick_batch(district)
        staff(district.unit, number)
        counted.append(queries_of(getattr(district, who), reverse(f"batches:{name}")))
    assert counted[0] == counted[1] <= 12


def test_slots_ask_as_often_for_thirty_rows_as_for_three(district: District) -> None:
    counted = []
    for number in (3, 27):
        first = Slot.objects.count()
        for serial in range(number):
            book(
                batches=[quick_batch(district)],
                slot=a_slot(days=first + serial + 1),
                unit=district.unit,
                actor=district.owner,
            )
        counted.append(queries_of(district.handler, reverse("batches:slots")))
    assert counted[0] == counted[1] <= 12


def test_a_stale_head_keeps_what_was_typed_and_shows_what_is_stored(district: District) -> None:
    batch = a_draft(district)
    address = reverse("batches:head", args=[batch.pk])
    version = Batch.objects.get(pk=batch.pk).version
    mine = {"filler": "林知秋", "phone": "0595-1", "note": "", "version": version}
    assert browser(district.colleague).post(address, {**mine, "phone": "0595-2"}).status_code == 302
    refused = browser(district.owner).post(address, mine)
    conflict = refused.context["form"].conflict
    assert refused.status_code == 422
    assert conflict.who == district.colleague.name
    assert [(d.label, d.stored, d.typed) for d in conflict.differences] == [("电话", "0595-2", "0595-1")]
    assert 'value="0595-1"' in refused.content.decode()
    again = {**mine, "version": Batch.objects.get(pk=batch.pk).version}
    assert browser(district.owner).post(address, again).status_code == 302


def rows_of(batch: Batch, **changes: Any) -> dict[str, Any]:
    """What the form of the rows sends."""
    records = list(batch.records.order_by("person__pinyin", "pk"))
    data: dict[str, Any] = {"form-TOTAL_FORMS": len(records), "form-INITIAL_FORMS": len(records)}
    data["version"] = Batch.objects.get(pk=batch.pk).version
    for n, record in enumerate(records):
        row = {"id": record.pk, "verifies": "on", "certificate_number": record.certificate_number, **changes}
        row.setdefault("unmet_reason", record.unmet_reason)
        data |= {f"form-{n}-{key}": value for key, value in row.items()}
    return data


def test_whatever_number_of_rows_is_claimed_those_of_the_roster_are_read(district: District) -> None:
    batch = a_draft(district)
    began = time.process_time()
    answer = browser(district.owner).post(
        reverse("batches:rows", args=[batch.pk]), {**rows_of(batch), "form-TOTAL_FORMS": 99_999}
    )
    assert time.process_time() - began < 2
    assert len(answer.context["formset"].forms) == batch.records.count()


def test_rows_are_saved_and_a_stale_save_keeps_both_versions(district: District) -> None:
    batch = a_draft(district)
    address = reverse("batches:rows", args=[batch.pk])
    mine, theirs = rows_of(batch, note="我写的"), rows_of(batch, note="同事写的")
    assert browser(district.colleague).post(address, theirs).status_code == 302
    refused = browser(district.owner).post(address, mine)
    said = refused.content.decode()
    assert refused.status_code == 422
    assert "我写的" in said
    differences = refused.context["formset"].conflict.differences
    assert {(d.label.split()[-1], d.stored, d.typed) for d in differences} == {("备注", "同事写的", "我写的")}
    assert len(differences) == batch.records.count()
    assert set(batch.records.values_list("note", flat=True)) == {"同事写的"}


def test_a_row_without_a_kind_is_said_beside_it(district: District) -> None:
    batch = a_draft(district)
    answer = browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), rows_of(batch, verifies=""))
    assert answer.status_code == 422
    assert "至少选一种办理类别" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("decide", {"act": "nonsense", "rows": ["x", "-1", "999999"]}),
        ("decide", {"act": "verify", "rows": []}),
        ("decide", {"act": "fail", "rows": ["1"], "next": "https://elsewhere.example/"}),
        ("materials", {"seen": [], "next": "//elsewhere.example/"}),
        ("refreeze", {"rows": ["x"]}),
    ],
)
def test_bad_input_at_the_counter_is_answered_not_broken(district: District, name: str, data: dict[str, Any]) -> None:
    batch = quick_batch(district)
    answer = browser(district.handler).post(reverse(f"batches:{name}", args=[batch.pk]), data)
    assert answer.status_code == 302
    assert "elsewhere" not in answer.headers["Location"]
    assert batch.records.get().state == R.FILED


def test_a_tick_that_is_none_of_the_seven_is_refused_in_words(district: District) -> None:
    batch = quick_batch(district)
    answer = browser(district.handler).post(reverse("batches:materials", args=[batch.pk]), {"seen": ["nonsense"]})
    assert answer.status_code == 422
    assert "已查验的资料" in answer.content.decode()


@pytest.mark.parametrize("query", ["?q=%00", "?q=" + "长" * 500, "?row=abc", "?row=999999", "?page=x&state=nonsense"])
def test_whatever_is_looked_for_the_counter_answers(district: District, query: str) -> None:
    batch = quick_batch(district)
    assert browser(district.handler).get(reverse("batches:counter", args=[batch.pk]) + query).status_code == 200


def test_the_scanner_leads_to_the_person(district: District) -> None:
    record = quick_batch(district).records.get()
    answer = browser(district.handler).get(
        reverse("batches:counter", args=[record.batch_id]), {"q": record.certificate_number}
    )
    assert answer.headers["Location"].endswith(f"?row={record.pk}")


def test_everybody_who_is_ready_is_passed_with_one_click_and_twice_is_once(district: District) -> None:
    batch = a_batch(district, people=[*staff(district.unit, 3), *staff(district.unit, 1, met=False)])
    address, client = reverse("batches:decide", args=[batch.pk]), browser(district.handler)
    for _ in range(2):
        client.post(address, {"act": "verify", "everybody": "ready"})
    assert sorted(batch.records.values_list("state", flat=True)) == [R.FILED, *[R.VERIFIED] * 3]


def test_choosing_everybody_of_a_view_lists_them(district: District) -> None:
    staff(district.unit, 4)
    batch = a_draft(district, [])
    browser(district.owner).post(reverse("batches:choose", args=[batch.pk]), {"everybody": "met"})
    assert batch.records.count() == 4


def test_a_neighbours_people_cannot_be_chosen_by_guessing(district: District) -> None:
    (stranger,) = staff(district.neighbour_unit, 1)
    batch = a_draft(district, [])
    browser(district.owner).post(reverse("batches:choose", args=[batch.pk]), {"people": [stranger.pk]})
    assert batch.records.count() == 0


def test_booking_another_units_batch_by_guessing_is_refused(district: District) -> None:
    batch, slot = quick_batch(district), a_slot()
    answer = browser(district.neighbour).post(reverse("batches:book"), {"batches": [batch.pk], "slot": slot.pk})
    assert answer.status_code == 422
    assert not Appointment.objects.exists()


def test_slots_say_everything_that_is_wrong_at_once(district: District) -> None:
    wrong = {"first_day": "2020-01-01", "last_day": "", "times": "10:00-9:00\n上午", "capacity": "0"}
    answer = browser(district.handler).post(reverse("batches:new_slots"), wrong)
    said = answer.content.decode()
    assert answer.status_code == 422
    for words in ("不能开过去的日子", "看不懂：10:00-9:00；上午", "到哪天", "可约数", "窗口"):
        assert words in said


def test_slots_from_a_past_day_are_refused(district: District) -> None:
    facts = {"first_day": "2026-01-05", "last_day": "2026-01-06", "times": "9:00-9:30", "capacity": 3}
    answer = browser(district.handler).post(reverse("batches:new_slots"), {**facts, "places": "2 号窗口"})
    assert answer.status_code == 422
    assert "不能开过去的日子" in answer.content.decode()


def test_what_cannot_be_a_batch_is_none(district: District) -> None:
    typed = {"batches": ["9" * 20], "slot": a_slot().pk}
    answer = browser(district.owner).post(reverse("batches:book"), typed)
    assert answer.status_code == 422
    assert "请至少选一个批次" in answer.content.decode()


def test_slots_are_opened_on_working_days_only(district: District) -> None:
    facts = {"first_day": "2027-01-08", "last_day": "2027-01-11", "times": "9:00-9:30", "capacity": 3}
    browser(district.handler).post(reverse("batches:new_slots"), {**facts, "places": "2 号窗口"})
    assert [slot.date.isoformat() for slot in Slot.objects.all()] == ["2027-01-08", "2027-01-11"]


def test_many_slots_are_opened_with_one_form(district: District) -> None:
    """2 working days × (5 half-hours and 4) × 2 windows, a window that is typed twice counted once."""
    facts = {"first_day": "2027-01-08", "last_day": "2027-01-11", "minutes": "30", "capacity": 3}
    typed = {**facts, "times": "09:00-11:30\n14：30～16：30", "places": "2 号窗口\n3 号窗口\n ２号窗口"}
    client = browser(district.handler)
    page = client.post(reverse("batches:new_slots"), typed, follow=True).content.decode()
    assert "已开放 36 个时段" in page
    assert Slot.objects.filter(date="2027-01-08", place="2 号窗口").count() == 9
    page = client.post(reverse("batches:new_slots"), {**typed, "last_day": "2027-01-12"}, follow=True).content.decode()
    assert "已开放 18 个时段；另有 36 个已经开放，未改动" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"minutes": "40"}, "09:00–11:30 不能按 40 分钟分完"),
        ({"times": "09:00-10:00\n09:30-11:00"}, "同一窗口的时段不能重叠：09:00–10:00 与 09:30–11:00"),
        ({"times": "25:00-26:00"}, "看不懂：25:00-26:00"),
        ({"times": "09:00-11:30", "minutes": "5", "last_day": "2027-03-30"}, "一次最多开 1000 个时段"),
    ],
)
def test_slots_that_cannot_be_are_refused_whole(district: District, typed: dict[str, str], said: str) -> None:
    facts = {"first_day": "2027-01-08", "last_day": "2027-01-11", "capacity": 3, "places": "2 号窗口"}
    answer = browser(district.handler).post(reverse("batches:new_slots"), {**facts, "times": "09:00-11:30", **typed})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Slot.objects.exists()


@pytest.mark.notice("附件4")
def test_the_workbook_and_the_long_pdf_come_out_masked(district: District) -> None:
    batch = a_batch(district, people=staff(district.unit, 31))
    client = browser(district.owner)
    assert client.get(reverse("batches:sheet", args=[batch.pk])).content[:2] == b"PK"
    address = reverse("batches:pdf", args=[batch.pk])
    first, again = client.get(address), client.get(address)
    assert first.headers["Location"] == again.headers["Location"]
    sweep()
    job = Job.objects.get(kind="papers.print")
    assert job.state == "done"
    assert client.get(job.result_url).content[:5] == b"%PDF-"
    assert browser(district.colleague).get(job.result_url).status_code == 404


def test_the_batch_shows_its_papers_and_the_person_the_own_page(district: District) -> None:
    batch = a_batch(district, "decided", people=staff(district.unit, 1))
    fire(batch, "stamp", actor=district.keeper, data={"seal": a_seal(district.bureau)})
    sweep()
    client = browser(district.owner)
    assert "已签发 1 / 1 份" in client.get(batch.get_absolute_url()).content.decode()
    assert "洛人社验〔2027〕00001号" in client.get(batch.records.get().get_absolute_url()).content.decode()


@pytest.mark.parametrize("typed", ["²", "9" * 5000, "-1", "a\x00"])
def test_what_is_no_number_in_an_address_is_passed_over(district: District, typed: str) -> None:
    case, owner, handler = quick_batch(district), Client(), Client()
    owner.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    handler.force_login(district.handler, backend="django.contrib.auth.backends.ModelBackend")
    assert owner.get(reverse("batches:unlisted"), {"year": typed}).status_code == 200
    assert owner.get(reverse("batches:batch", args=[case.pk]), {"row": typed}).status_code == 200
    assert owner.post(reverse("batches:remove", args=[case.pk]), {"rows": typed}).status_code < 500
    assert handler.get(reverse("batches:counter", args=[case.pk]), {"row": typed}).status_code == 200


def test_a_printed_list_is_made_anew_when_what_stands_on_it_has_changed(district: District) -> None:
    batch = a_batch(district)
    first = enqueue_printout(FORM4_PRINTED, batch, district.owner)
    assert enqueue_printout(FORM4_PRINTED, batch, district.owner) == first
    learned(batch.records.first().person, "0", "4")
    services.refreeze(batch=batch, actor=district.handler)
    assert enqueue_printout(FORM4_PRINTED, batch, district.owner) != first


def test_a_keeper_is_asked_to_stamp_only_with_the_own_seal(district: District) -> None:
    general, year = quick_batch(district, "decided"), quick_batch(district, "decided")
    on("teacher", "education")(district, year)
    educator = account_with("seal_keeper", district.education)
    for keeper, own in ((district.keeper, general), (educator, year)):
        asked = [todo.url for todo in todos(keeper) if todo.title.startswith("用印")]
        assert asked == [own.get_absolute_url()]


@pytest.mark.parametrize(
    ("day", "said"), [("9999-12-31", "日期太远"), ("2099-01-05", "日期太远"), ("2090-01-05", "只能开一年以内的时段")]
)
def test_slots_are_opened_within_a_year(district: District, day: str, said: str) -> None:
    facts = {"first_day": day, "last_day": day, "times": "09:00-10:00", "capacity": "3"}
    answer = browser(district.handler).post(reverse("batches:new_slots"), {**facts, "places": "2 号窗口"})
    assert answer.status_code == 422
    assert said in answer.content.decode()


class TestTwoClerksOnOneRoster:
    """One takes a person out while the other has the page open: the others are saved, and what was typed is told."""

    def taken_out(self, district: District) -> tuple[Batch, AnnualRecord, dict[str, Any]]:
        """A draft of three, what a page sends that was opened before one of them was taken out."""
        batch = a_draft(district)
        client = browser(district.owner)
        html = client.get(reverse("batches:rows", args=[batch.pk])).content.decode()
        sent = dict(lxml.html.fromstring(html).get_element_by_id("form").form_values())
        gone = batch.records.order_by("person__pinyin", "pk")[1]
        sent |= {f"form-{number}-note": f"改{number}" for number in range(3)}
        answer = browser(district.colleague).post(reverse("batches:remove", args=[batch.pk]), {"rows": gone.pk})
        assert answer.status_code == 302
        return batch, gone, sent

    def test_the_other_rows_are_saved_and_who_is_gone_is_told_with_what_was_typed(self, district: District) -> None:
        batch, gone, sent = self.taken_out(district)
        answer = browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), sent, follow=True)
        said = answer.content.decode()
        assert "已保存本页 2 行" in said
        assert f"{gone.person.name}已被移出花名册，这一行写的没有保存" in said
        assert "备注“改1”" in said
        assert sorted(batch.records.values_list("note", flat=True)) == ["改0", "改2"]

    def test_what_saves_itself_saves_them_and_says_that_it_is_a_part(self, district: District) -> None:
        batch, gone, sent = self.taken_out(district)
        address = f"{reverse('batches:rows', args=[batch.pk])}?autosave=1"
        answer = browser(district.owner).post(address, sent)
        assert answer.status_code == 422
        assert "只自动保存了一部分" in answer.json()["text"]
        assert gone.person.name in answer.json()["text"]
        assert sorted(batch.records.values_list("note", flat=True)) == ["改0", "改2"]
        again = browser(district.owner).post(address, sent | {"version": str(answer.json()["version"])})
        assert "只自动保存了一部分" in again.json()["text"]

    def test_what_is_wrong_elsewhere_shows_it_beside(self, district: District) -> None:
        batch, gone, sent = self.taken_out(district)
        answer = browser(district.owner).post(
            reverse("batches:rows", args=[batch.pk]), sent | {"form-0-note": "长" * 3000}
        )
        assert answer.status_code == 422
        said = answer.content.decode()
        assert f"{gone.person.name}已被移出花名册" in said
        assert f'value="{gone.pk}"' not in said
        again = dict(lxml.html.fromstring(said).get_element_by_id("form").form_values()) | {"form-0-note": "好"}
        assert browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), again).status_code == 302
        assert sorted(batch.records.values_list("note", flat=True)) == ["好", "改2"]

    def test_where_the_other_saved_too_both_are_laid_side_by_side(self, district: District) -> None:
        batch, gone, sent = self.taken_out(district)
        address = reverse("batches:rows", args=[batch.pk])
        browser(district.colleague).post(address, rows_of(batch, note="同事写的"))
        refused = browser(district.owner).post(address, sent)
        differences = refused.context["formset"].conflict.differences
        assert refused.status_code == 422
        assert [d.stored for d in differences] == ["同事写的", "同事写的", "已移出花名册"]
        assert (differences[-1].label, "改1" in differences[-1].typed) == (gone.person.name, True)

    def test_who_moved_to_another_page_is_saved_all_the_same(self, district: District) -> None:
        batch = a_draft(district, staff(district.unit, 31))
        address = f"{reverse('batches:rows', args=[batch.pk])}?page=2"
        html = browser(district.owner).get(address).content.decode()
        sent = dict(lxml.html.fromstring(html).get_element_by_id("form").form_values()) | {"form-0-note": "末位"}
        first = batch.records.order_by("person__pinyin", "pk").first()
        browser(district.colleague).post(reverse("batches:remove", args=[batch.pk]), {"rows": first.pk})
        assert browser(district.owner).post(address, sent).status_code == 302
        assert batch.records.filter(note="末位").count() == 1

    def test_rows_of_others_are_never_said_to_be_saved(self, district: District) -> None:
        batch, others = a_draft(district), staff(district.neighbour_unit, 1)
        foreign = AnnualRecord.objects.create(unit=district.neighbour_unit, person=others[0], year=2026, path="general")
        sent = rows_of(batch) | {"form-0-id": foreign.pk, "form-0-note": "不是本单位的"}
        said = browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), sent, follow=True)
        assert "已保存本页 2 行" in said.content.decode()
        assert others[0].name not in said.content.decode()
        foreign.refresh_from_db()
        assert foreign.note == ""

    def test_a_form_that_says_it_has_countless_rows_is_refused_at_once(self, district: District) -> None:
        batch = a_draft(district)
        sent = rows_of(batch) | {"form-TOTAL_FORMS": 99_999}
        answer = browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), sent)
        assert answer.status_code == 422


class TestSameReason:
    """One reason for everybody who needs one and has none: written once, for the whole roster."""

    def roster(self, district: District) -> Batch:
        unmet, met = staff(district.unit, 3, met=False), staff(district.unit, 2)
        batch = a_draft(district, [*unmet, *met])
        first = batch.records.filter(person=unmet[0]).get()
        first.unmet_reason = "本人的原因"
        first.save()
        return batch

    def test_it_is_given_to_who_has_none_and_what_was_typed_is_saved(self, district: District) -> None:
        batch = self.roster(district)
        sent = rows_of(batch, note="补充") | {"do": "same", "reason": "上年度工程任务重"}
        answer = browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), sent, follow=True)
        assert "已给 2 个没有写原因的人填上同一原因" in answer.content.decode()
        reasons = list(batch.records.values_list("verdict__outcome", "unmet_reason"))
        assert sorted(reasons) == [
            ("met", ""),
            ("met", ""),
            ("unmet", "上年度工程任务重"),
            ("unmet", "上年度工程任务重"),
            ("unmet", "本人的原因"),
        ]
        assert set(batch.records.values_list("note", flat=True)) == {"补充"}

    def test_an_empty_one_is_refused_beside_its_field_and_nothing_typed_is_lost(self, district: District) -> None:
        batch = self.roster(district)
        sent = rows_of(batch, note="补充") | {"do": "same", "reason": ""}
        answer = browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), sent)
        assert answer.status_code == 422
        assert "请先写原因" in answer.content.decode()
        assert "补充" in answer.content.decode()
        assert set(batch.records.values_list("note", flat=True)) == {""}

    def test_a_colleague_who_saved_meanwhile_is_not_overwritten(self, district: District) -> None:
        batch = self.roster(district)
        mine = rows_of(batch) | {"do": "same", "reason": "我写的"}
        address = reverse("batches:rows", args=[batch.pk])
        browser(district.colleague).post(address, rows_of(batch, note="同事写的"))
        assert browser(district.owner).post(address, mine).status_code == 422
        assert not batch.records.filter(unmet_reason="我写的").exists()

    @pytest.mark.parametrize("do", ["save", "next"])
    def test_the_main_buttons_give_it_too(self, district: District, do: str) -> None:
        batch = self.roster(district)
        sent = rows_of(batch, note="补充") | {"do": do, "reason": " 上年度工程任务重 "}
        answer = browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), sent, follow=True)
        assert "已保存本页 5 行，已给 2 个没有写原因的人填上同一原因" in answer.content.decode()
        assert batch.records.filter(unmet_reason="上年度工程任务重", note="补充").count() == 2

    def test_where_nobody_needs_it_that_is_said_with_its_words(self, district: District) -> None:
        batch = a_draft(district, staff(district.unit, 2))
        sent = rows_of(batch) | {"do": "save", "reason": "上年度工程任务重"}
        answer = browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), sent, follow=True)
        assert "“上年度工程任务重”没有填入" in answer.content.decode()
        assert set(batch.records.values_list("unmet_reason", flat=True)) == {""}

    def test_one_that_is_too_long_saves_nothing_and_stays(self, district: District) -> None:
        batch = self.roster(district)
        sent = rows_of(batch, note="补充") | {"do": "save", "reason": "长" * 201}
        answer = browser(district.owner).post(reverse("batches:rows", args=[batch.pk]), sent)
        assert answer.status_code == 422
        assert "长" * 201 in answer.content.decode()
        assert set(batch.records.values_list("note", flat=True)) == {""}

    def test_what_saves_itself_saves_the_rows_and_says_that_the_reason_waits(self, district: District) -> None:
        batch = self.roster(district)
        address = f"{reverse('batches:rows', args=[batch.pk])}?autosave=1"
        answer = browser(district.owner).post(address, rows_of(batch, note="补充") | {"reason": "上年度工程任务重"})
        assert answer.status_code == 422  # by which the page keeps its copy and asks before it is left
        assert "只自动保存了一部分" in answer.json()["text"]
        assert "未达标原因，各人相同的" in answer.json()["text"]
        assert set(batch.records.values_list("note", flat=True)) == {"补充"}
        assert not batch.records.filter(unmet_reason="上年度工程任务重").exists()
        again = browser(district.owner).post(address, rows_of(batch, verifies="") | {"reason": "上年度工程任务重"})
        assert "还没有自动保存" in again.json()["text"]
        assert browser(district.owner).post(address, rows_of(batch, note="再改")).status_code == 200

    def test_enter_saves_the_roster(self, district: District) -> None:
        html = browser(district.owner).get(reverse("batches:rows", args=[self.roster(district).pk])).content.decode()
        assert re.search(r'<button[^>]*name="do" value="(\w+)"', html)[1] == "save"


def test_the_last_page_sums_up_what_is_filed(district: District) -> None:
    batch = a_draft(district, [*staff(district.unit, 2), *staff(district.unit, 1, met=False)])
    batch.records.filter(verdict__outcome="unmet").update(unmet_reason="工程任务重")
    page = reverse("workflow:act", args=["verification_batches.batch", batch.pk, "submit"])
    html = browser(district.owner).get(page).content.decode()
    assert "3 人，一般人员" in html
    assert "达标 2 人，未达标 1 人" in html
    assert "按报送时的学时记录固定" in html
    # hours that came since the list was made count when it is filed, so they do here
    learned(batch.records.get(verdict__outcome="unmet").person, "0", "30")
    assert "达标 3 人" in browser(district.owner).get(page).content.decode()


def test_summing_up_takes_as_many_queries_for_thirty(district: District) -> None:
    few = a_draft(district, staff(district.unit, 3))
    page = reverse("workflow:act", args=["verification_batches.batch", few.pk, "submit"])
    first = queries_of(district.owner, page)
    services.add_people(batch=few, people=[person.pk for person in staff(district.unit, 27)], actor=district.owner)
    assert queries_of(district.owner, page) <= first
