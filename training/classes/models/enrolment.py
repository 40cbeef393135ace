"""Trainees of a class (product.md C6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Actor, Role, VisibleQuerySet
from luojiang_ce.files.models import Attachment
from units.identity.namesakes import Bearer, told_apart
from units.models import Account, Person, Unit

from .application import ClassApplication


class EnrolmentQuerySet(VisibleQuerySet["Enrolment"]):
    def visible_to(self, account: Actor) -> EnrolmentQuerySet:
        """Who sees the class and reads people sees its trainees; a clerk sees own people wherever they are enrolled."""
        if not account.holds(*READ_PEOPLE.roles):
            return self.none()
        own = account.unit_ids(Role.UNIT_CLERK)
        seen = Q(application__in=ClassApplication.objects.with_people_for(account).values("pk"))
        return self.filter(seen | Q(unit__in=own)) if own else self.filter(seen)

    def present(self) -> EnrolmentQuerySet:
        """Trainees who have not been taken off the list and whose unit has not refused: those who hold a place."""
        return self.filter(removed_at=None).exclude(agreement=Enrolment.Agreement.REFUSED)

    def answerable(self) -> EnrolmentQuerySet:
        """Trainees whose unit has not answered and still may: the class is approved and has not ended (C6)."""
        classes = ClassApplication.objects.open_to_enrolment().values("pk")
        waiting = Enrolment.Agreement.WAITING
        return self.filter(removed_at=None, agreement=waiting, application__in=classes)

    def of_units(self, unit_ids: frozenset[int]) -> EnrolmentQuerySet:
        """Trainees who were enrolled while they worked in one of these units."""
        return self.filter(unit__in=unit_ids)


class Enrolment(models.Model):
    """A trainee of a class. Strangers to the district have no `person`; they are kept but earn nothing here (C6).

    `unit` is where the person worked when enrolled: its clerk agrees or refuses (notice 二(一)3, 三3). A unit of the
    district may not have registered the person yet: then there is a unit and no person.
    """

    class Agreement(models.TextChoices):
        WAITING = "waiting", "待所在单位同意"
        AGREED = "agreed", "单位已同意"
        SCANNED = "scanned", "附盖章件"
        REFUSED = "refused", "单位不同意"

    application = models.ForeignKey(ClassApplication, models.CASCADE, related_name="enrolments")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="enrolments")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所在单位")
    name = models.CharField("姓名", max_length=50)
    employer = models.CharField("单位", max_length=100)
    masked_id = models.CharField("证件号码", max_length=30, blank=True)
    id_hash = models.CharField(max_length=64, blank=True, editable=False)
    last_six_hash = models.CharField(max_length=64, blank=True, editable=False)
    agreement = models.CharField("单位意见", max_length=10, choices=Agreement, default=Agreement.WAITING)
    agreement_note = models.CharField("单位意见说明", max_length=200, blank=True)
    agreement_scan = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+", editable=False)
    agreed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    late_reason = models.CharField("补报原因", max_length=200, blank=True)
    added_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=clock.now, editable=False)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    removed_reason = models.CharField("移出原因", max_length=200, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = "学员"
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(agreement__in=["waiting", "agreed", "scanned", "refused"]), name="enrolment_agreement"
            ),
            models.CheckConstraint(
                condition=Q(removed_at=None) | ~Q(removed_reason=""), name="enrolment_removed_with_reason"
            ),
            models.UniqueConstraint(
                fields=["application", "person"], condition=Q(removed_at=None), name="enrolled_once"
            ),
            models.UniqueConstraint(
                fields=["application", "id_hash"],
                condition=Q(removed_at=None) & ~Q(id_hash=""),
                name="enrolled_once_by_id",
            ),
        ]
        indexes = [models.Index(fields=["unit", "agreement"], name="enrolment_of_unit")]

    def __str__(self) -> str:
        return self.name

    def missed(self, begins: datetime) -> bool:
        """Had a half-day begun when the trainee was added late (补报)? Then it is none of theirs (C6)."""
        return bool(self.late_reason) and begins <= self.added_at

    @property
    def outside(self) -> str:
        """What lists say of who is no person of the district, or not yet; nothing of who is."""
        if self.person_id:
            return ""
        return "所在单位尚未登记此人，登记后入账" if self.unit_id else "不属于本区，不在本区认定"

    @property
    def agreement_meaning(self) -> str:
        """The design's meaning class of the unit's answer."""
        return {"agreed": "is-done", "scanned": "is-done", "refused": "is-late"}.get(self.agreement, "is-soon")


def namesakes_in(trainees: Iterable[Enrolment]) -> dict[int, str]:
    """What tells the namesakes of a class apart, by their ids; nothing of the others."""
    return told_apart({each.pk: Bearer(each.name, each.employer, each.masked_id) for each in trainees})


def names_apart(trainees: Iterable[Enrolment]) -> dict[Any, str]:
    """The names of a class by their ids, each its own: 王芳（临江小学）."""
    rows = list(trainees)
    apart = namesakes_in(rows)
    return {each.pk: f"{each.name}（{apart[each.pk]}）" if each.pk in apart else each.name for each in rows}
