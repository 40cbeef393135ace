"""What shall be changed of a published project: its values as plain text, laid side by side, kept and applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import Change, changes_of, values_of
from luojiang_ce.workflow.events import record
from units.access import FILER
from units.filed_case import EDITABLE
from units.models import Account

from .models import PlanItem, ProjectChange

# The number of a project never changes; whom to ask about it is no matter of its publication.
CHANGEABLE = (
    *("title", "organiser", "co_organiser", "category", "basis", "content", "audience"),
    *("sessions", "people", "starts_on", "ends_on", "days", "place", "form", "lecturers"),
    *("measure", "public_amount", "professional_amount"),
    *("funding", "budget", "charges", "fee", "fee_document"),
)
Plain = Mapping[str, str | None]


def plain(item: PlanItem, names: Sequence[str]) -> dict[str, str | None]:
    """Fields of a project as text that JSON keeps."""
    fields = {name: PlanItem._meta.get_field(name) for name in names}
    return {
        name: None if getattr(item, name) is None else field.value_to_string(item)  # type: ignore[union-attr]
        for name, field in fields.items()
    }


def put_into(item: PlanItem, values: Plain) -> PlanItem:
    """The same project with these values, not saved."""
    for name, text in values.items():
        setattr(item, name, PlanItem._meta.get_field(name).to_python(text))  # type: ignore[union-attr]
    return item


def compared(change: ProjectChange) -> list[Change]:
    """Each field that is changed: its label, what it was when it was asked for, what it shall be. No query."""
    before = values_of(put_into(PlanItem(), change.before))
    return changes_of(put_into(PlanItem(), change.after), before)


def moved_since(change: ProjectChange) -> list[str]:
    """The labels of what is to be changed and is no longer what it was when it was asked for."""
    then = put_into(PlanItem(), change.before)
    moved = [name for name in change.before if getattr(then, name) != getattr(change.item, name)]
    return [str(PlanItem._meta.get_field(name).verbose_name) for name in moved]  # type: ignore[union-attr]


def draft_of(item: PlanItem, what: str, actor: Account) -> ProjectChange:
    """The draft of the actor's side for this project, as it stands or new and not saved. One query."""
    by_bureau = not FILER.test(actor, item)
    facts: dict[str, Any] = {"item": item, "what": what, "by_bureau": by_bureau}
    standing = ProjectChange.objects.filter(state=ProjectChange.State.DRAFT, **facts).first()
    return standing or ProjectChange(unit=item.unit, batch=item.batch, **facts)


@transaction.atomic
def save_change(
    *, change: ProjectChange, wanted: PlanItem | None, reason: str, actor: Account, version: int | None = None
) -> ProjectChange:
    """Keep what is asked for: the fields in which `wanted` differs from the project as it stands (of a withdrawal
    None), and why. A second click finds the draft of the first. Raises NotPossible, Conflict."""
    item = PlanItem.objects.select_for_update().get(pk=change.item_id)
    if item.state != PlanItem.State.PUBLISHED:
        raise NotPossible(f"项目现在是“{item.get_state_display()}”，只有已公布的项目可以变更或撤销")
    fresh = _locked(change, item, actor)
    names = [name for name in CHANGEABLE if wanted and getattr(item, name) != getattr(wanted, name)]
    asked = {"before": plain(item, names), "after": plain(wanted, names) if wanted else {}, "reason": reason}
    if wanted and not names:
        raise NotPossible("没有改动任何一项，请改好要变更的内容再保存")
    if fresh.pk and all(getattr(fresh, name) == value for name, value in asked.items()):
        return fresh
    fresh.must_be(version)
    return _kept(fresh, asked, actor)


def _locked(change: ProjectChange, item: PlanItem, actor: Account) -> ProjectChange:
    if change.pk is None:
        return draft_of(item, change.what, actor)
    fresh = ProjectChange.objects.select_for_update().get(pk=change.pk)
    if fresh.state not in EDITABLE:
        raise NotPossible(f"这一件的状态是“{fresh.get_state_display()}”，不能修改")
    return fresh


def _kept(change: ProjectChange, asked: Mapping[str, Any], actor: Account) -> ProjectChange:
    for name, value in asked.items():
        setattr(change, name, value)
    name = "edited" if change.pk else "created"
    change.created_by = change.created_by or actor
    change.count_edit(actor)
    change.save()
    record(change, name, actor=actor, note="；".join(f"{label}：{old} → {new}" for label, old, new in compared(change)))
    return change
