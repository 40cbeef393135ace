"""Attachments against the events that brought them: the row, and the bytes that are stored."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.sealing.ring import CannotOpen
from luojiang_ce.workflow.audited import Compared
from luojiang_ce.workflow.chain import Done, batches
from luojiang_ce.workflow.models import Event

from .models import Attachment

_BATCH = 500
UNREADABLE = "-"
ADDED, REMOVED, RESTORED, MOVED, PURGED = (
    *("file_added", "file_removed", "file_restored"),
    *("file_moved", "files_purged"),
)


@dataclass
class _Told:
    """What the events of a case say of one of its files; nothing of one that they do not know."""

    material: str = ""
    sha256: str = ""
    is_removed: bool = False

    def hear(self, name: str, data: Mapping[str, Any]) -> None:
        self.material = data.get("material", self.material)
        self.sha256 = data.get("sha256", self.sha256)
        self.is_removed = name == REMOVED


def comparison() -> Compared:
    """For `register_comparison`."""
    return Compared("材料", Attachment.objects.count, _check, _older)


def _check(done: Done) -> Iterator[str]:
    for files in batches(Attachment.objects.order_by("pk").iterator(_BATCH), _BATCH):
        told, stored = _told_of(files), _Stored()
        for file in files:
            place = f"{file.pk}（{file.case_type}:{file.case_id}）"
            yield from (f"{place}{problem}" for problem in _check_row(file, told.get(file.pk)))
            yield from (f"{place}{problem}" for problem in stored.check(file))
        done(len(files))
    yield from _check_gone()


def _told_of(files: Iterable[Attachment]) -> Mapping[int | None, _Told]:
    cases: dict[str, set[int]] = defaultdict(set)
    for file in files:
        cases[file.case_type].add(file.case_id)
    told: dict[int | None, _Told] = {}
    for kind, pks in cases.items():
        rows = Event.objects.filter(case_type=kind, case_id__in=pks, name__in=[ADDED, REMOVED, RESTORED, MOVED])
        for name, data in rows.order_by("pk").values_list("name", "data"):
            told.setdefault(data.get("attachment"), _Told()).hear(name, data)
    return told


def _check_row(file: Attachment, told: _Told | None) -> Iterator[str]:
    if told is None:
        yield "没有添加的记录：被插入，或改挂到了别的事项"
        return
    if told.sha256 and told.sha256 != mask_ids(file.sha256):  # events hold nothing that looks like an ID number
        yield "登记的指纹与添加时的不符：被改动"
    if told.material != file.material:
        yield f"现在归在“{file.material}”，按记录应归“{told.material}”：被改动"
    if told.is_removed != (file.removed_at is not None):
        yield "是否已移除与记录不符：被改动"


class _Stored:
    """The bytes of files; one file that many cases have is read once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def check(self, file: Attachment) -> Iterator[str]:
        name = str(file.file.name)
        if name not in self._known:
            self._known[name] = self._digest(file)
        if not self._known[name]:
            yield "的文件不在了，请从备份恢复"
        elif self._known[name] == UNREADABLE:
            yield "的文件打不开：密文被改动、截断，或换成了别的文件"
        elif self._known[name] != file.sha256:
            yield "的文件与登记的指纹不符：被改动"

    @staticmethod
    def _digest(file: Attachment) -> str:
        try:
            with file.file.open() as content:
                return hashlib.file_digest(content, "sha256").hexdigest()
        except FileNotFoundError:
            return ""
        except CannotOpen:
            return UNREADABLE


def _check_gone() -> Iterator[str]:
    """A row goes only with its word: the files of drafts that were deleted."""
    added = Event.objects.filter(name=ADDED).order_by("pk").values_list("case_type", "case_id", "data__attachment")
    for batch in batches(added.iterator(_BATCH), _BATCH):
        there = set(Attachment.objects.filter(pk__in=[pk for *_, pk in batch]).values_list("pk", flat=True))
        for case_type, case_id, pk in batch:
            purges = Event.objects.filter(case_type=case_type, case_id=case_id, name=PURGED)
            if pk not in there and not any(
                pk in data.get("attachment", ()) for data in purges.values_list("data", flat=True)
            ):
                yield f"{pk}（{case_type}:{case_id}）不在了，记录里没有清除：被删除"


def _older() -> str:
    """The digest is in their events since these are counted."""
    count = Event.objects.filter(name=ADDED).exclude(data__has_key="sha256").count()
    return f"有 {count} 份是在添加记录写明指纹以前添加的，只能与登记的指纹比对" if count else ""
