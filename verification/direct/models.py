"""The bureau's own training (notice 二(二)) and who passed it: the hours are posted and stamped in one act."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor, VisibleQuerySet
from luojiang_ce.versions import Versioned
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Case
from training.classes.models import CatalogueCourse
from units.access import sees_district
from units.models import Person, Unit
from verification.choices import SUBJECTS_OF, Measure

WHY = 200  # characters of a reason that are kept with the person
SUBJECTS = SUBJECTS_OF[Measure.HOURS]  # credits are the health authority's to give (notice 一(三)2)


class DirectTrainingQuerySet(VisibleQuerySet["DirectTraining"]):
    def visible_to(self, account: Actor) -> DirectTrainingQuerySet:
        """The bureau's own, and the auditor's to read: its list names people of every unit. Units see their own
        people's lines (`Passed`)."""
        return self.all() if sees_district(account) else self.none()

    def live(self) -> DirectTrainingQuerySet:
        """Those whose hours hold, or may come to."""
        return self.exclude(state__in=[DirectTraining.State.DROPPED, DirectTraining.State.WITHDRAWN])


class DirectTraining(Versioned, Case):
    """A training to which the bureau called people: each who passed gets the same hours of one subject and year."""

    class State(models.TextChoices):
        DRAFT = "draft", "编制中"
        READY = "ready", "待盖章"
        STAMPED = "stamped", "已盖章入账"
        WITHDRAWN = "withdrawn", "已撤回"
        DROPPED = "dropped", "已作废"

    class Kind(models.TextChoices):
        INDUCTION = "induction", "初任班"
        PUBLIC = "public", "公共课"

    ENDED = (State.STAMPED, State.WITHDRAWN)  # units know of it

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="调训单位", editable=False)
    kind = models.CharField("类别", max_length=20, choices=Kind)
    title = models.CharField("培训名称", max_length=200)
    document = models.CharField("调训文件", max_length=100)
    date_from = models.DateField("起")
    date_to = models.DateField("止")
    year = models.PositiveSmallIntegerField("计入年度")
    subject = models.CharField("科目", max_length=20, choices=[(each.value, each.label) for each in SUBJECTS])
    catalogue = models.ForeignKey(
        CatalogueCourse, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公共科目目录课程"
    )
    course = models.CharField("公共必修课", max_length=100, blank=True)
    amount = models.DecimalField("每人学时", max_digits=6, decimal_places=1)
    intensive = models.BooleanField("集中脱产", default=False)
    stamped_at = models.DateTimeField("盖章时间", null=True, editable=False)

    objects = DirectTrainingQuerySet.as_manager()

    class Meta:
        verbose_name = "调训"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "ready", "stamped", "withdrawn", "dropped"]), name="direct_state"
            ),
            models.CheckConstraint(condition=Q(kind__in=["induction", "public"]), name="direct_kind"),
            models.CheckConstraint(condition=Q(subject__in=["public", "professional"]), name="direct_subject"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="direct_amount"),
            models.CheckConstraint(condition=Q(date_to__gte=F("date_from")), name="direct_days_in_order"),
            models.CheckConstraint(
                condition=~Q(kind="public") | Q(subject="public", catalogue__isnull=False),
                name="direct_public_course_is_in_the_catalogue",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["stamped", "withdrawn"]) | Q(stamped_at__isnull=False),
                name="direct_stamped_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["year", "subject"], name="direct_of_year")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("direct:directtraining", args=[self.pk])

    @property
    def number(self) -> str:
        """DX-2026-00012: known from the draft on, never given twice."""
        return f"DX-{clock.local(self.created_at).year}-{self.pk:05d}"

    @property
    def span(self) -> str:
        """From when to when it was held."""
        return (
            full(self.date_from) if self.date_from == self.date_to else f"{full(self.date_from)}至{full(self.date_to)}"
        )

    @property
    def what(self) -> str:
        """The subject with its course: 公共科目（职业道德）."""
        named = self.catalogue.name if self.catalogue else self.course
        return f"{self.get_subject_display()}（{named}）" if named else self.get_subject_display()


class PassedQuerySet(VisibleQuerySet["Passed"]):
    def visible_to(self, account: Actor) -> PassedQuerySet:
        """All of them for the bureau; for others those of the people they see, once they were stamped."""
        if sees_district(account):
            return self.all()
        seen = Person.objects.visible_to(account).values("pk")
        return self.filter(person__in=seen, training__state__in=DirectTraining.ENDED)

    def standing(self, at: datetime | None = None) -> PassedQuerySet:
        """Those who count, now or as it stood at a moment: nobody withdrew them."""
        later = Q(withdrawn_at__gt=at) if at else Q()
        return self.filter(Q(withdrawn_at=None) | later)


class Passed(models.Model):
    """Somebody on the pass list, with the unit where the person worked when the training ended; `withdrawn_at`: the
    approver took this one's hours and page back, of a training that was stamped."""

    training = models.ForeignKey(DirectTraining, models.CASCADE, related_name="passed", verbose_name="调训")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="人员")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)
    withdrawn_why = models.CharField("撤回理由", max_length=WHY, blank=True, editable=False)

    objects = PassedQuerySet.as_manager()

    class Meta:
        verbose_name = "调训合格人员"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["training", "person"], name="passed_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_why="") | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_why=""),
                name="passed_withdrawn_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.training}"

    @property
    def stands_as(self) -> str:
        """How the hours of this one stand."""
        if self.withdrawn_at and self.training.state == DirectTraining.State.STAMPED:
            return "此人已撤回"
        return self.training.get_state_display()
