"""Enrolling trainees in an approved class, their units' agreement, removing them (product.md C6).

The class's row is locked before places are counted, so two clerks at once never exceed them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role
from luojiang_ce.files.checks import Checked
from luojiang_ce.files.services import attach
from luojiang_ce.notices.services import notify
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.events import record
from training.classes.models import ClassApplication, Enrolment, Waiting
from training.classes.models.enrolment import EnrolmentQuerySet
from training.classes.services.waiting import free_places, is_under_way, move_up, stand_in_line
from training.half_days import Slot, ahead, all_slots
from units.identity.id_numbers import lookup_hash
from units.models import Person
from units.notify import clerks_of

AGREEMENT = "agreement"  # the material under which stamped scans lie with the class
State = Enrolment.Agreement


@dataclass(frozen=True)
class Trainee:
    """Whom to enrol: a person of the district with the unit; of a unit of the district, which has not registered them
    yet (`person_id` None); or a stranger (no unit either)."""

    name: str
    employer: str
    masked_id: str
    id_hash: str
    last_six_hash: str
    person_id: int | None = None
    unit_id: int | None = None


def trainee_of(person: Person, unit_id: int | None, employer: str) -> Trainee:
    """A person of the district as a trainee; the hash of the last six is for signing in by phone."""
    last_six = lookup_hash(person.id_number[-6:])
    return Trainee(person.name, employer, person.masked_id, person.id_hash, last_six, person.pk, unit_id)


def enrol_own(
    *, application: ClassApplication, person_ids: Collection[int], actor: Actor, late_reason: str = ""
) -> list[Enrolment] | list[Waiting]:
    """A clerk enrols own people; that is the unit's agreement at once. Who is on the list already is left alone.

    Where the class is full and has not begun they stand on its waiting list, and these places are returned (C7).
    Raises NotPossible when the class is not open, some places are left and do not suffice, or a late reason is missing.
    """
    units = actor.unit_ids(Role.UNIT_CLERK)
    people = Person.objects.filter(pk__in=person_ids, employments__unit__in=units, employments__ended_on=None)
    jobs = [
        (person, job)
        for person in people.prefetch_related("employments__unit").order_by("pinyin", "pk").distinct()
        for job in person.employments.all()
        if job.ended_on is None and job.unit_id in units
    ]
    with transaction.atomic():
        locked = _open_class(application.pk, late_reason)
        move_up(locked)
        if not free_places(locked) and not is_under_way(locked):
            present = set(locked.enrolments.present().values_list("person", flat=True))
            return stand_in_line(locked, [(p, job.unit_id) for p, job in jobs if p.pk not in present], actor)
        wanted = [trainee_of(person, job.unit_id, job.unit.name) for person, job in jobs]
        added = _add(locked, wanted, actor, late_reason)
        if added:
            title = f"{locked} 新报名 {len(added)} 人"
            notify(clerks_of(locked.unit_id), title, key=_key("enrolled", locked), case=locked)
    return added


def enrol_roster(
    *, application: ClassApplication, trainees: Sequence[Trainee], actor: Actor, late_reason: str = ""
) -> list[Enrolment]:
    """The provider puts a roster in; own people are agreed at once, each other unit is asked. Repeating adds nobody.

    Raises NotPossible as `enrol_own` does.
    """
    with transaction.atomic():
        locked = _open_class(application.pk, late_reason)
        added = _add(locked, trainees, actor, late_reason)
        ask_units(locked, [row for row in added if row.agreement == State.WAITING])
    return added


def agree(*, enrolment_ids: Collection[int], actor: Actor) -> int:
    """A clerk agrees to own people who wait; returns how many (notice 二(一)3).

    Until the class has ended: NotPossible otherwise, and nothing is changed.
    """
    return _answer(enrolment_ids, actor, State.AGREED, "")


def refuse(*, enrolment_ids: Collection[int], reason: str, actor: Actor) -> int:
    """A clerk refuses own people who wait, with a reason; their places are free again. Returns how many.

    Until the class has ended: afterwards their hours are recognised. NotPossible otherwise; nothing is changed.
    """
    if not reason.strip():
        raise NotPossible("请写明不同意的原因，施教机构会看到")
    return _answer(enrolment_ids, actor, State.REFUSED, reason.strip())


def enrol_afterwards(
    *, application: ClassApplication, trainees: Sequence[Trainee], reason: str, actor: Actor
) -> list[Enrolment]:
    """Put on the list of a class that is over who was left off it and is proved to have been there (R3).

    No place is asked for, and nobody's hours follow from it alone; what the unit had refused gives way. Part of the
    caller's transaction, which holds the class's recognition.
    """
    hashes = [trainee.id_hash for trainee in trainees]
    refused = application.enrolments.filter(id_hash__in=hashes, removed_at=None, agreement=State.REFUSED)
    refused.update(removed_at=clock.now(), removed_by_id=actor.pk, removed_reason=reason[:200])
    rows = [_enrolment(application, trainee, actor, reason) for trainee in trainees]
    added = Enrolment.objects.bulk_create(rows, batch_size=500)
    if added:
        record(application, "enrolled", actor=actor, note=reason, data={"count": len(added)})
    return added


def attach_scan(*, application: ClassApplication, enrolment_ids: Collection[int], scan: Checked, actor: Actor) -> int:
    """The provider attaches the stamped agreement of trainees who still wait; returns for how many.

    Raises NotPossible when none of them waits.
    """
    with transaction.atomic():
        ClassApplication.objects.select_for_update().get(pk=application.pk)
        rows = application.enrolments.present().filter(pk__in=enrolment_ids, agreement=State.WAITING)
        if not rows.exists():
            raise NotPossible("勾选的学员里没有待单位同意的，不需要附盖章件")
        kept = attach(case=application, material=AGREEMENT, upload=scan, actor=actor)
        changed = rows.update(
            agreement=State.SCANNED, agreement_scan=kept, agreed_by_id=actor.pk, agreed_at=clock.now()
        )
        record(application, "agreement_scanned", actor=actor, data={"count": changed, "attachment": kept.pk})
    return changed


def remove(*, application: ClassApplication, enrolment_ids: Collection[int], reason: str, actor: Actor) -> int:
    """Take trainees off the list, with a reason, until the class has ended: the provider anybody, a clerk own people.

    Returns how many; the other side is told. Raises NotPossible.
    """
    if not reason.strip():
        raise NotPossible("请写明移出的原因")
    own = actor.unit_ids(Role.UNIT_CLERK)
    with transaction.atomic():
        locked = ClassApplication.objects.select_for_update().get(pk=application.pk)
        if over := why_settled(locked):
            raise NotPossible(f"{locked}：{over}，名单不能再改")
        rows = locked.enrolments.filter(pk__in=enrolment_ids, removed_at=None)
        if locked.unit_id not in own:
            rows = rows.of_units(own)
        units = set(rows.exclude(unit=None).values_list("unit_id", flat=True)) | {locked.unit_id}
        changed = rows.update(removed_at=clock.now(), removed_by_id=actor.pk, removed_reason=reason.strip()[:200])
        if changed:
            record(locked, "trainees_removed", actor=actor, note=reason.strip(), data={"count": changed})
            move_up(locked)
            _tell(units - own, f"{locked}：移出学员 {changed} 人", "removed", locked, reason)
    return changed


@transaction.atomic
def remove_own(*, enrolment_ids: Collection[int], reason: str, actor: Actor) -> int:
    """A clerk takes own people off the lists of several classes: off all of them or, with NotPossible, off none.

    Returns how many; each provider is told.
    """
    own = Enrolment.objects.of_units(actor.unit_ids(Role.UNIT_CLERK)).filter(pk__in=enrolment_ids)
    classes = _locked_classes(own)
    return sum(remove(application=each, enrolment_ids=enrolment_ids, reason=reason, actor=actor) for each in classes)


def slots_of(application: ClassApplication) -> list[Slot]:
    """The half-days of a class, with the beginning of each."""
    return all_slots(application.lessons())


def overlaps(application: ClassApplication, person_ids: Collection[int]) -> dict[int, list[str]]:
    """Titles of other approved classes in which these people sit on one of the same half-days; two queries."""
    keys = {slot.key for slot in slots_of(application)}
    others = Enrolment.objects.present().filter(
        person__in=person_ids,
        application__state=ClassApplication.State.APPROVED,
        application__timetable__date__in={day for day, _ in keys},
    )
    rows = others.exclude(application=application).values_list(
        "person",
        "application__title",
        "application__session",
        "application__timetable__date",
        "application__timetable__half_day",
    )
    found = {(person, title, session) for person, title, session, *key in rows if tuple(key) in keys}
    by_person: dict[int, list[str]] = defaultdict(list)
    for person, title, session in sorted(found):
        by_person[person].append(f"{title}（第{session}期）")
    return dict(by_person)


def why_closed(application: ClassApplication) -> str | None:
    """Why nobody can be put on the list of a class any more, or not yet; None where it is open."""
    if application.state != ClassApplication.State.APPROVED:
        return f"这个班现在是“{application.get_state_display()}”，{application.once_allowed}才能报名"
    return None if ahead(slots_of(application), clock.now()) else "这个班已没有尚未开始的半日，不能再报名"


def _open_class(pk: int, late_reason: str) -> ClassApplication:
    """The locked class, if trainees can be put on its list now (late ones only with a reason, C6)."""
    locked = ClassApplication.objects.select_for_update().get(pk=pk)
    if why := why_closed(locked):
        raise NotPossible(why)
    found = slots_of(locked)
    if len(ahead(found, clock.now())) < len(found) and not late_reason.strip():
        raise NotPossible("班已开始，补报须写明原因；补报的学员从下一个半日起计学时")
    return locked


def _add(application: ClassApplication, trainees: Iterable[Trainee], actor: Actor, late_reason: str) -> list[Enrolment]:
    present = set(application.enrolments.present().values_list("id_hash", flat=True))
    new = {trainee.id_hash: trainee for trainee in trainees if trainee.id_hash not in present}
    free = (application.people or 0) - len(present)
    if len(new) > free:
        full = "；名额满了以后，各单位再报名的列入候补" if free > 0 else ""
        raise NotPossible(f"计划 {application.people} 人，只剩 {max(free, 0)} 个名额，这次要报 {len(new)} 人{full}")
    # Whoever the unit had refused before is taken off, so that the list holds each person once.
    refused = application.enrolments.filter(id_hash__in=new, removed_at=None)
    refused.update(removed_at=clock.now(), removed_by_id=actor.pk, removed_reason="重新报名")
    rows = [_enrolment(application, trainee, actor, late_reason) for trainee in new.values()]
    added = Enrolment.objects.bulk_create(rows, batch_size=500)
    if added:
        record(application, "enrolled", actor=actor, note=late_reason, data={"count": len(added)})
    return added


def _enrolment(application: ClassApplication, trainee: Trainee, actor: Actor, late_reason: str) -> Enrolment:
    own = trainee.unit_id in actor.unit_ids(Role.UNIT_CLERK)
    return Enrolment(
        application=application,
        **asdict(trainee),
        agreement=State.AGREED if own else State.WAITING,
        agreed_by_id=actor.pk if own else None,
        agreed_at=clock.now() if own else None,
        late_reason=late_reason.strip()[:200],
        added_by_id=actor.pk,
    )


def _answer(enrolment_ids: Collection[int], actor: Actor, answer: str, note: str) -> int:
    """The unit's answer for all of these people, or NotPossible and for none."""
    with transaction.atomic():
        own = Enrolment.objects.of_units(actor.unit_ids(Role.UNIT_CLERK)).filter(
            pk__in=enrolment_ids, removed_at=None, agreement=State.WAITING
        )
        classes = _locked_classes(own)
        _must_be_answerable(classes)
        # Read again under the lock of the classes: who was answered for or taken off meanwhile is left alone.
        counts = Counter(own.values_list("application_id", flat=True))
        own.update(agreement=answer, agreement_note=note[:200], agreed_by_id=actor.pk, agreed_at=clock.now())
        word = "同意" if answer == State.AGREED else "不同意"
        for application in classes:
            if count := counts[application.pk]:
                record(application, f"trainees_{answer}", actor=actor, note=note, data={"count": count})
                title = f"{application}：{count} 名学员的单位{word}参加"
                _tell({application.unit_id}, title, answer, application, note)
                if answer == State.REFUSED:
                    move_up(application)
    return counts.total()


def _locked_classes(enrolments: EnrolmentQuerySet) -> list[ClassApplication]:
    """The classes of these trainees, locked in one order: whoever changes a list holds the lock of its class."""
    pks = enrolments.order_by().values("application")
    return list(ClassApplication.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


def why_settled(application: ClassApplication) -> str:
    """Why the list of trainees stays as it is: the class is over, or not approved (any more); empty while it may be
    changed."""
    if application.state != ClassApplication.State.APPROVED:
        return f"这个班现在是“{application.get_state_display()}”"
    return "班已结束" if application.has_ended(clock.today()) else ""


def _must_be_answerable(classes: Iterable[ClassApplication]) -> None:
    reasons = [f"{each}：{settled}" for each in classes if (settled := why_settled(each))]
    if reasons:
        raise NotPossible(
            f"{'；'.join(reasons)}。不能再在网上答复，这次勾选的都没有改动；"
            "确已同意参加的，请把盖章的同意材料交施教机构上传，年度验证时作为材料 3 提交"
        )


def ask_units(application: ClassApplication, waiting: Iterable[Enrolment]) -> None:
    """notice 二(一)3, 三3: each unit of a trainee has to agree; and to register whom it has not registered yet."""
    by_unit: dict[int, list[Enrolment]] = defaultdict(list)
    for row in waiting:
        if row.unit_id:
            by_unit[row.unit_id].append(row)
    for unit_id, rows in by_unit.items():
        title = f"本单位 {len(rows)} 人列入培训班名册，待本单位同意：{application}"
        unknown = "、".join(row.name for row in rows if not row.person_id)
        text = f"尚未登记为本单位人员：{unknown}。请先在“人员”中登记，学时才能入账" if unknown else ""
        notify(
            clerks_of(unit_id), title, key=_key("asked", application), text=text, url=reverse("classes:own_trainees")
        )


def _tell(unit_ids: Iterable[int], title: str, what: str, application: ClassApplication, text: str) -> None:
    for unit_id in unit_ids:
        own = unit_id == application.unit_id
        case, url = (application, "") if own else (None, reverse("classes:own_trainees"))
        notify(clerks_of(unit_id), title, key=_key(what, application), text=text, case=case, url=url)


def _key(what: str, application: ClassApplication) -> str:
    return f"class-{application.pk}-{what}-{clock.now():%Y%m%d%H%M%S%f}"
