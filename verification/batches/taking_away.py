"""The evidence and the papers of a batch as ZIPs, made by the worker: what the unit keeps, or hands on (product.md C6).

Large ones come in several parts, each within the memory of the server. What an account does not see is not in it: asked
again when it is made, and when it is fetched.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse

from luojiang_ce.access import Actor
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.registry import rules_for
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, enqueue
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets import kept
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.handlers import TAKEN_AWAY
from units.models import Person
from verification.batches.materials import LINES
from verification.batches.models import Batch
from verification.declarations.models import Declaration

JOB = "batches.taking_away"
KEEP = timedelta(days=7)
GONE = "压缩包已按期删除，需要的请重新生成"
MOST_BYTES = 150 * 1024 * 1024  # of a part
CONTENTS = "目录.txt"
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True)
class Item:
    """A file of the ZIP: what it is (attachment-12, paper-7), where it goes, its size and content."""

    key: str
    path: str
    size: int
    file: Any


def take_away(*, batch: Batch, actor: Any) -> list[Job]:
    """The jobs that make the ZIPs, one for each part; on record. Raises NotPossible where there is nothing."""
    parts = list(_parts(items_of(batch, actor)))
    if not parts:
        raise NotPossible("这一批还没有材料，也没有签发的文书")
    with transaction.atomic():
        jobs = [_enqueue(batch, actor, number, len(parts), part) for number, part in enumerate(parts, 1)]
        record(batch, TAKEN_AWAY, actor=actor, data={"count": sum(map(len, parts))})
    return jobs


def items_of(batch: Batch, account: Any) -> list[Item]:
    """The files of the batch, those of its people's declarations of the year, the issued papers: as far as this account
    sees them. A bounded number of queries."""
    people = Person.objects.filter(records__batch=batch)
    declared = Declaration.objects.visible_to(account).filter(person__in=people.values("pk"), year=batch.year)
    cases = {each.pk: each for each in declared.select_related("person")}
    titles = {line.code: line.title for line in LINES}
    return [
        *_of_batch(batch, account, titles),
        *(_of_declaration(each, cases[each.case_id]) for each in _evidence(list(cases.values()), account)),
        *_papers(batch, account),
    ]


def make_zip(job: Job, progress: Progress) -> tuple[str, str]:
    """The worker's part. Raises JobFailed where the owner does not see the batch any more."""
    owner: Any = get_user_model()._default_manager.get(pk=job.owner_id)
    batch = batch_of(job, owner)
    if batch is None or not owner.is_active:
        raise JobFailed("您已看不到这一批，压缩包没有生成")
    wanted = set(job.args["items"])
    items = [each for each in items_of(batch, owner) if each.key in wanted]
    kept.keep(job, zipped(items, progress), owner)
    gone = len(wanted) - len(items)
    more = f"，另 {gone} 个已移除或您已看不到" if gone else ""
    return f"共 {len(items)} 个文件{more}。{KEEP.days} 天内可以下载", reverse("batches:taken_away", args=[job.uid])


def batch_of(job: Job, account: Actor) -> Batch | None:
    """The batch of a job, while the account sees it."""
    return Batch.objects.visible_to(account).filter(pk=job.case_id or 0).first()


def zipped(items: Sequence[Item], progress: Progress) -> bytes:
    """The ZIP: each file under a path of its own, and a table of contents."""
    out, used = io.BytesIO(), {CONTENTS}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:  # pictures and PDFs are packed already
        for number, each in enumerate(items, 1):
            with each.file.open() as file:
                archive.writestr(_unused(each.path, used), file.read())
            progress(number, len(items))
        lines = "\r\n".join(sorted(used - {CONTENTS}))
        archive.writestr(CONTENTS, f"\ufeff{lines}\r\n")
    return out.getvalue()


def purge() -> int:
    """Delete ZIPs after their days; how many."""
    return kept.purge(JOB, KEEP, GONE)


def _enqueue(batch: Batch, actor: Actor, number: int, parts: int, items: Sequence[Item]) -> Job:
    part = f"（第 {number} 包，共 {parts} 包）" if parts > 1 else ""
    args = {"items": [each.key for each in items]}
    return enqueue(JOB, title=f"材料和文书 {batch}{part}", owner=actor, args=args, case=batch)


def _parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    """As many files together as fit into a part."""
    part: list[Item] = []
    size = 0
    for each in items:
        if part and size + each.size > MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(each)
        size += each.size
    if part:
        yield part


def _of_batch(batch: Batch, account: Actor, titles: dict[str, str]) -> Iterator[Item]:
    if rules_for(batch).may_read(batch, account):
        for each in Attachment.objects.of(batch):
            path = f"批次材料/{_fit(titles.get(each.material, each.material))}/{_fit(each.file_name)}"
            yield Item(f"attachment-{each.pk}", path, each.size, each.file)


def _evidence(cases: Sequence[Declaration], account: Actor) -> list[Attachment]:
    readable = [each.pk for each in cases if rules_for(each).may_read(each, account)]
    kind = Declaration._meta.label_lower
    return list(
        Attachment.objects.filter(case_type=kind, case_id__in=readable, removed_at=None).order_by("case_id", "pk")
    )


def _of_declaration(file: Attachment, case: Declaration) -> Item:
    whose = f"{_fit(case.person.name)}（{case.person.masked_id[-4:]}）"
    path = f"个人材料/{whose}/{case.number} {_fit(case.title)[:60]}/{_fit(file.file_name)}"
    return Item(f"attachment-{file.pk}", path, file.size, file.file)


def _papers(batch: Batch, account: Actor) -> Iterator[Item]:
    seen = Paper.objects.visible_to(account).of(batch).filter(state=Paper.State.ISSUED)
    for each in seen.order_by("pk"):
        yield Item(f"paper-{each.pk}", f"文书/{_fit(f'{each.number} {each.title}')}.pdf", each.size, each.file)


def _fit(name: str) -> str:
    """A name as every system takes it for a file."""
    return _UNFIT.sub("_", name).strip(" .") or "未命名"


def _unused(path: str, used: set[str]) -> str:
    """The path, with a number where there is one like it."""
    stem, dot, ending = path.rpartition(".") if "." in path.rpartition("/")[2] else (path, "", "")
    number, found = 1, path
    while found in used:
        number += 1
        found = f"{stem}（{number}）{dot}{ending}"
    used.add(found)
    return found
