"""Attachments: kept once, seen where the case is seen, never run in the browser."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.checks import checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.registry import rules_for
from luojiang_ce.files.services import attach, attach_to_all, remove
from luojiang_ce.files.tasks import purge_deleted
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import Kind
from luojiang_ce.workflow.drafts import delete_draft, restore_draft
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from tests.conftest import in_parallel
from tests.documents import PDF, office
from tests.training.plans.factories import a_plan, a_scan
from tests.units.cases import leave_of, with_evidence
from training.plans.models import Plan
from units.filed_case import may_edit
from units.models import Leave


@pytest.fixture
def plan(district):
    return a_plan(district.unit)


def upload_address(plan: Plan, material: str = "scheme") -> str:
    return reverse("files:upload", args=["training_plans.plan", plan.pk, material])


def test_the_same_file_is_kept_once(plan, district):
    kept = {attach(case=plan, material="scheme", upload=a_scan(), actor=district.owner).pk for _ in range(3)}
    assert len(kept) == 1
    assert [event.name for event in history(plan)] == ["file_added"]


def test_an_upload_is_looked_into_before_the_transactions_of_others_wait_for_it(plan, district):
    to: dict[str, Any] = {"case": plan, "material": "scheme", "actor": district.owner}
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        attach(upload=a_scan(), **to)
    found = checked(a_scan())
    with transaction.atomic():
        assert attach(upload=found, **to).name == found.name


def test_nothing_of_the_name_reaches_the_disk(plan, district):
    kept = attach(case=plan, material="scheme", upload=a_scan("../../身份证.png"), actor=district.owner)
    assert "身份证" not in kept.file.name
    assert ".." not in kept.file.name


def test_removing_hides_and_is_on_record(plan, district):
    kept = attach(case=plan, material="scheme", upload=a_scan(), actor=district.owner)
    for _ in range(2):
        remove(attachment=kept, case=plan, actor=district.owner)
    assert not Attachment.objects.of(plan)
    assert [event.name for event in history(plan)] == ["file_removed", "file_added"]


def other_scan() -> SimpleUploadedFile:
    return SimpleUploadedFile("通知.pdf", PDF)


def test_nothing_is_attached_to_what_was_deleted_meanwhile(plan, district):
    to: dict[str, Any] = {"material": "scheme", "actor": district.owner, "may_change": may_edit}
    kept = attach(case=plan, upload=a_scan(), **to)
    other = a_plan(district.unit, year=plan.year + 1)
    stale = Plan.objects.get(pk=plan.pk)
    Plan.objects.filter(pk=plan.pk).delete()
    for cases in ([stale], [other, stale]):
        with pytest.raises(NotPossible, match="刚刚已有人删除"):
            attach_to_all(cases=cases, upload=other_scan(), **to)
    with pytest.raises(NotPossible, match="刚刚已有人删除"):
        remove(attachment=kept, case=stale, actor=district.owner, may_change=may_edit)
    with pytest.raises(NotPossible, match="刚刚已经提交或办结"):
        attach_to_all(cases=[], upload=other_scan(), **to)
    assert [each.pk for each in Attachment.objects.filter(removed_at=None)] == [kept.pk]


def test_of_several_files_the_good_ones_are_kept_and_the_bad_ones_named(client, plan, district):
    client.force_login(district.owner)
    bad = SimpleUploadedFile("通知.exe", b"MZ\x90\x00")
    answer = client.post(upload_address(plan), {"files": [a_scan("方案.png"), bad]}, follow=True)
    said = [str(message) for message in answer.context["messages"]]
    assert [a.name for a in Attachment.objects.of(plan)] == ["方案.png"]
    assert any("通知.exe" in text and "不是可以接收的文件" in text for text in said)


def test_choosing_nothing_says_so(client, plan, district):
    client.force_login(district.owner)
    answer = client.post(upload_address(plan), follow=True)
    assert "还没有选择文件" in answer.content.decode()


def test_a_material_that_the_case_does_not_know_is_404(client, plan, district):
    client.force_login(district.owner)
    assert client.post(upload_address(plan, "contract"), {"files": [a_scan()]}).status_code == 404


def test_a_filed_case_takes_no_more_files(client, plan, district):
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.SUBMITTED)
    client.force_login(district.owner)
    assert client.post(upload_address(plan), {"files": [a_scan()]}).status_code == 404


def test_a_download_can_run_nothing(client, plan, district):
    kept = attach(case=plan, material="scheme", upload=a_scan(), actor=district.owner)
    client.force_login(district.colleague)
    answer = client.get(reverse("files:download", args=[kept.uid]))
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")


def messages_of(client, answer) -> list[str]:
    return [str(each) for each in client.get(answer["Location"]).context["messages"]]


def test_a_file_is_kept_and_handed_out_under_an_ending_of_its_kind(client, plan, district):
    """A workbook called .hta would be run by who opens it, a text called .pdf opened by nobody."""
    client.force_login(district.owner)
    assert "每个不超过 20 MB" in client.get(plan.get_absolute_url()).content.decode()
    told = messages_of(
        client, client.post(upload_address(plan), {"files": [SimpleUploadedFile("名单.hta", office("xl"))]})
    )
    kept = Attachment.objects.of(plan).get()
    assert kept.name == "名单.hta.xlsx"
    assert told == ["已上传：名单.hta.xlsx（内容是 Excel 工作簿，已加上扩展名）"]
    Attachment.objects.update(name="名单.hta")  # as it was kept before
    client.force_login(district.colleague)
    answer = client.get(reverse("files:download", args=[kept.uid]))
    answer.close()
    assert unquote(answer["Content-Disposition"]).endswith("名单.hta.xlsx")


def test_the_longest_name_has_room_for_its_ending():
    assert len(checked(SimpleUploadedFile("长" * 300 + ".doc", office("xl"))).name) == 200
    assert checked(SimpleUploadedFile("长" * 300 + ".doc", office("xl"))).name.endswith("长.doc.xlsx")


def test_a_content_that_is_there_is_named_under_both_names(client, plan, district):
    client.force_login(district.owner)
    client.post(upload_address(plan), {"files": [SimpleUploadedFile("方案.pdf", PDF)]}, follow=True)
    for name in ("方案.pdf", "方案_改.pdf"):
        answer = client.post(upload_address(plan), {"files": [SimpleUploadedFile(name, PDF)]})
        assert messages_of(client, answer) == [f"没有重复保存“{name}”：与已有的“方案.pdf”内容相同"]
    assert Attachment.objects.of(plan).count() == 1


@pytest.mark.parametrize(
    ("name", "kind", "handed_out"),
    [
        ("名单.XLSX", Kind.EXCEL, "名单.XLSX"),
        ("名单.xlsx.lnk", Kind.EXCEL, "名单.xlsx.lnk.xlsx"),
        ("名单.doc", Kind.WORD, "名单.doc.docx"),
        ("名单.et", Kind.OLE, "名单.et"),
        ("afdp.exe", Kind.PDF, "afdp.exe.pdf"),
        ("IMG_1.JPEG", Kind.JPEG, "IMG_1.JPEG"),
        ("扫描件", Kind.PNG, "扫描件.png"),
        ("a.hta", "no kind of ours", "a.hta.bin"),
    ],
)
def test_what_it_is_called_stays_before_the_ending(name, kind, handed_out):
    assert Attachment(name=name, content_type=kind).file_name == handed_out


def test_back_leads_only_to_the_case(client, plan, district):
    client.force_login(district.owner)
    for target in ("https://example.com/", "//example.com", "/accounts/"):
        answer = client.post(upload_address(plan), {"files": [a_scan()], "next": target})
        assert answer["Location"] == plan.get_absolute_url()


class TestACaseThatWasJustFiled:
    """Looking and writing are one step: what was filed in between takes and loses no file."""

    @pytest.fixture
    def filed(self, plan, district):
        """The plan as a page loaded it before a colleague filed it, and its file."""
        kept = attach(case=plan, material="scheme", upload=a_scan(), actor=district.owner)
        stale = Plan.objects.get(pk=plan.pk)
        Plan.objects.filter(pk=plan.pk).update(state=Plan.State.SUBMITTED)
        return stale, kept

    def test_nothing_is_added(self, filed, district):
        stale, kept = filed
        with pytest.raises(NotPossible, match="已经提交"):
            attach(
                case=stale, material="scheme", upload=a_scan("又一份.png"), actor=district.owner,
                may_change=rules_for(stale).may_change,
            )  # fmt: skip
        assert list(Attachment.objects.of(stale)) == [kept]

    def test_nothing_is_removed(self, filed, district):
        stale, kept = filed
        with pytest.raises(NotPossible, match="已经提交"):
            remove(attachment=kept, case=stale, actor=district.owner, may_change=rules_for(stale).may_change)
        assert list(Attachment.objects.of(stale)) == [kept]


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(4))
def test_removing_and_filing_at_the_same_moment(district, attempt):
    leave = leave_of(district)
    with_evidence(district, leave)
    (kept,) = Attachment.objects.of(leave)

    def file() -> None:
        with suppress(Refused):
            fire(Leave.objects.get(pk=leave.pk), "submit", actor=district.fresh(district.owner))

    def take_off() -> None:
        uid, clerk = kept.uid, district.fresh(district.colleague)
        client = Client()
        client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
        client.post(reverse("files:remove", args=[uid]))

    in_parallel([file, take_off])
    leave.refresh_from_db()
    assert (leave.state == Leave.State.SUBMITTED) == Attachment.objects.of(leave).exists()


def deleted_draft(district) -> tuple[Leave, dict[str, Any], Attachment]:
    leave = leave_of(district)
    with_evidence(district, leave)
    kept = Attachment.objects.of(leave).get()
    return leave, delete_draft(case=leave, actor=district.owner), kept


def days_later(days: int) -> Any:
    return clock.at(clock.now() + timedelta(days=days))


def test_files_of_a_deleted_draft_go_when_it_cannot_be_put_back_any_more(district, plan):
    attach(case=plan, material="scheme", upload=a_scan(), actor=district.owner)
    leave, _, kept = deleted_draft(district)
    pk, removed = leave.pk, attach(case=plan, material="scheme", upload=a_scan("另一份.pdf"), actor=district.owner)
    remove(attachment=removed, case=plan, actor=district.owner)
    storage, name, before = kept.file.storage, kept.file.name, Attachment.objects.count()
    with days_later(6):
        assert purge_deleted() == 0
        assert storage.exists(name)
    with days_later(8):
        assert purge_deleted() == 1
        assert purge_deleted() == 0, "run twice, done once"
    assert not storage.exists(name)
    assert Attachment.objects.count() == before - 1, "what is not of a deleted draft stays, removed or not"
    events = list(Event.objects.filter(case_type="units.leave", case_id=pk).order_by("pk"))
    assert [event.name for event in events][-2:] == ["draft_deleted", "files_purged"]
    assert (events[-1].actor, events[-1].data) == (None, {"attachment": [kept.pk]})


def test_files_of_a_draft_that_was_put_back_stay(district):
    leave, gone, kept = deleted_draft(district)
    restore_draft(**gone, actor=district.owner)
    with days_later(8):
        assert purge_deleted() == 0
    with days_later(10):
        delete_draft(case=Leave.objects.get(pk=leave.pk), actor=district.owner)
    with days_later(12):
        assert purge_deleted() == 0, "deleted again: its days begin anew"
        assert kept.file.storage.exists(kept.file.name)
    with days_later(18):
        assert purge_deleted() == 1
