"""Entries of the ledger against the acts that posted them. What an entry says is held by the tree (leaves.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby

from django.apps import apps
from django.db import models

from luojiang_ce.workflow.audited import Compared
from luojiang_ce.workflow.case_kind import kinds_with_a_table
from luojiang_ce.workflow.chain import Done, batches
from luojiang_ce.workflow.models import Event
from verification.ledger.models import LedgerEntry

AT_ONCE = timedelta(minutes=1)  # entries and their event are written by one transaction
_BATCH = 500


def comparison() -> Compared:
    """For `register_comparison`."""
    return Compared("学时记录", LedgerEntry.objects.count, _check)


def _check(done: Done) -> Iterator[str]:
    for batch in batches(LedgerEntry.objects.order_by("source_type", "pk").iterator(_BATCH), _BATCH):
        for kind, rows in groupby(batch, key=lambda entry: entry.source_type):
            yield from _check_entries(kind, list(rows))
        done(len(batch))


def _check_entries(kind: str, entries: list[LedgerEntry]) -> Iterator[str]:
    acts = _acts(kind, {entry.source_id for entry in entries})
    for entry in entries:
        if not any(abs(at - entry.created_at) <= AT_ONCE for at in acts[entry.source_id]):
            yield f"第 {entry.pk} 条（{kind}:{entry.source_id}）入账时没有办理的记录：被插入，或记录被删除"


def _acts(kind: str, sources: Iterable[int]) -> Mapping[int, list[datetime]]:
    """When something was done to each of these sources, or to the case that it is a row of."""
    found: dict[int, list[datetime]] = defaultdict(list)
    of_case, case_type = _cases_of(kind, sources)
    rows = Event.objects.filter(case_type=case_type, case_id__in=set(of_case.values()))
    times: dict[int, list[datetime]] = defaultdict(list)
    for case_id, at in rows.values_list("case_id", "at"):
        times[case_id].append(at)
    for source, case in of_case.items():
        found[source] = times[case]
    return found


def _cases_of(kind: str, sources: Iterable[int]) -> tuple[Mapping[int, int], str]:
    model = apps.get_model(kind)
    field = next((each for each in model._meta.concrete_fields if _is_case(each.related_model)), None)
    if _is_case(model) or field is None:
        return {pk: pk for pk in sources}, kind
    rows = model._base_manager.filter(pk__in=list(sources)).values_list("pk", field.attname)
    return dict(rows), field.related_model._meta.label_lower


def _is_case(model: type[models.Model] | None) -> bool:
    return any(model is kind.model for kind, _ in kinds_with_a_table())
