"""Opinions as pages and papers read them: who may give one now, what stands there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse

from luojiang_ce.access import Actor, Role, case_key
from luojiang_ce.files.materials import Material
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.registry import FileRules
from luojiang_ce.papers.form_pdf import OpinionBox
from luojiang_ce.uploads.places import SCAN
from luojiang_ce.workflow.case_kind import CaseKind
from luojiang_ce.workflow.models import Event
from units.models import Unit

from .models import STATES, Opinion

TITLE = "业务主管部门意见"
GIVEN, CHANGED = "opinion", "opinion_changed"  # names of the events on the case
# 附件2: a box for it, which the authority may stamp.
FILE = Material("opinion", "意见附件", "盖章的意见", "附件2", required=lambda opinion: False, takes=SCAN)
KIND = CaseKind(Opinion, files=FileRules(lambda opinion: (FILE,), lambda opinion, account: False))


def take_opinions(model: type[models.Model], *states: str) -> None:
    """Cases of this kind take opinions in these states; called in `ready()`. They have a `unit` that filed them."""
    STATES[model._meta.label_lower] = states


def authority_of(case: Any) -> Unit | None:
    """Who supervises the unit that filed the case; None where nobody does."""
    found: Unit | None = case.unit.supervisor
    return found


def is_open(case: Any) -> bool:
    """Can an opinion be given or changed now? Not any more once the case is decided."""
    return case.state in STATES[case_key(case)[0]]


def may_give(case: Any, account: Actor) -> bool:
    """The clerks of the authority, on what others have filed."""
    clerk_for = account.unit_ids(Role.UNIT_CLERK)
    return is_open(case) and case.unit.supervisor_id in clerk_for and case.unit_id not in clerk_for


def may_record(case: Any, account: Actor) -> bool:
    """The bureau's handlers, from paper."""
    return is_open(case) and case.unit.supervisor_id is not None and account.holds(Role.BUREAU_HANDLER)


def opinion_on(case: Any) -> Opinion | None:
    """The opinion on a case as it stands. One query."""
    kind, pk = case_key(case)
    rows = Opinion.objects.select_related("authority", "recorded_by")
    return rows.filter(case_type=kind, case_id=pk).first()


@dataclass(frozen=True)
class Panel:
    """What the page of a case shows: the opinion with its file, and where the reader gives or records one."""

    authority: Unit
    given: Opinion | None
    files: list[Attachment]
    url: str
    label: str

    @property
    def objection(self) -> str:
        """What whoever decides is told first; empty without an objection."""
        if self.given is None or self.given.result != Opinion.Result.OBJECTED:
            return ""
        return f"业务主管部门“{self.given.authority}”不同意：{self.given.text}"


def panel_of(case: Any, account: Actor, events: Iterable[Event]) -> Panel | None:
    """The panel of a case; None where nobody supervises its unit. `events`: the case's history as its page has loaded
    it; without an opinion in it nothing is asked of the database, else two queries."""
    given = opinion_on(case) if any(event.name == GIVEN for event in events) else None
    authority = given.authority if given else authority_of(case)
    if authority is None or case.first_submitted_at is None:
        return None
    files = list(Attachment.objects.of(given)) if given else []
    for allowed, name, label in ((may_give, "give", "出具"), (may_record, "record", "登记")):
        if allowed(case, account):
            return Panel(authority, given, files, reverse(f"opinions:{name}", args=case_key(case)), label)
    return Panel(authority, given, files, "", "")


def box_of(case: Any) -> OpinionBox | None:
    """The box 业务主管部门意见 of 附件2; None where nobody supervises the unit."""
    given = opinion_on(case)
    if given is None:
        return OpinionBox(TITLE) if case.unit.supervisor_id else None
    said = "。".join(filter(None, (given.get_result_display(), given.text)))
    return OpinionBox(TITLE, f"{given.authority}：{said}", given.person, given.given_on)
