"""The worker's side: a year is packed, then checked. Each is one job, begun again from the start after a kill.

Only one package of a year is made at a time (a constraint), and what an attempt writes bears its number: whoever lost
the lease writes on in a file that nobody will look at, and stops at its next report.
"""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string

from luojiang_ce import clock
from luojiang_ce.disk import flush
from luojiang_ce.files.models import Attachment
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import JobFailed, Progress, enqueue
from luojiang_ce.notices.services import notify
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import keyring, statement, tree
from luojiang_ce.proof.keyring import Purpose
from luojiang_ce.proof.models import TreeHead, note_of
from luojiang_ce.proof.notes import Note
from luojiang_ce.proof.revocations import signed_list
from luojiang_ce.sealing.ring import CannotOpen
from luojiang_ce.sheets.definitions import Column, SheetForm
from luojiang_ce.sheets.writing import write_list
from luojiang_ce.workflow.case_kind import CaseKind
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import record
from units.models import Unit

from .bag import PAYLOAD, Bag, free_bytes, parts_of
from .blocks import BLOCK
from .checking import CATALOGUE, HEADS, INCOMPLETE, KEYS, METADATA, PROOF_ENDING, README, check
from .content import clean
from .later import forget
from .metadata import UNSET, Document, Record, agents, catalogue_entry, form, metadata
from .models import FOLDER, Item, Package, retention_on
from .records import Offices, Source, fitting, proof_of, records_of
from .selecting import select
from .year import archived_kinds, kind_name, reasons_of, rows_at_hand

PACK, CHECK = "archive", "archive_check"
OF_A_CASE = 30_000  # bytes of its metadata, form and page, reckoned high
MARGIN = 1.2  # of the space that is asked for: files of rows that belong to cases are not counted beforehand
GONE = "封装期间被删除"
PROBLEMS_KEPT = 500  # in the database; all of them stand in the package, or are found by the command
LISTED = SheetForm(
    "目录", "目录",
    (Column("number", "件号", kind="integer", width=8), Column("kind", "类别", width=16),
     Column("title", "题名", width=50), Column("retention", "保管期限", width=10), Column("folder", "位置", width=44)),
)  # fmt: skip
LEFT_OUT = SheetForm(
    "未归档", "未归档",
    (Column("kind", "类别", width=16), Column("title", "题名", width=50), Column("reason", "未归档的原因", width=60)),
)  # fmt: skip


def folder() -> Path:
    """Where packages lie."""
    found = Path(default_storage.path(FOLDER))
    found.mkdir(parents=True, exist_ok=True)
    return found


def path_of(package: Package) -> Path:
    """The file of a package that was made."""
    return folder() / package.file


# --- packing ----------------------------------------------------------------------------------------------------------


def pack(job: Job, progress: Progress) -> tuple[str, str]:
    """Write the package that was asked for with this job. JobFailed where the disk is too small, or where nothing of a
    supplement is closed."""
    package = Package.objects.select_related("base").filter(job=job).first()
    if package and package.is_made:  # killed after it was whole, before the job was called done
        return _said(package), package.get_absolute_url()
    if package is None or package.state != Package.State.MAKING:
        raise JobFailed("这次封装已经结束，没有再做")
    clear(package)
    part = folder() / f"{package.uid.hex}.{job.attempts}.part"
    try:
        select(package, progress)
        _ask_for_space(package)
        packed = Packing(package, part, progress).run()
        _finish(package, part, packed, progress)
    except JobFailed:
        fail(package)
        raise
    except OSError as wrong:
        if wrong.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        fail(package)
        raise JobFailed(f"磁盘写满，{package.year} 年度没有封装成；请清理磁盘后重新封装") from wrong
    finally:
        part.unlink(missing_ok=True)
    return _said(package), package.get_absolute_url()


def fail(package: Package) -> None:
    """It will not be made any more; another may be asked for."""
    if Package.objects.filter(pk=package.pk, state=Package.State.MAKING).update(state=Package.State.FAILED):
        clear(package)


def clear(package: Package) -> None:
    """What attempts left: rows of the list, files that are no package."""
    package.items.all().delete()
    for left in folder().glob(f"{package.uid.hex}.*"):
        left.unlink(missing_ok=True)


def _ask_for_space(package: Package) -> None:
    """Raises JobFailed where the disk cannot hold it."""
    needed = package.items.packed().count() * OF_A_CASE
    for key in package.items.order_by().values_list("case_type", flat=True).distinct():
        ids = package.items.packed().filter(case_type=key).values("case_id")
        for model in (Paper, Attachment):
            of_kind = model._default_manager.filter(case_type=key, case_id__in=ids)
            needed += of_kind.aggregate(bytes=Sum("size"))["bytes"] or 0
    if (free := free_bytes(folder())) < needed * MARGIN:
        told = f"约需 {filesizeformat(needed * MARGIN)}，剩余 {filesizeformat(free)}"
        raise JobFailed(f"磁盘空间不够，没有开始封装：{told}。请清理磁盘，或把较早的归档包移到别处后重新封装")


@dataclass
class Packed:
    """What came of it: the signed sum, bytes and files, the head to which most proofs lead, and everything that is
    wrong."""

    signed: str = ""
    size: int = 0
    files: int = 0
    head: str = ""
    problems: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # papers without a proof, by why there is none
    altered: list[str] = field(default_factory=list)


class Packing:
    """One package while it is written."""

    def __init__(self, package: Package, part: Path, progress: Progress) -> None:
        self.package, self.part, self.progress = package, part, progress
        self.total = package.items.packed().count()
        self.kept, self.offices = retention_on(clock.today()), Offices()
        bureau = Unit.objects.bureau()
        self.owner = bureau.name if bureau else ""
        self.heads = _heads()
        self.packed = Packed(head=str(next(iter(self.heads))))
        self.papers: set[str] = set()  # those that are written, by their path below 电子档案/

    def run(self) -> Packed:
        """Write everything, case by case."""
        with Bag(self.part, self.package.root) as bag, tempfile.TemporaryFile(dir=folder()) as catalogue:
            catalogue.write("<?xml version='1.0' encoding='UTF-8'?>\n<文件目录>\n".encode())
            for done, (record_, sources) in enumerate(self._records()):
                if done % 50 == 0:
                    self.progress(done, self.total)
                self._write(bag, record_, sources)
                catalogue.write(catalogue_entry(record_))
            catalogue.write("</文件目录>\n".encode())
            catalogue.seek(0)
            bag.add(_below(CATALOGUE), parts_of(catalogue))
            self._write_what_is_of_all(bag)
            self.packed.signed = bag.close(self._info(), _signed)
            self.packed.files = bag.files
        self.packed.size = self.part.stat().st_size
        return self.packed

    def _records(self) -> Iterator[tuple[Record, list[Source]]]:
        kinds = {kind.key: kind for kind in archived_kinds()}
        items = self.package.items.packed().select_related("package").order_by("number").iterator(BLOCK)
        for key, of_kind in groupby(items, key=lambda item: item.case_type):
            for some in fitting(kinds[key], of_kind):
                yield from self._still_closed(kinds[key], some)

    def _still_closed(self, kind: CaseKind, some: list[Item]) -> Iterator[tuple[Record, list[Source]]]:
        """Packing a year takes long: what was taken up again meanwhile, or is gone, is left out after all."""
        reasons = reasons_of(kind, list(rows_at_hand(kind, [item.case_id for item in some])))
        closed, written = [item for item in some if item.case_id not in reasons], set()
        for record_, sources in records_of(kind, closed, self.offices, self.kept):
            written.add(record_.number)
            yield record_, sources
        for item in some:
            if item.number not in written:
                self._leave_out(item, reasons.get(item.case_id, GONE))

    def _leave_out(self, item: Item, reason: str) -> None:
        Item.objects.filter(pk=item.pk).update(number=0, reason=clean(reason)[:300])
        self.total -= 1

    def _write(self, bag: Bag, record_: Record, sources: list[Source]) -> None:
        """A case: its files first, so that metadata and page name what lies there."""
        below = f"电子档案/{record_.folder}"
        for source in sources:
            self._copy(bag, below, record_, source)
        bag.add(f"{below}/{METADATA}", metadata(record_, self.owner, str(self.package.uid)))
        bag.add(f"{below}/表单.xml", form(record_))
        bag.add(f"{below}/查阅.html", render_to_string("archive/package/case.html", self._read(record_)).encode())
        self.packed.problems += [f"{record_.folder} {record_.title}：{each}" for each in record_.problems]

    def _read(self, record_: Record) -> dict[str, Any]:
        """What the readable page shows; it links to no paper that was left out after all or could not be read. Cases
        with papers about others are written before those others (`archived_kinds`)."""
        elsewhere = [(each, each.path in self.papers) for each in record_.elsewhere]
        return {"record": record_, "elsewhere": elsewhere, "top": "../../.."}

    def _copy(self, bag: Bag, below: str, record_: Record, source: Source) -> None:
        try:
            with source.file.open("rb") as stored:
                content = stored.read()
        except (
            CannotOpen,
            OSError,
            ValueError,
        ) as wrong:  # altered, gone, taken by a virus scanner, not to be read
            record_.problems.append(f"{source.kind}“{source.title}”缺失：{_why_unread(wrong)}")
            return
        written = bag.add(f"{below}/{source.name}", content)
        if source.sha256 and written.sha256 != source.sha256:
            told = "存储里的文件与登记的 SHA-256 不符，已被改动；包内是改动后的"
            record_.problems.append(f"{source.kind}“{source.title}”（{source.name}）{told}")
        record_.documents.append(
            Document(source.name, source.title, source.kind, written.size, written.sha256, source.pages,
                     source.number, source.day, source.state, source.original)
        )  # fmt: skip
        if source.paper:
            self.papers.add(f"{record_.folder}/{source.name}")
            self._prove(bag, f"{below}/{source.name.removesuffix('.pdf')}{PROOF_ENDING}", source.paper, written.sha256)

    def _prove(self, bag: Bag, name: str, paper: Paper, sha256: str) -> None:
        """A proof is of the file that was issued: beside another it would only accuse the log."""
        called = clean(f"{paper.number or paper.code} {paper.title}")
        if sha256 != paper.sha256:
            self.packed.altered.append(called)
        elif proof := proof_of(paper, self.heads):
            bag.add(name, proof)
        else:
            self.packed.waiting.append(called)

    def _write_what_is_of_all(self, bag: Bag) -> None:
        for name, note in zip(HEADS, self.heads.values(), strict=False):
            bag.add(_below(name), str(note).encode())
        keyring.current(Purpose.ARCHIVE)  # so that the published keys have it
        bag.add(_below(KEYS), json.dumps(keyring.as_jwks(), ensure_ascii=False, indent=1).encode())
        bag.add("其他/撤销清单.bin", signed_list())
        bag.add("其他/责任者.xml", agents(self.offices.agents()))
        bag.add("目录.xlsx", _workbook(LISTED, map(self._listed, self._items().packed())))
        bag.add("其他/未归档.xlsx", _workbook(LEFT_OUT, map(_left_out, self._items().left_out())))
        bag.add("目录.html", self._page("archive/package/index.html").encode())
        bag.add(_below(README), self._page("archive/package/readme.txt").encode())

    def _items(self) -> Any:
        return self.package.items.order_by("pk").select_related("package")

    def _page(self, template: str) -> str:
        """What is shown of the whole: the cases by kind, what is left out, what is wrong."""
        context = {
            "package": self.package, "owner": self.owner, "heads": self.heads, "problems": self.packed.problems,
            "total": self.total, "packed": self.packed, "now": clock.local(clock.now()),
            "kinds": [(kind_name(key), self._items().packed().filter(case_type=key)) for key in self._kinds()],
            "left_out": self._items().left_out().count(),
        }  # fmt: skip
        return render_to_string(template, context)

    def _kinds(self) -> Any:
        return self.package.items.packed().order_by("case_type").values_list("case_type", flat=True).distinct()

    def _listed(self, item: Item) -> dict[str, Any]:
        held = self.kept.get(item.case_type)
        return {"number": item.number, "kind": kind_name(item.case_type), "title": item.title,
                "retention": held.period if held else UNSET, "folder": f"电子档案/{item.folder}"}  # fmt: skip

    def _info(self) -> dict[str, str]:
        base = self.package.base
        return {
            "Source-Organization": self.owner,
            "External-Identifier": str(self.package.uid),
            "External-Description": f"{self.package.year} 年度专业技术人员继续教育电子档案，{self.total} 件",
            **({"Supplement-To": str(base.uid)} if base else {}),
            INCOMPLETE: "no" if self.packed.problems else "yes",
        }


def _why_unread(wrong: Exception) -> str:
    if isinstance(wrong, CannotOpen):
        return "文件打不开，密文被改动、截断，或换成了别的文件"
    if isinstance(wrong, FileNotFoundError):
        return "文件不在存储里"
    if isinstance(wrong, PermissionError):
        return "文件不允许读取（可能被杀毒软件隔离）"
    return f"文件读不出来（{type(wrong).__name__}）"


def _left_out(item: Item) -> dict[str, Any]:
    return {"kind": kind_name(item.case_type), "title": item.title, "reason": item.reason}


def _workbook(sheet: SheetForm, rows: Any) -> bytes:
    with tempfile.TemporaryFile() as out:
        write_list(sheet, rows, out)
        out.seek(0)
        return out.read()


def _below(path: str) -> str:
    """A path of the bag as it is below data/."""
    return path.removeprefix(f"{PAYLOAD}/")


def _signed(payload: bytes) -> bytes:
    key = keyring.current(Purpose.ARCHIVE)
    return statement.sealed(
        payload, kid=key.kid, algorithm=key.algorithm, sign=lambda content: keyring.sign(key, content)
    )


def _heads() -> dict[TreeHead, Note]:
    """To which proofs lead: the last head that others have countersigned, and for papers that are younger the last.
    Their notes are made once: a countersignature that comes while a year is packed must not make proofs differ."""
    last = tree.latest() or tree.publish_head()
    return {head: note_of(head) for head in (tree.best() or last, last)}


def _finish(package: Package, part: Path, packed: Packed, progress: Progress) -> None:
    """The file gets its name, the row says what it is, and the check waits; all of it or nothing. The file lies on the
    disk itself before anything says so."""
    flush(part)
    with transaction.atomic():
        progress(1, 1)  # LeaseLost where another has the job by now
        number = package.items.packed().count()
        Package.objects.filter(pk=package.pk).update(
            state=Package.State.LACKING if packed.problems else Package.State.COMPLETE,
            file=f"{package.uid.hex}.zip", size=packed.size, files=packed.files, signed_sha256=packed.signed,
            made_at=clock.now(), head=packed.head, problems=packed.problems[:PROBLEMS_KEPT],
            waiting_papers=packed.waiting[:PROBLEMS_KEPT], altered_papers=packed.altered[:PROBLEMS_KEPT],
            packed=number, left=package.items.left_out().count(),
        )  # fmt: skip
        package.refresh_from_db()
        record(package, "archive_made", actor=SYSTEM, data={"count": number})
        os.replace(part, path_of(package))
        flush(folder())
        transaction.on_commit(forget)
        enqueue(CHECK, title=f"检测{package}", owner=package.made_by, case=package)


def _said(package: Package) -> str:
    left = f"，{package.left} 件未归档" if package.left else ""
    lacking = "；有材料缺失或被改动，包内不全" if package.state == Package.State.LACKING else ""
    return f"{package.year} 年度 {package.packed} 件已封装{left}{lacking}；检测随后自动进行"


# --- checking ---------------------------------------------------------------------------------------------------------


def check_again(job: Job, progress: Progress) -> tuple[str, str]:
    """Look at the file of a package with the bureau's own keys, and keep what was found."""
    package = Package.objects.get(pk=job.case_id or 0)
    if not path_of(package).exists():
        raise JobFailed("归档包的文件不在存储里，请从备份恢复，或重新封装这一年")
    found = check(path_of(package), keyring.as_jwks(), progress)
    Package.objects.filter(pk=package.pk).update(report=found.as_json(PROBLEMS_KEPT), passed=found.passed)
    record(package, "archive_checked", actor=SYSTEM, note=found.sentence)
    if not found.passed:
        title = f"{package}检测不合格"
        notify([package.made_by], title, key=f"archive-check-{job.uid}", text=found.sentence, case=package)
    return found.sentence, package.get_absolute_url()
