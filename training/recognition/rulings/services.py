"""Making rulings and undoing them: the class is counted anew at once, and everything that follows from it is written.

Who may do so, and when, is decided by the case above that asks for it; it calls this inside its own transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Model

from luojiang_ce import clock
from luojiang_ce.access import Actor, case_key
from luojiang_ce.workflow.engine import SYSTEM, fire
from luojiang_ce.workflow.events import history, record
from training.classes.models import ClassApplication, Enrolment
from training.recognition import papers
from training.recognition.corrections.ledger import keep_outcomes, post_difference
from training.recognition.counting import corrections_of, gather, ruling_value
from training.recognition.models import Recognition, Ruled, Ruling

RULED = "ruled"  # event on the recognition


@dataclass(frozen=True)
class Acted:
    """What a ruling did: on which class, and of whom it changed the hours."""

    ruling: Ruling
    changed: Sequence[Enrolment]


def make(*, case: Model, number: str, reason: str, actor: Actor, by_hand: str = "") -> list[Acted]:
    """Put the drafted rulings of a case into force, as one act. About fifteen queries a class, however many people."""
    drafts = list(Ruling.objects.of(case).filter(decided_at=None).order_by("application"))
    recognitions = hold_recognitions(each.application_id for each in drafts)
    acted = []
    for draft in drafts:
        draft.number, draft.reason = number, reason
        draft.decided_at, draft.decided_by_id = clock.now(), actor.pk
        draft.save()
        acted.append(_act(draft, recognitions.get(draft.application_id), actor, by_hand=by_hand))
    return acted


def undo(*, case: Model, reason: str, actor: Actor, by_hand: str = "") -> list[Acted]:
    """Undo what a case has ruled: the classes are counted anew without it, with all that others decided meanwhile."""
    held = list(Ruling.objects.of(case).in_force().order_by("application"))
    recognitions = hold_recognitions(each.application_id for each in held)
    case_type, pk = case_key(case)
    acted = []
    for each in held:
        undoing = Ruling.objects.create(
            application_id=each.application_id, case_type=case_type, case_id=pk, number=each.number, reason=reason,
            undoes=each, decided_at=clock.now(), decided_by_id=actor.pk,
        )  # fmt: skip
        recognition = recognitions.get(each.application_id)
        acted.append(_act(undoing, recognition, actor, by_hand=by_hand))
        if recognition and _was_refused_for(each, recognition):
            fire(recognition, "take_up_again", actor=SYSTEM)
    return acted


def _was_refused_for(ruling: Ruling, recognition: Recognition) -> bool:
    """Was the class refused when this ruling had taken all of it, alone or with others that do not any more?"""
    if recognition.state != Recognition.State.REFUSED:
        return False
    refused = history(recognition).filter(name="refuse").first()
    if refused is None or ruling.decided_at is None or refused.at < ruling.decided_at:
        return False
    found, value = gather(recognition), ruling_value(ruling)
    now = corrections_of([recognition.application]).get(recognition.application_id, [])
    return found.tally([*now, replace(value, key=0)]).is_ruled_out and not found.tally(now).is_ruled_out


def hold_recognitions(applications: Iterable[int]) -> dict[int, Recognition]:
    """The recognitions of these classes, locked: whoever decides or corrects one at this moment comes before or after,
    never meanwhile."""
    rows = Recognition.objects.select_for_update().filter(application__in=list(applications)).order_by("pk")
    return {each.application_id: each for each in rows}


def _act(ruling: Ruling, recognition: Recognition | None, actor: Actor, *, by_hand: str) -> Acted:
    """What is not in the ledger yet is counted so when it is recognised; what is, changes now."""
    if recognition is None or recognition.state not in Recognition.POSTED:
        return Acted(ruling, ())
    application = ClassApplication.objects.select_related("unit", "project").get(pk=ruling.application_id)
    recognition.application = application
    found = gather(recognition).tally(corrections_of([application]).get(application.pk, []))
    changed = keep_outcomes(recognition, found)
    Ruled.objects.bulk_create((Ruled(ruling=ruling, **each.values) for each in changed), batch_size=500)
    said = "撤回处理决定" if ruling.undoes_id else "处理决定"
    reason = f"{said} {ruling.number}：{ruling.reason}"
    post_difference(recognition, found, source=ruling, reason=reason, actor=actor)
    if changed:
        papers.supersede_sheet(recognition, actor, number=ruling.number, by_hand=by_hand)
    record(recognition, RULED, actor=actor, data={"ruling": ruling.pk, "people": len(changed)})
    return Acted(ruling, [each.after.enrolment for each in changed])
