"""附件4 on paper before it is stamped, for the unit to print: short lists at once, long ones in the background."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import Progress, enqueue
from luojiang_ce.papers.form_pdf import OpinionBox, form_printable
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import render
from units.models import Account

from .form4 import FORM4, head_of, rows_of
from .models import Batch, Path

AT_ONCE = 30  # rows that are laid out in well under a second
JOB = "batches.form4"


def form4_of(batch: Batch) -> Printable:
    """附件4 of the batch as it stands, with room for the opinions; not an issued paper."""
    records = list(batch.records.select_related("person").order_by("person__pinyin", "pk"))
    titles = ["单位意见", *(["主管部门初审意见"] if Path(batch.path).needs_review else []), "区人社局验证意见"]
    head = head_of(batch, len(records))
    boxes = [OpinionBox(title) for title in titles]
    return form_printable(FORM4, rows_of(records), head=head, foot=head, boxes=boxes, empty="还没有列入人员")


def enqueue_form4(batch: Batch, account: Account) -> Job:
    """The job that lays the list out; asking again while nothing on the paper changed gives the same job."""
    records = list(batch.records.select_related("person").order_by("person__pinyin", "pk"))
    printed = repr((head_of(batch, len(records)), rows_of(records)))
    args = {"printed": hashlib.sha256(printed.encode()).hexdigest()}
    same = Job.objects.visible_to(account).filter(kind=JOB, case_id=batch.pk, args=args)
    found = same.exclude(state=Job.State.FAILED).order_by("-pk").first()
    return found or enqueue(JOB, title=f"生成附件4：{batch}", owner=account, args=args, case=batch)


def run_form4(job: Job, progress: Progress) -> tuple[str, str]:
    """The worker's part: lay it out, keep the file under the job's own id."""
    batch = Batch.objects.select_related("unit__supervisor").get(pk=job.case_id or 0)
    rendered = render(form4_of(batch), progress)
    name = file_of(job)
    default_storage.delete(name)
    default_storage.save(name, ContentFile(rendered.content))
    return f"共 {rendered.pages} 页", reverse("batches:printed", args=[job.uid])


def file_of(job: Job) -> str:
    """Where the job's file is kept."""
    return f"jobs/{job.uid.hex}.pdf"
