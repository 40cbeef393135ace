"""That a year's page of somebody's booklet was written by hand, with what: by whom, when (notice 二(一))."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, VisibleQuerySet
from units.access import sees_district
from units.models import Certificate, Person, Unit


class WrittenPageQuerySet(VisibleQuerySet["WrittenPage"]):
    def visible_to(self, account: Actor) -> WrittenPageQuerySet:
        """As the ledger: the whole district for the bureau; for others that of the people they see."""
        if sees_district(account):
            return self.all()
        return self.filter(person__in=Person.objects.visible_to(account).values("pk"))

    def standing(self) -> WrittenPageQuerySet:
        """Those that hold: one a person and year."""
        return self.filter(ended_at=None)


class WrittenPage(models.Model):
    """A mark, never changed: `lines` is what was written. One that was made by mistake, or that more was written after,
    has ended, with who ended it and why."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="written_pages", verbose_name="人员")
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("证书", max_length=10, choices=Certificate.Kind)
    number = models.CharField("证书编号", max_length=40)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    filled_by = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="登记单位")
    lines = models.JSONField("登记内容", default=list)
    # How many entries of the year it has seen. Entries are only ever added, so another number means other entries.
    entries_seen = models.PositiveIntegerField("所见学时记录条数", default=0)
    written_on = models.DateField("登记日期")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    marked_at = models.DateTimeField("录入时间", default=clock.now)
    ended_at = models.DateTimeField("终止时间", null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="终止人"
    )
    ended_why = models.CharField("终止原因", max_length=500, blank=True)

    objects = WrittenPageQuerySet.as_manager()

    class Meta:
        verbose_name = "证书登记"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["person", "year"], condition=Q(ended_at=None), name="booklet_page_written_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | ~Q(ended_why=""), name="booklet_page_ended_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.year} 年度证书登记"

    def get_absolute_url(self) -> str:
        return f"{reverse('booklets:page', args=[self.person_id])}?year={self.year}"
