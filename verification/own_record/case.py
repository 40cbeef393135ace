"""An objection to the own record, from put to answered (product.md U6; PIPL 45 and 50).

The clerk of the unit answers; what nobody has answered in the bureau's days goes on to the bureau's handlers, and so
does what the clerk cannot answer, or a handler takes over. While the bureau has set no days no clock runs, and the
person may ask the bureau. The person reads the answer on the page of the own record, and takes it back with the slip by
which it was put; with another one, or without any, before the bureau.
"""

from __future__ import annotations

from luojiang_ce import clock
from luojiang_ce.access import READ_OBJECTIONS
from luojiang_ce.files.materials import Material
from luojiang_ce.files.registry import FileRules
from luojiang_ce.filters import by_words
from luojiang_ce.home.registry import Demo, NavItem, Section
from luojiang_ce.workdays.deadlines import Deadline, DeadlineKind, Rules, working_days_after
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import full_with_weekday
from luojiang_ce.workflow.case_kind import REASON, CaseKind, Context, Step, Transition, Turn, Workflow, state
from units.access import FILER, HANDLER, NOBODY
from units.filed_case import titled
from units.notify import clerks_of, handlers, tell

from .models import Objection
from .slips import MEANWHILE

State = Objection.State
PICTURE = "picture"
EVIDENCE = Material(PICTURE, "本人附的图片", "说明情况的照片；可以不附", "二(三)1", required=lambda case: False)
ANSWER = "答复本人异议"
OBJECTION = DeadlineKind(
    "objection",
    ANSWER,
    "区人社局设定",
    working_days_after("提出", lambda settings: settings.objection_days or 0),
    in_working_days=True,
    public=False,
    filed=False,
)


def answered_by(case: Objection, terms: Rules) -> Deadline | None:
    """The last day of the unit, by the bureau's figure; without one no clock runs."""
    return terms.due(OBJECTION, case.filed_on) if terms.settings_on(case.filed_on).objection_days else None


def answer(context: Context) -> None:
    """What is answered stands on the person's page; the unit hears of it where the bureau answered."""
    case: Objection = context.case
    case.result, case.answer = context.data["result"], context.note
    case.answered_on = clock.local(context.now).date()
    if context.transition.who is HANDLER:
        tell(clerks_of(case.unit_id), titled(case, "区人社局已答复"), context)


def refer(context: Context) -> None:
    """The bureau's handlers answer it from now on; where it was not the unit that passed it on, the unit is told."""
    tell(handlers(), titled(context.case, context.transition.done), context)
    if context.transition.who is not FILER:
        tell(clerks_of(context.case.unit_id), titled(context.case, context.transition.done), context)


def no_clock(context: Context) -> str | None:
    """Whoever waits for a day that comes waits for it."""
    ends = answered_by(context.case, current_rules())
    return f"单位最迟 {full_with_weekday(ends.due)} 答复，过期自动转区人社局" if ends else None


def same_slip(context: Context) -> str | None:
    """Whoever makes slips could make one and speak as the person: what was put is taken back with the slip that put
    it, or before the bureau."""
    is_same = context.case.slip_id and context.data.get("slip") == context.case.slip_id
    return None if is_same else "这件异议是用另一张查阅条提出的，要撤回的请本人到区人社局办理"


def tell_withdrawn(context: Context) -> None:
    """Whoever had it in hand; the unit also of what the bureau took back for the person."""
    by_bureau = context.transition.who is HANDLER
    people = handlers() if context.case.state == State.REFERRED and not by_bureau else clerks_of(context.case.unit_id)
    tell(people, titled(context.case, context.transition.done), context)


FORM = "verification.own_record.forms.AnswerForm"
TABLE = Workflow(
    states={
        State.FILED: state("is-turn", Turn(FILER, ANSWER, answered_by)),
        State.REFERRED: state("is-soon", Turn(HANDLER, ANSWER)),
        State.ANSWERED: state("is-done"),
        State.WITHDRAWN: state("is-idle"),
    },
    transitions=(
        Transition(
            "refer", "转区人社局", (State.FILED,), State.REFERRED, FILER, "转区人社局",
            effect=refer, form=REASON,
        ),
        Transition(
            "answer", "答复", (State.FILED,), State.ANSWERED, FILER, "单位答复",
            effect=answer, form=FORM, style="primary",
        ),
        Transition(
            "answer_referred", "答复", (State.REFERRED,), State.ANSWERED, HANDLER, "区人社局答复",
            effect=answer, form=FORM, style="primary",
        ),
        Transition(
            "pass_on", "转区人社局", (State.FILED,), State.REFERRED, NOBODY, "过期未答复，转区人社局",
            effect=refer, hidden=True,
        ),
        Transition(
            "take_over", "转本局答复", (State.FILED,), State.REFERRED, HANDLER, "区人社局转本局答复",
            effect=refer, form=REASON,
        ),
        Transition(
            "ask_bureau", "请区人社局答复", (State.FILED,), State.REFERRED, NOBODY, "本人请区人社局答复",
            guards=(no_clock,), effect=refer, hidden=True,
        ),
        Transition(
            "withdraw", "撤回异议", Objection.OPEN, State.WITHDRAWN, NOBODY, "本人撤回",
            guards=(same_slip,), effect=tell_withdrawn, hidden=True,
        ),
        Transition(
            "withdraw_asked", "按本人要求撤回", Objection.OPEN, State.WITHDRAWN, HANDLER, "区人社局按本人要求撤回",
            effect=tell_withdrawn, form=REASON,
        ),
    ),
    path=(Step("单位答复", (State.FILED,), "单位专办员"), Step("区人社局答复", (State.REFERRED,), "区人社局经办")),
)  # fmt: skip

KIND = CaseKind(
    Objection,
    TABLE,
    deadlines=(OBJECTION,),
    named=lambda case: f"{case.person.name}：{case.about}",
    missable=lambda case: False,
    rows=lambda rows: rows.select_related("person"),
    finds=by_words("person__name", "about"),
    apart=lambda case: case.about,
    files=FileRules(lambda case: (EVIDENCE,), lambda case, account: False),
    entries=(
        NavItem(
            "本人异议",
            "message-square-warning",
            "own_record:list",
            READ_OBJECTIONS.roles,
            group=Section.VERIFICATION,
            order=75,
        ),
    ),
    events={"objected": "本人提出异议", MEANWHILE: "其间单位换发查阅条"},
    demo=Demo("本人查阅和异议", "verification.own_record.demo.build", order=98),
    clauses=("二(三)1",),
)
