"""Who gets into the pages of the yearly verification."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.access import reach_of
from luojiang_ce.files.services import attach
from luojiang_ce.jobs.models import Job
from tests.conftest import District
from tests.documents import PDF
from tests.luojiang_ce.access.matrix import (
    AUDIT_ADMIN,
    BUREAU,
    CLERKS,
    DISTRICT_WIDE,
    KEEPER,
    NOBODY,
    OWN_UNIT,
    REVIEWERS,
    Row,
)
from tests.verification.batches.samples import a_slot, an_appointment, quick_batch, quick_record
from verification.batches import taking_away

APPROVER = frozenset({"approver"})
CONCERNED = CLERKS | BUREAU | REVIEWERS | KEEPER | AUDIT_ADMIN
NEXT = clock.today() + timedelta(days=1)
SLOT = {
    "first_day": NEXT.isoformat(), "last_day": (NEXT + timedelta(days=14)).isoformat(),
    "times": "09:00-10:00", "capacity": "3", "places": "2 号窗口",
}  # fmt: skip


def a_filed_batch(district: District) -> list[int]:
    return [quick_batch(district).pk]


def a_draft_of_the_unit(district: District) -> list[int]:
    return [quick_batch(district, "draft").pk]


def a_draft_of_its_kind(district: District) -> list[Any]:
    return ["verification_batches.batch", *a_draft_of_the_unit(district)]


def a_filed_one_of_its_kind(district: District) -> list[Any]:
    return ["verification_batches.batch", *a_filed_batch(district)]


def a_filed_record(district: District) -> list[int]:
    return [quick_record(district).pk]


def slot(district: District) -> list[int]:
    return [a_slot().pk]


def an_appointment_of_the_unit(district: District) -> list[int]:
    return [an_appointment(district).pk]


def a_print_job(district: District) -> dict[str, Any]:
    batch = quick_batch(district, "draft")
    asked = {"printout": "batches.form4", "args": {}, "reach": reach_of(district.owner)}
    facts = {"owner": district.owner, "case_type": "verification_batches.batch", "case_id": batch.pk, "state": "done"}
    job = Job.objects.create(kind="papers.print", title="附件4", args=asked, **facts)
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    default_storage.save(f"printouts/{job.uid.hex}", ContentFile(b"%PDF-1.7"))
    return {"uid": job.uid}


def tomorrow() -> str:
    return (clock.today() + timedelta(days=1)).isoformat()


def a_zip(district: District) -> list[Any]:
    """Made for the owner."""
    batch = quick_batch(district)
    upload = SimpleUploadedFile("通知.pdf", PDF)
    attach(case=batch, material="announcement", upload=upload, actor=district.owner)
    [job] = taking_away.take_away(batch=batch, actor=district.owner)
    message, url = taking_away.make_zip(job, lambda done, of: None)
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, message=message, result_url=url)
    return [job.uid]


ROWS = [
    Row("batches:take_away", OWN_UNIT | DISTRICT_WIDE, a_filed_batch, method="post", status=302),
    Row("batches:taken_away", frozenset({"owner"}), a_zip),
    Row("workflow:delete_draft", OWN_UNIT, a_draft_of_its_kind, method="post", status=302),
    Row("workflow:delete_draft", NOBODY, a_filed_one_of_its_kind, method="post"),
    Row("batches:list", CONCERNED),
    Row("batches:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("batches:new", CLERKS),
    Row("batches:new", CLERKS, method="post", data={"year": "", "path": ""}, status=422),
    Row("batches:batch", OWN_UNIT | DISTRICT_WIDE, a_filed_batch),
    Row("batches:batch", OWN_UNIT, a_draft_of_the_unit),
    Row("batches:head", OWN_UNIT, a_draft_of_the_unit),
    Row("batches:refreeze", OWN_UNIT | DISTRICT_WIDE, a_filed_batch, method="post", status=302),
    Row("batches:sheet", OWN_UNIT | DISTRICT_WIDE, a_filed_batch),
    Row("batches:pdf", OWN_UNIT | DISTRICT_WIDE, a_filed_batch),
    Row("papers:printed", frozenset({"owner"}), a_print_job),
    Row("batches:choose", OWN_UNIT, a_draft_of_the_unit),
    Row("batches:choose", OWN_UNIT, a_draft_of_the_unit, method="post", status=302),
    Row("batches:rows", OWN_UNIT, a_draft_of_the_unit),
    Row("batches:remove", OWN_UNIT, a_draft_of_the_unit, method="post", status=302),
    Row("batches:unlisted", CONCERNED),
    Row("batches:for_us", CLERKS),
    Row("batches:counter", BUREAU, a_filed_batch),
    Row("batches:arrived", OWN_UNIT | DISTRICT_WIDE, a_filed_batch, status=302),
    Row("batches:cover", OWN_UNIT | DISTRICT_WIDE, a_filed_batch),
    Row("batches:decide", BUREAU, a_filed_batch, method="post", status=302),
    Row("batches:recheck", BUREAU, a_filed_batch, method="post", status=302),
    Row("batches:materials", BUREAU, a_filed_batch, method="post", status=302),
    Row("batches:record", OWN_UNIT | DISTRICT_WIDE, a_filed_record),
    Row("batches:certificate", BUREAU, a_filed_record),
    Row("batches:slots", BUREAU),
    Row("batches:export_slots", BUREAU),
    Row("batches:close_slots", BUREAU, method="post", status=302),
    Row("batches:new_slots", BUREAU),
    Row("batches:new_slots", BUREAU, method="post", data=SLOT, status=302),
    Row("batches:slot", BUREAU, slot),
    Row("batches:bookings", BUREAU),
    Row("batches:export_bookings", BUREAU),
    Row("batches:day_sheet", BUREAU, lambda district: [NEXT]),
    Row("batches:season", APPROVER),
    Row("batches:season", APPROVER, method="post", status=422),
    Row("batches:book", CLERKS | REVIEWERS | frozenset({"handler"})),
    Row("batches:appointment", OWN_UNIT | DISTRICT_WIDE, an_appointment_of_the_unit),
]
