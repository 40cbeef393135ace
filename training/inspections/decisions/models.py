"""Decisions on what an inspection found (notice 一(五)4, product.md I3), and what the provider says."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce.access import Actor, Role, VisibleQuerySet
from luojiang_ce.versions import Versioned
from luojiang_ce.workflow.models import Case
from training.inspections.models import Finding, Inspection
from units.access import sees_district
from units.models import Unit


class DecisionQuerySet(VisibleQuerySet["Decision"]):
    def visible_to(self, account: Actor) -> DecisionQuerySet:
        """The bureau; the inspected unit and the inspectors of the visit once the unit was told, and no draft: while it
        is written anew it tells of what nobody has decided to do."""
        if sees_district(account):
            return self.all()
        seen = Q(unit__in=account.unit_ids(Role.UNIT_CLERK))
        if account.holds(Role.INSPECTOR):
            own = Inspection.inspectors.through.objects.filter(account=account.pk)
            seen |= Q(inspection__in=own.values("inspection"))
        return self.filter(seen, told_at__isnull=False).exclude(state=Decision.State.DRAFT)

    def in_force(self) -> DecisionQuerySet:
        """Those that hold now, also while somebody asks for their withdrawal."""
        return self.filter(state__in=Decision.IN_FORCE)

    def published(self) -> DecisionQuerySet:
        """The criticism that anyone may read, the newest first."""
        return self.in_force().filter(criticised=True).order_by("-decided_at", "-pk")


class Decision(Versioned, Case):
    """What becomes of the findings of one inspection: drafted by a handler, told to the provider, who may answer,
    proposed and decided by two persons. What it takes of hours are the rulings that it has drafted
    (`training.recognition.models.Ruling`)."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        TOLD = "told", "待陈述申辩"
        HEARD = "heard", "待提请审批"
        PROPOSED = "proposed", "待决定"
        DECIDED = "decided", "已决定"
        WITHDRAWING = "withdrawing", "待撤回"
        WITHDRAWN = "withdrawn", "已撤回"
        REFUSED = "refused", "不予处理"
        DROPPED = "dropped", "已作废"

    class Statement(models.TextChoices):
        NONE = "", "还没有"
        ONLINE = "online", "在线陈述"
        PAPER = "paper", "书面陈述"
        SILENT = "silent", "未陈述"

    IN_FORCE = (State.DECIDED, State.WITHDRAWING)
    OPEN = (State.DRAFT, State.TOLD, State.HEARD, State.PROPOSED)
    TOLD_OF = (State.TOLD, State.HEARD, State.PROPOSED, *IN_FORCE)  # who was inspected rests on what it says

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="decisions", verbose_name="监督检查")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="施教机构")
    findings = models.ManyToManyField(Finding, related_name="+", verbose_name="认定的问题")
    # notice 一(五)4: 予以通报批评、学时（学分）不予认定、培训项目认定不合格等处理
    criticised = models.BooleanField("通报批评", default=False)
    unrecognised = models.BooleanField("学时（学分）不予认定", default=False)
    unqualified = models.BooleanField("培训项目认定不合格", default=False)
    other = models.CharField("其他处理", max_length=300, blank=True)
    reason = models.TextField("理由", max_length=1000)
    told_at = models.DateTimeField("告知时间", null=True, editable=False)
    stated = models.CharField("陈述申辩", max_length=10, choices=Statement, default=Statement.NONE, blank=True)
    statement = models.TextField("陈述申辩的内容", max_length=2000, blank=True)
    stated_at = models.DateTimeField("陈述时间", null=True, editable=False)
    decided_at = models.DateTimeField("决定时间", null=True, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = "检查处理"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *("draft", "told", "heard", "proposed", "decided", "withdrawing", "withdrawn"),
                        *("refused", "dropped"),
                    ]
                ),
                name="decision_state",
            ),
            models.CheckConstraint(condition=Q(stated__in=["", "online", "paper", "silent"]), name="decision_stated"),
            models.CheckConstraint(
                condition=~Q(state__in=["decided", "withdrawing", "withdrawn"]) | Q(decided_at__isnull=False),
                name="decision_decided_some_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "dropped"]) | Q(told_at__isnull=False), name="decision_told_first"
            ),
            # Each inspection is decided on once at a time.
            models.UniqueConstraint(
                fields=["inspection"],
                condition=Q(state__in=["draft", "told", "heard", "proposed", "decided", "withdrawing"]),
                name="decision_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspection.subject}检查处理"

    def get_absolute_url(self) -> str:
        return reverse("decisions:decision", args=[self.pk])

    @property
    def consequences(self) -> list[str]:
        """What becomes of it, in the words of the notice."""
        named = ("criticised", "unrecognised", "unqualified")
        said = [str(self._meta.get_field(name).verbose_name) for name in named if getattr(self, name)]  # type: ignore[union-attr]
        return [*said, *([f"其他：{self.other}"] if self.other else [])]


class ReachCounted(models.Model):
    """The reach of a decision on big classes, as the worker has counted it, of one version of the draft. It goes when
    the decision is made or given up."""

    decision = models.OneToOneField(Decision, models.CASCADE, related_name="reach_counted")
    version = models.PositiveIntegerField()
    counted_at = models.DateTimeField("计算时间")
    shown = models.JSONField()

    class Meta:
        verbose_name = "处理影响"

    def __str__(self) -> str:
        return f"{self.decision_id} {self.version}"
