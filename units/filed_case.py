"""A case that a unit files: what is the same for all of them (product.md P2), whatever their kind.

A unit drafts and submits it in time; the bureau looks at it within its five working days and may send it back, once,
with everything that is wrong; the unit mends it within the mending period and submits again, or takes it back while
that is still possible. `Filing` says how one kind of case does this in its own words and gives its states and
transitions; a kind that goes another way takes the single transitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Actor
from luojiang_ce.deadlines.owed import Asked, Owed, OwedDuty
from luojiang_ce.files.materials import Material, missing_titles
from luojiang_ce.files.registry import rules_for
from luojiang_ce.refusals import Mended
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, is_in_time, later, working_days_after
from luojiang_ce.workdays.services import terms_in_force
from luojiang_ce.workflow.case_kind import (
    REASON,
    RESUBMIT,
    By,
    Context,
    Effect,
    Guard,
    StateInfo,
    Transition,
    Turn,
    Who,
    kind_of,
    state,
    workflow_of,
)
from luojiang_ce.workflow.events import answer_items, history, last_of, reopened_at, returned_at
from units.access import APPROVER, FILER, HANDLER, PROPOSER
from units.models import ProviderRemark, Unit
from units.notify import approvers, clerks_of, handlers, tell
from units.terms import Terms

DRAFT, SUBMITTED, RETURNED = "draft", "submitted", "returned"  # what every kind calls these states
CHECKED = "checked"  # and those that an approver decides, this one
EDITABLE = (DRAFT, RETURNED)
RETURN, ALLOW_RETURN = "return", "allow_return"

REPLY = DeadlineKind(
    "reply",
    "区人社局一次告知",
    "参照《行政许可法》第32条",
    working_days_after("提交", lambda settings: settings.reply_days),
    in_working_days=True,
    filed=False,
    unmet="视为受理",
)
AUTHORITY_REPLY = DeadlineKind(
    "authority_reply",
    "主管部门一次告知",
    REPLY.clause,
    REPLY.count,
    in_working_days=True,
    public=False,
    filed=False,
)
MENDING = DeadlineKind(
    "mending",
    "补正",
    "区人社局设定",
    working_days_after("退回", lambda settings: settings.mending_days),
    in_working_days=True,
    public=False,
)


def is_asked(case: Any) -> bool:
    """Of a kind that the bureau proposes too: was it a unit that asked for it?"""
    return not case.by_bureau


def is_proposed(case: Any) -> bool:
    """The other side of it."""
    return bool(case.by_bureau)


# --- by when ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FilingTerm:
    """The deadline of a first submission: its kind, the year or day that it is counted from (None: there is none), and
    what it is about among those of its kind and unit (for extensions)."""

    kind: DeadlineKind
    anchor: Callable[[Any], int | date | None]
    subject: Callable[[Any], str] = lambda case: str(case.pk)

    def __call__(self, case: Any, terms: Terms) -> Deadline | None:
        anchor = self.anchor(case)
        return None if anchor is None else terms.due_for(self.kind, anchor, case.unit, self.subject(case))


def reply(case: Any, terms: Terms) -> Deadline | None:
    """Licensing Act 32, by analogy: within five working days the filer is told, once, all that is missing."""
    came = came_at(case)
    return terms.due(REPLY, clock.local(came).date()) if came else None


def authority_reply(case: Any, terms: Terms) -> Deadline | None:
    """The same of another authority that has the case in hand: no debt of the bureau."""
    came = came_at(case)
    return terms.due(AUTHORITY_REPLY, clock.local(came).date()) if came else None


def came_at(case: Any) -> datetime | None:
    """Since when a case lies with who answers it: filed, or brought back after it was answered. None: not filed."""
    return max(filter(None, (case.submitted_at, reopened_at(case))), default=None)


def mending(first: By | None) -> By:
    """What was returned is mended within some working days, which may run past the first deadline (P2)."""

    def by(case: Any, terms: Terms) -> Deadline | None:
        sent_back = returned_at(case)
        return mended_by(case, terms, sent_back, first) if sent_back else None

    return by


def mended_by(case: Any, terms: Terms, sent_back: datetime, first: By | None) -> Deadline | None:
    """The last day of mending what was sent back then, wherever the case stands now."""
    return later(first(case, terms) if first else None, terms.due(MENDING, clock.local(sent_back).date()))


# --- guards -----------------------------------------------------------------------------------------------------------


def in_time(context: Context) -> str | None:
    """The clock that every page shows decides: of the first submission, or of mending."""
    turns = workflow_of(context.case).states[context.case.state].turns_of(context.case)
    deadline = turns[0].by(context.case, terms_in_force()) if turns and turns[0].by else None
    return None if deadline is None or is_in_time(deadline, context.now) else too_late(deadline, context.case)


def files_are_there(context: Context) -> str | None:
    """Every file that the kind asks for of this case is attached."""
    asked = rules_for(context.case).materials(context.case)
    missing = missing_titles(context.case, asked)
    if not missing:
        return None
    return Mended(f"还缺材料：{'、'.join(missing)}，请先上传", materials_at(context.case, asked, missing))


def materials_at(case: Any, asked: Iterable[Material], titles: Iterable[str] | None = None) -> dict[str, str]:
    """Where the materials of a case lie on its page; those of these titles, or all."""
    url = case.get_absolute_url()
    return {each.title: f"{url}#material-{each.code}" for each in asked if titles is None or each.title in titles}


def mended_at(context: Context, said: str, links: Mapping[str, str]) -> str:
    """A reason with links for whoever may edit the case; to anybody else it is its text."""
    return Mended(said, links) if may_edit(context.case, context.actor) else said


def too_late(deadline: Deadline, case: Any) -> str:
    """Why something cannot be filed any more, and what can be done."""
    kept = "补正的内容会保留；" if case.state == RETURNED else "草稿会保留；"
    first = kind_of(case).filing
    governing = first(case, terms_in_force()) if first else None
    advice = (governing or deadline).kind.advice
    return (
        f"已过{deadline.kind.label}期限（{deadline.kind.clause}）：{deadline.explanation}{advice}{kept}{_way_out(case)}"
    )


def _way_out(case: Any) -> str:
    """A first day can be put off; what has none is dropped and begun anew, where the table lets its filer do so."""
    kind = kind_of(case)
    if kind.filing and kind.filing(case, terms_in_force()):
        return "如有特殊情况，请向区人社局促进就业和培训股申请延期"
    dropping = (
        each.label
        for each in workflow_of(case).transitions
        if case.state in each.sources and each.who == FILER and each.style == "danger"
    )
    label = next(dropping, "")
    return f"请“{label}”，重新申报" if label else "如有特殊情况，请联系区人社局促进就业和培训股"


def ask_for_time(case: Any) -> tuple[tuple[str, str], ...]:
    """Where more time is asked for, for the first submission of a case or for mending it; () where there is none."""
    kind = kind_of(case)
    deadline = kind.filing(case, terms_in_force()) if kind.filing else None
    if deadline is None or not deadline.kind.extendable:
        return ()
    return (("申请延期", f"{reverse('terms:ask')}?duty={deadline.kind}-{case.unit_id}-{kind.subject(case)}"),)


def before_deadline(first: By | None) -> Guard:
    """P2: before the deadline a submitter may take a case back; what has none may not escape mending that way."""

    def guard(context: Context) -> str | None:
        deadline = first(context.case, terms_in_force()) if first else None
        if deadline is None:
            mended = last_of(context.case, RETURN) == RETURN
            return "补正后重新提交的不能撤回；需要修改请联系区人社局经办退回补正" if mended else None
        if is_in_time(deadline, context.now):
            return None
        return f"已过{deadline.kind.label}期限，不能再撤回；需要修改请联系区人社局经办退回补正"

    return guard


def returned_once(context: Context) -> str | None:
    """Licensing Act 32, by analogy: all that is missing is told once; a second list needs the approver's leave."""
    if last_of(context.case, RETURN, ALLOW_RETURN) != RETURN:
        return None
    return "已退回补正过一次，须一次告知全部问题；确有新问题的，请审批人先“同意再次退回”"


def not_yet_allowed(context: Context) -> str | None:
    """The other side of it: leave is given once, and only where there was a return."""
    last = last_of(context.case, RETURN, ALLOW_RETURN)
    return {"": "还没有退回过，经办可以直接退回补正", ALLOW_RETURN: "已同意再次退回"}.get(last)


# --- effects ----------------------------------------------------------------------------------------------------------


def mark_submitted(context: Context) -> None:
    """Effect of every submission: when first, when last, and the answers to what a return asked for."""
    context.case.submitted_at = context.now
    context.case.first_submitted_at = context.case.first_submitted_at or context.case.submitted_at
    answer_items(context.case, context.data.get("answers", {}), context.actor)


def tell_filer(context: Context) -> None:
    """The unit's clerks are told what became of their case."""
    tell(clerks_of(context.case.unit_id), titled(context.case, context.transition.done), context)


def tell_applicant(context: Context) -> None:
    """The unit that asked; what the bureau thought of itself is no business of a unit until it is decided."""
    if not context.case.by_bureau:
        tell_filer(context)


def may_edit(case: Any, account: Actor) -> bool:
    """The filing unit's clerks, while the case is in their hands; also for its files."""
    return case.state in EDITABLE and FILER.test(account, case)


def tell_handlers(context: Context) -> None:
    """The bureau's handlers are told what became of a case."""
    tell(handlers(), titled(context.case, context.transition.done), context)


def tell_approvers(context: Context) -> None:
    """The approvers are told of a case that waits for them now."""
    tell(approvers(), titled(context.case, context.transition.done), context)


def hand_up(context: Context) -> None:
    """Something that the bureau's handlers wrote themselves goes to the approver."""
    mark_submitted(context)
    tell_approvers(context)


def pass_on(context: Context) -> None:
    """The approvers are told that a checked case waits for them."""
    tell(approvers(), titled(context.case, "待审批"), context)


def give_back(context: Context) -> None:
    """The handlers are told that an approver sent a case back to them."""
    tell(handlers(), titled(context.case, "退回审核"), context)


def filed_by(case: Any) -> str:
    """Who handed the case over last, as forms name the 填报人; empty before it was filed."""
    handing_over = [each.name for each in workflow_of(case).transitions if each.files]
    event = history(case).filter(name__in=handing_over).first()
    return event.actor.name if event and event.actor else ""


def titled(case: Any, done: str) -> str:
    """A notice's title: what kind of case, its number, what happened to it, which one. It names nobody."""
    what = f"{case.called}{' ' if getattr(case, 'number', None) else ''}{done}"
    return "：".join(filter(None, (what, case.public_title)))


# --- the skeleton -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filing:
    """How one kind of case is filed, in its own words.

    `submit`: the button of the first submission; `done`, `again`: how it is said afterwards and the second time.
    `first`: the deadline of the first submission, `mend` that of mending (by default the mending period).
    `act`, `reads`, `mends`: what filer and reader do, as lists say it before the case's name; `noted(case)`: what they
    add to it; `says(case)`: how they call a draft, if not so.
    `filer`, `reader`: who hands it over, who looks at it and sends it back; `told(case)`: who hears of it.
    `lateness`: is the first submission too late? `whole`: what must be so whenever it is filed; `mended`: besides, when
    it is filed again; `undisturbed`: what must be so for it to be taken or sent back.
    `number`: gives it its number, once; `filed`: what else is noted at each filing, and `taken_back` undone.
    `many`: are drafts submitted from a list, all that is ticked?
    """

    submit: str
    first: By | None = None
    act: str = ""
    reads: str = "审核"
    mends: str = "补正"
    done: str = "提交"
    again: str = "重新提交"
    mend: By | None = None
    filer: Who = FILER
    reader: Who = HANDLER
    told: Callable[[Any], Iterable[Actor]] = lambda case: handlers()
    noted: Callable[[Any], str] | None = None
    says: Callable[[Any], str] | None = None
    lateness: Guard = in_time
    whole: tuple[Guard, ...] = ()
    mended: tuple[Guard, ...] = ()
    undisturbed: tuple[Guard, ...] = ()
    number: Effect | None = None
    filed: Effect | None = None
    taken_back: Effect | None = None
    many: bool = False

    def states(self) -> dict[str, StateInfo]:
        """Draft, submitted and returned, with their turns."""
        return {
            DRAFT: state(
                "is-idle", Turn(self.filer, self.act or self.submit, self.first, note=self.noted, says=self.says)
            ),
            SUBMITTED: state("is-turn", Turn(self.reader, self.reads, reply, note=self.noted)),
            RETURNED: state("is-soon", Turn(self.filer, self.mends, self.mend or mending(self.first), note=self.noted)),
        }

    def asked_or_proposed(self, decides: str, proposes: str = "提请审批") -> dict[str, StateInfo]:
        """The same of a kind that the bureau proposes too (`by_bureau`), and that the approver `decides`: for what it
        thought of itself nobody waits."""
        filed = self.states()
        asking = replace(filed[DRAFT].turns[0], when=is_asked)
        return {
            **filed,
            DRAFT: state("is-idle", asking, Turn(PROPOSER, proposes, when=is_proposed, note=self.noted)),
            SUBMITTED: state("is-turn", *self._answered(self.reader, self.reads)),
            CHECKED: state("is-turn", *self._answered(APPROVER, decides)),
        }

    def _answered(self, who: Who, act: str) -> tuple[Turn, Turn]:
        asked = Turn(who, act, reply, when=is_asked, note=self.noted)
        return asked, replace(asked, by=None, when=is_proposed)

    def may_change(self, case: Any, account: Actor) -> bool:
        """Whoever drafted it, unit or bureau, while it is in their hands; also for its files."""
        return case.state in EDITABLE and (PROPOSER if case.by_bureau else self.filer).test(account, case)

    def propose(self, context: Context) -> None:
        """Effect of the bureau's own proposal: it goes to the approvers, with its number."""
        self._give_number(context)
        mark_submitted(context)
        pass_on(context)

    def transitions(self) -> tuple[Transition, ...]:
        """Submit, resubmit, take back, return, and the approver's leave for a second return."""
        return (*self.handing_over(), self.taking_back(), *self.sending_back())

    def handing_over(
        self, names: tuple[str, str] = ("submit", "resubmit"), target: str = SUBMITTED
    ) -> tuple[Transition, Transition]:
        """The first submission, and the one after mending."""
        first, again = names
        return (
            Transition(
                first, self.submit, (DRAFT,), target, self.filer, self.done,
                guards=(self.lateness, *self.whole), effect=self._hand_over, style="primary", files=True,
                many=self.many,
            ),
            Transition(
                again, self.again, (RETURNED,), target, self.filer, self.again,
                guards=(in_time, *self.mended, *self.whole), effect=self._hand_over, form=RESUBMIT, style="primary",
                files=True,
            ),
        )  # fmt: skip

    def taking_back(self, *sources: str) -> Transition:
        """The filer's own way back, from these states (by default while it was submitted)."""
        return Transition(
            "take_back", "撤回修改", sources or (SUBMITTED,), DRAFT, self.filer, "撤回",
            guards=(before_deadline(self.first), *self.undisturbed), effect=self._take_back,
        )  # fmt: skip

    def sending_back(self, effect: Effect = tell_filer) -> tuple[Transition, Transition]:
        """Once, with everything that is wrong; and the approver's leave to do it once more."""
        return (
            Transition(
                RETURN, "退回补正", (SUBMITTED,), RETURNED, self.reader, "退回补正",
                guards=(*self.undisturbed, returned_once), effect=effect, returns=True,
            ),
            Transition(
                ALLOW_RETURN, "同意再次退回", (SUBMITTED,), SUBMITTED, APPROVER, "同意再次退回",
                guards=(not_yet_allowed,), effect=self._allow_return, form=REASON,
            ),
        )  # fmt: skip

    def _hand_over(self, context: Context) -> None:
        self._give_number(context)
        if self.filed:
            self.filed(context)
        come = "再次收到" if context.case.first_submitted_at else "收到"
        mark_submitted(context)
        title = "：".join(filter(None, (f"{come}{context.case.called}", context.case.public_title)))
        tell(self.told(context.case), title, context)

    def _give_number(self, context: Context) -> None:
        if self.number and not context.case.number:
            self.number(context)

    def _allow_return(self, context: Context) -> None:
        tell(self.told(context.case), titled(context.case, "已同意再次退回"), context)

    def _take_back(self, context: Context) -> None:
        # What was taken back was not filed, so it has to be in time when it is filed again.
        context.case.first_submitted_at = context.case.submitted_at = None
        if self.taken_back:
            self.taken_back(context)
        tell(self.told(context.case), titled(context.case, "已由申报单位撤回"), context, linked=False)


# --- what is owed before there is a case ------------------------------------------------------------------------------


@dataclass(frozen=True)
class NotBegun:
    """Stands for a case that a unit has not begun, of a year where it is a yearly one."""

    unit_id: int
    year: int = 0


def terms_asked(asked: Asked) -> Terms:
    """The terms of what is asked; units have made them out of the rules (units.extensions.reading)."""
    assert isinstance(asked.terms, Terms)
    return asked.terms


def yearly(
    turn: Turn, kind: DeadlineKind, asked: Asked, units: Any, years: Sequence[int], begun: Any, url: str
) -> Iterator[Owed]:
    """What each of these active units files once for each of these years and has not begun; `begun`: the cases.

    A draft is its unit's own business: to anybody else the year is as little begun as without one. One query.
    """
    assert turn.says is not None
    terms = terms_asked(asked)
    if asked.account:
        own = asked.account.unit_ids(*FILER.roles)
        begun = begun.filter(Q(first_submitted_at__isnull=False) | Q(unit__in=own))
    known = {f"begun_{year}": Exists(begun.filter(unit=OuterRef("pk"), year=year)) for year in years}
    rows = units.filter(status=Unit.Status.ACTIVE).only("name", "short_name", "nature").annotate(**known)
    for unit in rows if asked.units is None else rows.filter(pk__in=asked.units):
        for year in years:
            if not getattr(unit, f"begun_{year}"):
                about = NotBegun(unit.pk, year)
                deadline = terms.due_for(kind, year, unit, str(year))
                yield OwedDuty(turn, about, turn.says(about), url, str(year), deadline, unit.short)


def with_record(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Cases, each with whether its unit has a record as a provider (`has_record`), so that a page need not ask."""
    record = ProviderRemark.objects.filter(unit=OuterRef("unit"))
    told: QuerySet[Any] = rows.annotate(has_record=Exists(record))
    return told


def record_told(case: Any, account: Actor) -> list[str]:
    """What stands on the unit's record as a provider, for the bureau's officers as long as they have something to
    decide about what it asks for (product.md I3). One query; none for others, or where nothing stands there."""
    if not getattr(case, "has_record", True):
        return []
    waits = any(not turn.of_unit for turn in workflow_of(case).states[case.state].turns_of(case))
    return case.unit.record_told() if waits and account.holds(*DO_BUREAU_WORK.roles) else []
