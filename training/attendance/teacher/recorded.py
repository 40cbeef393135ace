"""Whose link wrote a sign down or struck it: what the pages of attendance say of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from training.attendance.recorders import Written

from .models import TeacherTick

WROTE = (TeacherTick.Outcome.RECORDED, TeacherTick.Outcome.UNDONE)


def written_by_links(signs: Collection[int]) -> Mapping[int, Written]:
    """Of these signs those that came through a link, by id. One query."""
    found: dict[int, Written] = {}
    ticks = TeacherTick.objects.filter(sign__in=list(signs), outcome__in=WROTE).select_related("link")
    for tick in ticks:
        pk: int = tick.sign_id  # type: ignore[assignment]  # those without a sign are not asked for
        by, so_far = f"{tick.link.holder}（班主任链接）", found.get(pk, Written())
        if tick.do == TeacherTick.Do.UNDO:
            found[pk] = replace(so_far, struck_by=by)
        else:
            found[pk] = replace(so_far, by=by, remark=tick.doubt)
    return found
