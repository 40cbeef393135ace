"""The event log for the audit officer: words for events, and the check of the chain as long work."""

from __future__ import annotations

from functools import cache

from luojiang_ce import clock
from luojiang_ce.access import case_models
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import Progress
from luojiang_ce.workflow import case_kind, chain
from luojiang_ce.workflow.changes import what_changed
from luojiang_ce.workflow.models import Event

CHECK = "check_audit"
PROBLEMS_SHOWN = 3


@cache
def _labels() -> dict[tuple[str, str], str]:
    """What each transition is called afterwards, by case type and name; complete once all apps are ready."""
    return {(kind.key, t.name): t.done for kind, table in case_kind.kinds_with_a_table() for t in table.transitions}


def event_label(case_type: str, name: str) -> str:
    """An event in words: 提交, 退回补正, 显示完整证件号码."""
    return _labels().get((case_type, name)) or case_kind.event_label(name)


def case_label(case_type: str) -> str:
    """A case type in words, its key where it is not registered any more."""
    model = case_models().get(case_type)
    return str(model._meta.verbose_name) if model else case_type


@cache
def _states(case_type: str) -> dict[str, str]:
    """The states of a case type in words; empty for one that has none."""
    models = {kind.key: kind.model for kind, _ in case_kind.kinds_with_a_table()}
    return dict(models[case_type]._meta.get_field("state").flatchoices) if case_type in models else {}


def state_label(case_type: str, state: str) -> str:
    """A state in words: 草稿, 待审核; its key where the case type does not know it any more."""
    return str(_states(case_type).get(state, state))


def move_label(event: Event) -> str:
    """What an event changed, in words: 草稿 → 待审核; where the state stayed, the fields: 地点、人数."""
    if event.source == event.target:
        return what_changed(event)
    before, after = (state_label(event.case_type, state) for state in (event.source, event.target))
    return f"{before or '—'} → {after}"


def case_type_choices() -> list[tuple[str, str]]:
    """Every registered case type, by name."""
    return sorted(((key, case_label(key)) for key in case_models()), key=lambda choice: choice[1])


def check_chain(job: Job, progress: Progress) -> tuple[str, str]:
    """Walk the whole log and chain, and say in a sentence what was found; the problems are in the message."""
    audit = chain.check()
    progress(1, 1)
    waits = ""
    if audit.oldest_unsealed:
        minutes = int((clock.now() - audit.oldest_unsealed).total_seconds() // 60)
        waits = f"，{audit.unsealed} 条待封存（最早的已等 {minutes} 分钟）"
    if not audit.problems:
        return f"已封存 {audit.sealed} 条{waits}。没有发现改动、插入、删除或调换", ""
    found = "；".join(audit.problems[:PROBLEMS_SHOWN])
    return f"已封存 {audit.sealed} 条{waits}。发现 {len(audit.problems)} 处问题：{found}", ""
