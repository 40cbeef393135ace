"""A draft that was never sent is nobody's but its writer's: it is deleted, not taken back."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from luojiang_ce.access import Actor
from luojiang_ce.refusals import NotPossible

from .case_kind import kind_of
from .events import record, was_moved
from .undo import put_in, take_away

DRAFT = "draft"
WAY = "draft"  # of undoing
DELETED = "draft_deleted"  # the event


def may_delete(case: Any, actor: Actor) -> bool:
    """Is it a draft in this actor's hands that no transition has ever moved?"""
    may_edit = kind_of(case).drafts
    return bool(may_edit and case.state == DRAFT and may_edit(case, actor) and not was_moved(case))


def delete_draft(*, case: Any, actor: Actor) -> str:
    """Delete a draft with all that hangs on it, with an event; what `restore_draft` takes. Raises NotPossible.

    Its files stay stored and come back with it, until luojiang_ce.files clears them away.
    """
    with transaction.atomic():
        locked = type(case)._base_manager.select_for_update().get(pk=case.pk)
        if not may_delete(locked, actor):
            raise NotPossible("只有从未提交过的草稿可以删除")
        record(locked, DELETED, actor=actor)
        return take_away(locked)


def restore_draft(*, rows: str, actor: Actor) -> Any:
    """Put a deleted draft back as it was, with an event. Raises NotPossible."""
    with transaction.atomic():
        case = put_in(rows)[0]
        if not may_delete(case, actor):
            raise NotPossible("不能恢复：您现在不能填写这一件")
        record(case, "draft_restored", actor=actor)
    return case
