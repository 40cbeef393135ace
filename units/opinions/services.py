"""Writing opinions: by the authority itself, or by the bureau from paper with its scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import case_key
from luojiang_ce.files.checks import Checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import attach
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record
from units.models import Account
from units.notify import approvers, handlers

from .models import Opinion
from .reading import CHANGED, FILE, GIVEN, authority_of, is_open, may_give, may_record, opinion_on

CLOSED = "这件申报已经办结或还没有报送，意见不能再登记或更改"


@transaction.atomic
def give_opinion(
    *, case: Any, result: str, text: str, file: Checked | None, actor: Account, version: int | None = None
) -> Opinion:
    """The authority's clerk says what it thinks of the case, today. Raises PermissionDenied, NotPossible, Conflict."""
    locked = _locked(case)
    if not may_give(locked, actor):
        raise PermissionDenied(f"account {actor.pk} gives no opinion on this case")
    facts = {"way": Opinion.Way.ONLINE, "given_on": clock.today(), "person": actor.name}
    return _save(locked, {**facts, "result": result, "text": text}, file, actor, version)


@transaction.atomic
def record_opinion(
    *, case: Any, facts: Mapping[str, Any], file: Checked | None, actor: Account, version: int | None = None
) -> Opinion:
    """The bureau records an opinion from paper. `facts`: result, text, given_on, person.

    Raises PermissionDenied; NotPossible without a scan, or for a day after today; Conflict.
    """
    locked = _locked(case)
    if not may_record(locked, actor):
        raise PermissionDenied(f"account {actor.pk} records no opinion on this case")
    if facts["given_on"] > clock.today():
        raise NotPossible(given_on="意见日期在今天之后，请核对")
    if file is None and not _has_scan(opinion_on(locked)):
        raise NotPossible(file="请选择书面意见的扫描件")
    return _save(locked, {**facts, "way": Opinion.Way.PAPER}, file, actor, version)


def _has_scan(opinion: Opinion | None) -> bool:
    on_paper = opinion is not None and opinion.way == Opinion.Way.PAPER
    return on_paper and Attachment.objects.of(opinion).exists()  # type: ignore[arg-type]  # there is one


def _locked(case: Any) -> Any:
    locked = type(case)._default_manager.select_for_update(of=("self",)).select_related("unit").get(pk=case.pk)
    if not is_open(locked):
        raise NotPossible(CLOSED)
    return locked


def _save(case: Any, facts: Mapping[str, Any], file: Checked | None, actor: Account, version: int | None) -> Opinion:
    if facts["result"] == Opinion.Result.OBJECTED and not facts["text"].strip():
        raise NotPossible(text="不同意须写明理由")
    kind, pk = case_key(case)
    former = opinion_on(case)
    opinion = former or Opinion(case_type=kind, case_id=pk)
    opinion.must_be(version if former or version else None)
    was = in_words(former) if former else ""
    for name, value in facts.items():
        setattr(opinion, name, value)
    opinion.authority, opinion.recorded_by = authority_of(case) or opinion.authority, actor
    opinion.count_edit(actor)
    opinion.save()
    if file:
        attach(case=opinion, material=FILE.code, upload=file, actor=actor)
    note = "。".join(filter(None, (in_words(opinion), f"原为{was}" if was else "")))
    event = record(case, CHANGED if was else GIVEN, actor=actor, note=note)
    people = {*handlers(), *approvers()} - {actor}
    notify(people, f"{opinion}：{case.public_title}", key=f"opinion-{event.pk}", text=opinion.text, case=case)
    return opinion


def in_words(opinion: Opinion) -> str:
    """Whose opinion it is, how it came and what it says: for the history."""
    said = f"{opinion.authority}，{opinion.get_way_display()}，{opinion.person}：{opinion.get_result_display()}"
    return "。".join(filter(None, (said, opinion.text)))
