"""The checklist of a case: which materials it needs, which are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from luojiang_ce.once import once_per_row
from luojiang_ce.uploads.places import MATERIAL, Place

from .models import Attachment


@dataclass(frozen=True)
class Material:
    """One line of a case's checklist. `required` looks at the case; `clause` names the notice.

    `only_where_required`: of no concern to a case that need not have it (an approval of fees where none are taken).
    `takes`: which kinds of files."""

    code: str
    title: str
    help: str = ""
    clause: str = ""
    required: Callable[[Any], bool] = field(default=lambda case: True)
    only_where_required: bool = False
    takes: Place = MATERIAL

    def concerns(self, case: Any) -> bool:
        """Is it asked of this case, or left to its filer?"""
        return not self.only_where_required or self.required(case)

    def fits(self, file: Attachment) -> bool:
        """Does it take such a file? Documents of before places had other names for their kinds: what takes any document
        takes them."""
        return self.takes is MATERIAL or file.content_type in self.takes.kinds


@dataclass(frozen=True)
class MaterialRow:
    """A material of one case with its files; `seen`: the paper itself was looked at."""

    material: Material
    required: bool
    files: list[Attachment]
    seen: bool = False

    @property
    def missing(self) -> bool:
        return self.required and not self.files

    @property
    def is_there(self) -> bool:
        """Is there anything to be said of it to somebody who adds nothing?"""
        return bool(self.files or self.missing or self.seen)


@once_per_row
def files_of(case: Any) -> list[Attachment]:
    """The files of a case, as its page and the guards behind its buttons ask for them. One query."""
    return list(Attachment.objects.of(case).select_related("uploaded_by"))


def checklist(case: Any, materials: Sequence[Material], seen: Sequence[str] = ()) -> list[MaterialRow]:
    """The case's materials with their files, in the order given, without what does not concern it; one query. `seen`:
    codes of papers looked at."""
    rows = [
        MaterialRow(m, m.required(case), [f for f in files_of(case) if f.material == m.code], m.code in seen)
        for m in materials
    ]
    return [row for row in rows if row.required or row.files or not row.material.only_where_required]


def missing_titles(case: Any, materials: Sequence[Material]) -> list[str]:
    """Titles of the required materials that have no file yet."""
    return [row.material.title for row in checklist(case, materials) if row.missing]
