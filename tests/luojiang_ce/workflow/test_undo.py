"""Deletes can be undone, by whoever did them, once, while it is allowed; a draft that was never sent is deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lxml.html
import pytest
from django.core import serializers
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import case_key
from luojiang_ce.files.services import attach
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import person_in
from tests.training.classes.factories import a_row, an_application
from tests.training.plans.factories import a_plan, a_scan, an_item
from tests.training.recognition.cases import a_recognition
from tests.units.cases import leave_of
from tests.units.extensions.cases import extension_of
from tests.units.sanctions.cases import sanction_of
from tests.units.views.helpers import browser
from tests.verification.batches.samples import a_draft, staff
from tests.verification.declarations.cases import declaration_of, with_evidence
from training.plans.models import Plan
from units.models import Employment, Title
from verification.batches import services
from verification.batches.models import AnnualRecord, Batch

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Deletion:
    """What is deleted, the address that does it, what is sent, and what must be the same again afterwards."""

    name: str
    make: Callable[[District], Any]
    url: Callable[[Any], str]
    rows: Callable[[Any], Any]
    sent: Callable[[Any], dict[str, Any]] = lambda made: {}

    def __str__(self) -> str:
        return self.name


def draft_url(case: Model) -> str:
    return reverse("workflow:delete_draft", args=case_key(case))


def alone(case: Any) -> list[Any]:
    return list(type(case)._base_manager.filter(pk=case.pk))


def a_second_of_three(district: District) -> Any:
    plan = a_plan(district.unit)
    return [an_item(plan, position=number, title=f"第{number}个班") for number in (1, 2, 3)][1]


def titled(district: District) -> Title:
    return Title.objects.create(person=person_in(district.unit), name="农艺师", level="middle")


def a_class(district: District) -> Any:
    case = an_application(district.unit)
    a_row(case, course="第二课")
    return case


def a_plan_with_rows(district: District) -> Any:
    return a_second_of_three(district).plan


def a_file(district: District) -> Any:
    return attach(case=declaration_of(district.unit), material="proof", upload=a_scan(), actor=district.owner)


DELETIONS = (
    Deletion(
        "row of a plan",
        a_second_of_three,
        lambda item: reverse("plans:item_delete", args=[item.plan_id, item.pk]),
        lambda item: list(item.plan.items.order_by("position")),
    ),
    Deletion(
        "title of a person",
        titled,
        lambda row: reverse("people:remove_record", args=[row.person_id, "titles", row.pk]),
        alone,
        lambda row: {"reason": "录入有误", "version": row.person.version},
    ),
    Deletion("declaration", lambda d: declaration_of(d.unit), draft_url, alone),
    Deletion("leave", leave_of, draft_url, alone),
    Deletion("sanction", sanction_of, draft_url, alone),
    Deletion("extension", extension_of, draft_url, alone),
    Deletion("recognition", lambda d: a_recognition(d, "draft"), draft_url, alone),
    Deletion("batch", lambda d: a_draft(d, people=[]), draft_url, alone),
    Deletion("plan", a_plan_with_rows, draft_url, lambda case: [*alone(case), *case.items.all()]),
    Deletion("class", a_class, draft_url, lambda case: [*alone(case), *case.timetable.all(), *case.organisers.all()]),
)
every_deletion = pytest.mark.parametrize("deletion", DELETIONS, ids=str)


def as_it_is(deletion: Deletion, made: Any) -> str:
    return serializers.serialize("json", deletion.rows(made)).replace(
        ".000Z", "Z"
    )  # a moment is kept to the millisecond


def undo_key(client: Client, page: Any) -> str:
    root = lxml.html.fromstring(client.get(page.headers["Location"]).content.decode())
    return root.xpath("//form[@action='/undo/']//button[@name='key']/@value")[0]


@every_deletion
def test_a_deletion_is_undone_as_it_was(deletion: Deletion, district: District) -> None:
    made, client = deletion.make(district), browser(district.owner)
    before = as_it_is(deletion, made)
    gone = client.post(deletion.url(made), deletion.sent(made))
    assert gone.status_code == 302
    assert not type(made)._base_manager.filter(pk=made.pk).exists()
    key = undo_key(client, gone)
    back = client.post("/undo/", {"key": key}, follow=True)
    assert "已恢复" in back.content.decode()
    assert as_it_is(deletion, made) == before
    again = client.post("/undo/", {"key": key}, follow=True)
    assert "不能再恢复" in again.content.decode()
    assert as_it_is(deletion, made) == before


LISTS = {"declaration": "/declarations/", "leave": "/leaves/", "extension": "/terms/extensions/", "plan": "/plans/"}
LISTS |= {"class": "/classes/", "recognition": "/recognition/", "batch": "/verification/", "sanction": "/sanctions/"}


def offered(client: Client, url: str, heading: str) -> list[str]:
    """The keys that a page offers for what was deleted there."""
    root = lxml.html.fromstring(client.get(url).content.decode())
    found: list[str] = root.xpath(f"//section[header/h2='{heading}']//button[@name='key']/@value")
    return found


@pytest.mark.parametrize("deletion", [each for each in DELETIONS if each.url is draft_url], ids=str)
def test_the_list_offers_deleted_drafts_as_long_as_they_can_be_put_back(deletion: Deletion, district: District) -> None:
    made, client, list_url = deletion.make(district), browser(district.owner), LISTS[str(deletion)]
    before = as_it_is(deletion, made)
    client.post(deletion.url(made), follow=True)
    client.get(list_url)
    [key] = offered(client, list_url, "最近删除的草稿")  # again, and again
    assert not offered(browser(district.colleague), list_url, "最近删除的草稿")
    for other in {*LISTS.values()} - {list_url}:
        assert not offered(client, other, "最近删除的草稿")
    client.post("/undo/", {"key": key})
    assert as_it_is(deletion, made) == before
    assert not offered(client, list_url, "最近删除的草稿")


def test_the_list_says_how_many_are_kept(district: District) -> None:
    client, url = browser(district.owner), LISTS["leave"]
    for _ in range(6):
        client.post(draft_url(leave_of(district)), follow=True)
    assert len(offered(client, url, "最近删除的草稿")) == 5
    assert "只留最近 5 项（各页合计），退出登录前可以恢复" in client.get(url).content.decode()


def test_a_plan_offers_its_deleted_rows(district: District) -> None:
    plan, client = a_plan_with_rows(district), browser(district.owner)
    other = an_item(a_plan(district.unit, 2031)).plan
    item = plan.items.first()
    client.post(reverse("plans:item_delete", args=[plan.pk, item.pk]), follow=True)
    [key] = offered(client, plan.get_absolute_url(), "最近删除的行")
    assert not offered(client, other.get_absolute_url(), "最近删除的行")
    client.post("/undo/", {"key": key})
    assert plan.items.filter(pk=item.pk).exists()
    assert not offered(client, plan.get_absolute_url(), "最近删除的行")


@every_deletion
def test_nobody_else_deletes_or_undoes(deletion: Deletion, district: District) -> None:
    made = deletion.make(district)
    before = as_it_is(deletion, made)
    assert browser(district.neighbour).post(deletion.url(made), deletion.sent(made)).status_code == 404
    assert as_it_is(deletion, made) == before
    client, other = browser(district.owner), browser(district.neighbour)
    key = undo_key(client, client.post(deletion.url(made), deletion.sent(made)))
    other.post("/undo/", {"key": key})
    assert not type(made)._base_manager.filter(pk=made.pk).exists()


@pytest.mark.parametrize("deletion", [each for each in DELETIONS if each.url is draft_url], ids=str)
def test_only_a_draft_that_was_never_sent_is_deleted(deletion: Deletion, district: District) -> None:
    made, client = deletion.make(district), browser(district.owner)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "删除草稿" in page
    assert not any(word in page for word in ("撤回申报", "取消办班", ">作废<"))
    client.post(deletion.url(made))
    assert list(Event.objects.filter(case_id=made.pk).values_list("name", flat=True))[-1:] == ["draft_deleted"]
    assert browser(district.audit_admin).get("/audit/").status_code == 200, "the log does without it"


def test_what_was_sent_once_is_taken_back_instead(district: District) -> None:
    case, client = with_evidence(declaration_of(district.unit), district.owner), browser(district.owner)
    fire(case, "submit", actor=district.owner)
    fire(case, "take_back", actor=district.owner)
    page = client.get(case.get_absolute_url()).content.decode()
    assert ("删除草稿" in page, "撤回申报" in page) == (False, True)
    assert client.post(draft_url(case)).status_code == 404
    assert alone(case)


def test_a_removed_file_comes_back(district: District) -> None:
    case, client = with_evidence(declaration_of(district.unit), district.owner), browser(district.owner)
    page = lxml.html.fromstring(client.get(case.get_absolute_url()).content.decode())
    remove = next(form.get("action") for form in page.forms if "/remove" in (form.get("action") or ""))
    key = undo_key(client, client.post(remove))
    assert remove not in client.get(case.get_absolute_url()).content.decode()
    assert "已恢复" in client.post("/undo/", {"key": key}, follow=True).content.decode()
    assert remove in client.get(case.get_absolute_url()).content.decode()


def test_a_removed_file_stays_away_once_the_case_is_filed(district: District) -> None:
    case, client = with_evidence(declaration_of(district.unit), district.owner), browser(district.owner)
    page = lxml.html.fromstring(client.get(case.get_absolute_url()).content.decode())
    remove = next(form.get("action") for form in page.forms if "/remove" in (form.get("action") or ""))
    key = undo_key(client, client.post(remove))
    type(case).objects.filter(pk=case.pk).update(state="submitted")
    assert "不能恢复" in client.post("/undo/", {"key": key}, follow=True).content.decode()


def test_people_taken_out_of_a_batch_come_back_with_what_was_filled_in(district: District) -> None:
    batch, client = a_draft(district), browser(district.owner)
    row = batch.records.order_by("pk").first()
    row.unmet_reason = "留住我"
    row.save()
    gone = client.post(reverse("batches:remove", args=[batch.pk]), {"rows": [row.pk]})
    assert not batch.records.filter(person=row.person).exists()
    client.post("/undo/", {"key": undo_key(client, gone)})
    assert batch.records.get(person=row.person).unmet_reason == "留住我"


def taken_out(district: District, *reasons: str) -> tuple[Batch, Client, str, list[AnnualRecord]]:
    """A draft of which a clerk has taken out these rows, each with a reason typed before; and the key of undoing it."""
    batch, client = a_draft(district, people=staff(district.unit, 3)), browser(district.owner)
    rows = list(batch.records.order_by("pk"))[: len(reasons)]
    for row, reason in zip(rows, reasons, strict=True):
        row.unmet_reason = reason
        row.save()
    gone = client.post(reverse("batches:remove", args=[batch.pk]), {"rows": [row.pk for row in rows]})
    return batch, client, undo_key(client, gone), rows


def test_what_was_filled_in_since_is_not_overwritten(district: District) -> None:
    batch, client, key, (typed, untouched, gone) = taken_out(district, "原来的", "旧的", "另一个")
    services.add_people(batch=batch, people=[typed.person_id, untouched.person_id], actor=district.colleague)
    batch.records.filter(person=typed.person_id).update(unmet_reason="后来填的")
    page = client.post("/undo/", {"key": key}, follow=True).content.decode()
    said = {row.person_id: row.unmet_reason for row in batch.records.all()}
    assert said == {typed.person_id: "后来填的", untouched.person_id: "旧的", gone.person_id: "另一个"}
    assert f"{typed.person.name}已重新列入并另有填写，保留现在填写的" in page
    assert untouched.person.name + "已重新列入" not in page


def test_who_cannot_come_back_is_named_and_nobody_is_said_to_be_back(district: District) -> None:
    batch, client, key, (row,) = taken_out(district, "原来的")
    Employment.objects.filter(person=row.person_id).update(unit=district.neighbour_unit)
    page = client.post("/undo/", {"key": key}, follow=True).content.decode()
    assert "已恢复" not in page
    assert f"不能恢复：{row.person.name}没有恢复：已列入别的批次，或现在不属于本批次" in page
    assert not batch.records.filter(person=row.person_id).exists()


def filled_in(batch: Batch) -> list[dict[str, Any]]:
    return services.typed_in(batch, [row.pk for row in batch.records.all()])


def test_a_deleted_batch_comes_back_with_its_people_and_what_was_filled_in(district: District) -> None:
    batch, client = a_draft(district), browser(district.owner)
    batch.records.update(unmet_reason="留住我", evidence="证明")
    before, head = filled_in(batch), (batch.filler, batch.phone)
    gone = client.post(draft_url(batch))
    assert not Batch.objects.filter(pk=batch.pk).exists()
    assert not AnnualRecord.objects.filter(year=batch.year).exists(), "who was never filed has no year on record"
    key = undo_key(client, gone)
    assert f"已恢复：{batch}" in client.post("/undo/", {"key": key}, follow=True).content.decode()
    again = Batch.objects.get(pk=batch.pk)
    assert (filled_in(again), (again.filler, again.phone)) == (before, head)
    assert [event.name for event in Event.objects.filter(case_id=batch.pk).order_by("pk")][-4:-1] == [
        *("draft_deleted", "draft_restored", "edited")
    ]


def test_a_deleted_batch_keeps_on_record_who_was_filed_once(district: District) -> None:
    batch, client = a_draft(district), browser(district.owner)
    first = batch.records.order_by("pk").first()
    AnnualRecord.objects.filter(pk=first.pk).update(first_submitted_at=clock.now(), unmet_reason="原来的")
    key = undo_key(client, client.post(draft_url(batch)))
    kept = AnnualRecord.objects.get(year=batch.year)
    assert (kept.pk, kept.batch) == (first.pk, None)
    client.post("/undo/", {"key": key})
    kept.refresh_from_db()
    assert (kept.batch_id, kept.unmet_reason) == (batch.pk, "原来的")
    assert batch.records.count() == 3


def test_a_batch_comes_back_even_when_nobody_of_it_does(district: District) -> None:
    batch, client = a_draft(district), browser(district.owner)
    key = undo_key(client, client.post(draft_url(batch)))
    Employment.objects.filter(person__employments__unit=district.unit).update(unit=district.neighbour_unit)
    page = client.post("/undo/", {"key": key}, follow=True).content.decode()
    assert "没有恢复：已列入别的批次，或现在不属于本批次" in page
    assert Batch.objects.get(pk=batch.pk).records.count() == 0


def test_a_batch_with_somebody_decided_is_not_deleted(district: District) -> None:
    batch, client = a_draft(district), browser(district.owner)
    batch.records.update(state="verified", first_submitted_at=clock.now())
    page = client.post(draft_url(batch), follow=True).content.decode()
    assert "不能删除这份草稿" in page
    assert batch.records.count() == 3


def test_what_comes_back_into_a_returned_batch_is_on_record_in_words(district: District) -> None:
    batch, client, key, (row,) = taken_out(district, "原来的")
    record(batch, "submit", actor=district.owner)
    Batch.objects.filter(pk=batch.pk).update(state="returned")
    client.post("/undo/", {"key": key})
    assert f"{row.person.name} 未达标原因：空 → 原来的" in Event.objects.filter(name="edited").last().note_row.text


def test_a_row_whose_plan_was_filed_meanwhile_stays_away(district: District) -> None:
    item, client = a_second_of_three(district), browser(district.owner)
    gone = client.post(reverse("plans:item_delete", args=[item.plan_id, item.pk]))
    key = undo_key(client, gone)
    Plan.objects.filter(pk=item.plan_id).update(state="submitted")
    assert "不能修改" in client.post("/undo/", {"key": key}, follow=True).content.decode()
    assert item.plan.items.count() == 2


def test_a_draft_begun_anew_meanwhile_is_not_doubled(district: District) -> None:
    plan, client = a_plan(district.unit), browser(district.owner)
    key = undo_key(client, client.post(draft_url(plan)))
    a_plan(district.unit, year=plan.year)
    assert "不能恢复" in client.post("/undo/", {"key": key}, follow=True).content.decode()
    assert Plan.objects.count() == 1
