"""A unit agrees after the class is over (notice 二(一)3): with the reason why so late, or by its stamped paper.

Nobody's hours follow from it; until then material 3 of the yearly verification is missing for these people.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.files.checks import Checked
from luojiang_ce.files.services import attach
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record
from training.classes.models import ClassApplication, Enrolment
from training.classes.models.enrolment import EnrolmentQuerySet
from units.notify import clerks_of

from .trainees import AGREEMENT

State = Enrolment.Agreement


def never_agreed(units: Collection[int]) -> EnrolmentQuerySet:
    """Trainees of these units for whom nobody has answered, in classes that are over."""
    over = ClassApplication.objects.filter(state=ClassApplication.State.APPROVED, ends_on__lt=clock.today())
    rows = Enrolment.objects.of_units(frozenset(units)).filter(removed_at=None, agreement=State.WAITING)
    return rows.filter(application__in=over.values("pk"))


def agree_late(*, enrolment_ids: Collection[int], reason: str, scan: Checked | None = None, actor: Actor) -> int:
    """A clerk agrees afterwards to own people, with the reason, and the stamped paper where there is one; of how many.

    Each provider is told. Who was answered for meanwhile is left alone. Raises NotPossible; then nobody is.
    """
    if not reason.strip():
        raise NotPossible(reason="请写明为什么当时没有答复，验证时看得到")
    with transaction.atomic():
        own = never_agreed(actor.unit_ids(Role.UNIT_CLERK)).filter(pk__in=enrolment_ids)
        classes = ClassApplication.objects.select_for_update().filter(pk__in=own.order_by().values("application"))
        locked = {each.pk: each for each in classes.order_by("pk")}
        rows = list(own.values_list("pk", "application_id"))
        for application in locked.values():
            keys = [pk for pk, course in rows if course == application.pk]
            _agree(application, keys, reason.strip(), scan, actor)
    return len(rows)


def _agree(
    application: ClassApplication, keys: Collection[int], reason: str, scan: Checked | None, actor: Actor
) -> None:
    kept = attach(case=application, material=AGREEMENT, upload=scan, actor=actor) if scan else None
    Enrolment.objects.filter(pk__in=keys).update(
        agreement=State.SCANNED if kept else State.AGREED,
        agreement_scan=kept,
        agreement_note=f"补办：{reason}"[:200],
        agreed_by_id=actor.pk,
        agreed_at=clock.now(),
    )
    record(application, "trainees_agreed_late", actor=actor, note=reason, data={"count": len(keys)})
    notify(
        clerks_of(application.unit_id),
        f"{application}：{len(keys)} 名学员的单位补办了同意",
        key=f"class-{application.pk}-agreed-late-{clock.now():%Y%m%d%H%M%S%f}",
        text=reason,
        case=application,
    )
