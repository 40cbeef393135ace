"""Who waits for a place in a full class (product.md C7)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Actor, Role, VisibleQuerySet
from units.access import case_scope
from units.models import Account, Person, Unit

from .application import ClassApplication


class WaitingQuerySet(VisibleQuerySet["Waiting"]):
    def visible_to(self, account: Actor) -> WaitingQuerySet:
        """Own people, wherever they wait; the whole list to the provider and to the bureau. Not to other units: how
        many stand before one's people is theirs to know, who it is not."""
        if not account.holds(*READ_PEOPLE.roles):
            return self.none()
        whole = ClassApplication.objects.filter(case_scope(account)).values("pk")
        return self.filter(Q(unit__in=account.unit_ids(Role.UNIT_CLERK)) | Q(application__in=whole))

    def standing(self) -> WaitingQuerySet:
        """Who still waits, in the order of the list."""
        return self.filter(left_at=None).order_by("pk")

    def open_still(self) -> WaitingQuerySet:
        """Who waits for a class that has not ended."""
        return self.standing().filter(application__in=ClassApplication.objects.open_to_enrolment().values("pk"))

    def with_position(self) -> WaitingQuerySet:
        """Each with `position` on the list of its class, from 1."""
        before = Waiting.objects.filter(application=models.OuterRef("application"), left_at=None)
        upto = before.filter(pk__lte=models.OuterRef("pk")).order_by().values("application")
        return self.annotate(position=models.Subquery(upto.annotate(count=models.Count("pk")).values("count")))


class Waiting(models.Model):
    """A person's place on the waiting list of a class. Never deleted: what became of it is said."""

    class Outcome(models.TextChoices):
        MOVED_UP = "moved_up", "已递补"
        WITHDRAWN = "withdrawn", "已退出候补"
        LISTED = "listed", "已在名单里"
        GONE = "gone", "已不在原单位"
        OFF = "off", "培训班不办"

    application = models.ForeignKey(ClassApplication, models.CASCADE, related_name="waiting")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所在单位")
    added_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now, editable=False)
    left_at = models.DateTimeField(null=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome, blank=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = "候补"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["application", "person"], condition=Q(left_at=None), name="waiting_once"),
            models.CheckConstraint(
                condition=Q(left_at=None, outcome="")
                | Q(left_at__isnull=False, outcome__in=["moved_up", "withdrawn", "listed", "gone", "off"]),
                name="waiting_outcome",
            ),
        ]
        indexes = [models.Index(fields=["unit", "left_at"], name="waiting_of_unit")]

    def __str__(self) -> str:
        return self.person.name
