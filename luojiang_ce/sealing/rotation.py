"""All that is sealed goes under the key in force: in small steps, each whole in itself, so that it may be broken off at
any moment, begun again, and run twice at once. Blocks and apps register their columns; files are found where they lie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from django.core.files.storage import default_storage
from django.db import models, transaction

from .ring import CannotOpen, in_force, known
from .storage import SealedStorage

ROWS_AT_ONCE = 200
FILES_TOLD = 50
Told = Callable[[str, int, int], None]  # what, how many of how many are looked at


class Kind(Protocol):
    """Something that lies sealed in many places."""

    @property
    def label(self) -> str:
        """What it is, in Chinese."""

    def count(self) -> Counter[str]:
        """How many places lie under the key of which id, or in the older format."""

    def reseal(self, report: Report, told: Told) -> None:
        """Bring every place under the key in force."""


@dataclass
class Report:
    """What was done: how many places were sealed anew, by what they are; and what does not open."""

    done: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SealedRows:
    """Columns of a table that are sealed together.

    `named`: the id of the key that a row lies under, or that it is of the older format; `renewed`: the columns under
    the key in force, which raises CannotOpen.
    """

    label: str
    model: type[models.Model]
    named: Callable[[Any], str]
    renewed: Callable[[Any], Mapping[str, bytes]]

    def count(self) -> Counter[str]:
        """See Kind."""
        return Counter(self.named(row) for row in self.model._base_manager.iterator(ROWS_AT_ONCE))

    def reseal(self, report: Report, told: Told) -> None:
        """See Kind."""
        looked_at, total = 0, self.model._base_manager.count()
        for rows in self._batches():
            with transaction.atomic():
                for row in rows:
                    self._reseal(row, report)
            looked_at += len(rows)
            told(self.label, looked_at, max(total, looked_at))

    def _batches(self) -> Iterator[list[Any]]:
        last = 0
        while rows := list(self.model._base_manager.filter(pk__gt=last).order_by("pk")[:ROWS_AT_ONCE]):
            yield rows
            last = rows[-1].pk

    def _reseal(self, row: Any, report: Report) -> None:
        """Only where it lies as it was read: who was quicker has written something newer."""
        if self.named(row) == in_force().id.hex():
            return
        try:
            renewed = self.renewed(row)
        except CannotOpen as wrong:
            report.problems.append(f"{self.label} {row.pk}：{wrong}")
            return
        as_read = {name: getattr(row, name) for name in renewed}
        report.done[self.label] += self.model._base_manager.filter(pk=row.pk, **as_read).update(**renewed)


class SealedFiles:
    """Everything below MEDIA_ROOT but what lies there plain on purpose."""

    label = "文件"

    def count(self) -> Counter[str]:
        """See Kind."""
        found: Counter[str] = Counter()
        for name in _names():
            try:
                found[_storage().key_of(name)] += 1
            except FileNotFoundError:  # deleted meanwhile
                continue
        return found

    def reseal(self, report: Report, told: Told) -> None:
        """See Kind."""
        names = list(_names())
        for number, name in enumerate(names, 1):
            try:
                report.done[self.label] += _storage().reseal(name)
            except FileNotFoundError:
                continue
            except CannotOpen as wrong:
                report.problems.append(str(wrong))
            if number % FILES_TOLD == 0 or number == len(names):
                told(self.label, number, len(names))


_kinds: list[Kind] = []
_plain: list[str] = []


def register_sealed(kind: Kind) -> None:
    """Have this brought under a new key too; called in the app's `ready()`."""
    _kinds.append(kind)


def register_plain(folder: str) -> None:
    """A folder below MEDIA_ROOT whose files are not sealed, on purpose."""
    _plain.append(folder)


def rotate(told: Told) -> Report:
    """Seal everything anew that does not lie under the key in force."""
    report = Report()
    for kind in _every():
        kind.reseal(report, told)
    return report


def counted() -> dict[str, Counter[str]]:
    """By what it is: how many places lie under the key of which id."""
    return {kind.label: kind.count() for kind in _every()}


def _every() -> tuple[Kind, ...]:
    """Rows before files: a key that is missing shows where the least is at stake."""
    return (*_kinds, SealedFiles())


def called(named: str) -> str:
    """A key in words."""
    if named == in_force().id.hex():
        return f"现用密钥 {named}"
    if named in {key.id.hex() for key in known()}:
        return f"旧密钥 {named}"
    is_id = len(named) == 8 and all(letter in "0123456789abcdef" for letter in named)
    return f"未知密钥 {named}" if is_id else named


def _storage() -> SealedStorage:
    assert isinstance(default_storage, SealedStorage)
    return default_storage


def _names() -> Iterator[str]:
    """By what it is bound to, every file that is there to stay."""
    top = Path(_storage().location)
    for path in sorted(top.rglob("*")):
        name = path.relative_to(top)
        if path.is_file() and name.parts[0] not in _plain and path.parent != _storage().drafts:
            yield name.as_posix()
