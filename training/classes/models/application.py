"""Opening a class (notice 一(五)2, 附件2): the application and its organisers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES, Actor, Role, VisibleQuerySet
from luojiang_ce.plain import value_of
from luojiang_ce.versions import Versioned
from luojiang_ce.workflow.models import Case
from training.choices import Assessment, Form, Funding
from training.classes.models.rules import TimetableRule
from training.classes.timetable import Rules
from training.half_days import Lesson
from training.plans.models import PlanItem, ProjectChange
from units.access import case_scope, supervised_scope
from units.models import Unit
from verification.choices import Measure

CREDIT_TYPES = {"class_1": "Ⅰ类", "class_2": "Ⅱ类", "general_practice": "全科"}


class ClassApplicationQuerySet(VisibleQuerySet["ClassApplication"]):
    def visible_to(self, account: Actor) -> ClassApplicationQuerySet:
        """The filing unit, the other organisers (read only), its authority and the bureau once submitted."""
        return self.filter(self._with_people(account) | supervised_scope(account))

    def with_people_for(self, account: Actor) -> ClassApplicationQuerySet:
        """Those whose trainees the account sees too: an authority gives its opinion on the class alone."""
        return self.filter(self._with_people(account))

    def _with_people(self, account: Actor) -> Q:
        seen = case_scope(account, reading=READ_CASES)
        own = account.unit_ids(Role.UNIT_CLERK)
        if own:
            others = ClassOrganiser.objects.filter(unit__in=own).values("application")
            seen |= Q(pk__in=others, first_submitted_at__isnull=False)
        return seen

    def open_to_enrolment(self) -> ClassApplicationQuerySet:
        """Approved classes that have not ended: any clerk may enrol own people there (C6)."""
        return self.filter(state=ClassApplication.State.APPROVED, ends_on__gte=clock.today())

    def standing(self) -> ClassApplicationQuerySet:
        """Filed or approved classes: those whose lecturers and rooms are taken."""
        taken = (ClassApplication.State.SUBMITTED, ClassApplication.State.CHECKED, ClassApplication.State.APPROVED)
        return self.filter(state__in=taken)

    def with_project_changed(self) -> ClassApplicationQuerySet:
        """Each class with `project_changed`, without a query of its own."""
        decided = ProjectChange.objects.decided().filter(item=models.OuterRef("project")).order_by()
        return self.annotate(project_changed=models.Exists(decided))  # type: ignore[no-redef]  # the property's answer

    def with_places(self) -> ClassApplicationQuerySet:
        """Each class with `taken`, the number of trainees who hold a place, and `in_line`, how many wait for one."""
        holds = Q(enrolments__removed_at=None) & ~Q(enrolments__agreement="refused")
        return self.annotate(
            taken=models.Count("enrolments", filter=holds, distinct=True),
            in_line=models.Count("waiting", filter=Q(waiting__left_at=None), distinct=True),
        )


class ClassApplication(Versioned, Case):
    """One session (期) of a published project. Under way and ended follow from the dates, they are no states."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "待审批"
        APPROVED = "approved", "准予开班"
        REFUSED = "refused", "不予批准"
        REPORTED = "reported", "已报告未举办"
        PROPOSED = "proposed", "拟按未举办结案"
        NOT_HELD = "not_held", "未举办"
        CANCELLED = "cancelled", "已取消"

    CLOSING = (State.REPORTED, State.PROPOSED)  # said to be never held, and not decided
    ALLOWED = (State.APPROVED, *CLOSING)  # allowed to be held, as far as anybody has decided
    OVER = (State.REFUSED, State.CANCELLED, State.NOT_HELD)  # their session (期) is free again

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="申办单位", related_name="classes")
    project = models.ForeignKey(PlanItem, models.PROTECT, verbose_name="计划项目", related_name="classes")
    session = models.PositiveSmallIntegerField("期次")
    title = models.CharField("培训班名称", max_length=100)
    opens_on = models.DateField("开班日期", null=True, blank=True)
    ends_on = models.DateField("结束日期", null=True, blank=True)
    days = models.DecimalField("天数", max_digits=5, decimal_places=1, null=True, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    audience = models.CharField("培训对象", max_length=200, blank=True)
    people = models.PositiveIntegerField("计划人数", null=True, blank=True)
    minimum = models.PositiveIntegerField("最低人数", null=True, blank=True)
    purpose = models.TextField("培训目的", max_length=1000, blank=True)
    content = models.TextField("主要内容", max_length=2000, blank=True)
    textbooks = models.CharField("教材/讲义", max_length=300, blank=True)
    form = models.CharField("培训形式", max_length=20, choices=Form, default=Form.FACE)
    intensive = models.BooleanField("集中脱产", default=False)
    assessment = models.CharField("考核方式", max_length=10, choices=Assessment, default=Assessment.NONE)
    measure = models.CharField("计量", max_length=10, choices=Measure, default=Measure.HOURS)
    credits = models.JSONField("学分", default=dict, blank=True, help_text="按类别：class_1、class_2、general_practice")
    credits_basis = models.CharField("学分依据文件", max_length=200, blank=True)
    charges = models.BooleanField("是否收费", default=False)
    fee = models.DecimalField("收费标准（元/人）", max_digits=9, decimal_places=2, null=True, blank=True)
    fee_document = models.CharField("收费批准文号", max_length=100, blank=True)
    funding = models.CharField("经费来源", max_length=20, choices=Funding, blank=True)
    budget = models.DecimalField("经费预算（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    leader = models.CharField("项目负责人", max_length=50, blank=True)
    class_teacher = models.CharField("班主任", max_length=50, blank=True)
    contact = models.CharField("联系人", max_length=50, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    difference_notes = models.JSONField("与计划不同之处的说明", default=dict, blank=True)
    # The opening day for which the first submission was in time; a return may move it later, not earlier (C2, P2).
    filed_for = models.DateField(null=True, editable=False)
    # notice 三2: what the handler judged where no record decides, and why the approver let a class pass that lies
    # outside the approved scope. Both are of one filing.
    scope_judged = models.CharField("核定范围判断", max_length=10, blank=True, editable=False)
    scope_passed = models.CharField("超出核定资质仍准予的原因", max_length=200, blank=True, editable=False)

    objects = ClassApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "开班申请"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *("draft", "submitted", "returned", "checked", "approved", "refused"),
                        *("reported", "proposed", "not_held", "cancelled"),
                    ]
                ),
                name="class_state",
            ),
            # C1, C7: an application that was refused, cancelled or never held frees its number
            models.UniqueConstraint(
                fields=["project", "session"],
                condition=~Q(state__in=["refused", "cancelled", "not_held"]),
                name="class_session_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(opens_on=None) | Q(ends_on__gte=F("opens_on")), name="class_days_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "opens_on"], name="class_by_opening"),
            models.Index(fields=["unit", "state"], name="class_of_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.session}期）"

    def get_absolute_url(self) -> str:
        return reverse("classes:class", args=[self.pk])

    def lessons(self) -> list[Lesson]:
        """The timetable as plain values, in its order. One query, none where it is prefetched."""
        return [value_of(Lesson, row) for row in self.timetable.all()]

    def has_begun(self, day: date) -> bool:
        """Is the class under way or over on this day? Only an approved class ever begins; its days go by while somebody
        looks whether it took place."""
        return self.state in self.ALLOWED and self.opens_on is not None and self.opens_on <= day

    def has_ended(self, day: date) -> bool:
        """Is it over on this day?"""
        return self.state in self.ALLOWED and self.ends_on is not None and self.ends_on < day

    @property
    def free(self) -> int:
        """Places that nobody holds or is in line for (of `with_places`); once it has begun nobody moves up."""
        waits = self.in_line if self.opens_on and self.opens_on >= clock.today() else 0  # type: ignore[attr-defined]
        return max((self.people or 0) - self.taken - waits, 0)  # type: ignore[attr-defined]

    @property
    def once_allowed(self) -> str:
        """When that can be done which only an approved class lets do, as a refusal says it."""
        return "报告撤回或不同意结案以后" if self.state in self.CLOSING else "准予开班后"

    def too_few(self, count: int) -> str:
        """That so many trainees are fewer than the minimum; empty where they are not, or none was set."""
        if self.minimum is None or count >= self.minimum:
            return ""
        return f"报名 {count} 人，少于最低人数 {self.minimum} 人"

    @cached_property
    def timetable_rules(self) -> Rules:
        """The figures in force on the opening day (today while none is set). LookupError where there are none."""
        return TimetableRule.objects.in_force(self.opens_on or clock.today()).as_value()

    @cached_property
    def project_changed(self) -> bool:
        """Was its project changed since it was published? One query; none of rows loaded `with_project_changed`."""
        return self.project.changes.decided().exists()

    @property
    def credit_amounts(self) -> dict[str, Decimal]:
        """Credits by type, of a class whose measure is credits; given whole for full attendance (C3)."""
        return {kind: Decimal(str(self.credits[kind])) for kind in CREDIT_TYPES if self.credits.get(kind)}


class ClassOrganiser(models.Model):
    """主办, 承办, 协办 in order; those with a unit of the district may read the case."""

    class Part(models.TextChoices):
        HOST = "host", "主办"
        CARRIER = "carrier", "承办"
        HELPER = "helper", "协办"

    application = models.ForeignKey(ClassApplication, models.CASCADE, related_name="organisers")
    part = models.CharField("身份", max_length=10, choices=Part)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField("名称", max_length=100)
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = "办班单位"
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(part__in=["host", "carrier", "helper"]), name="organiser_part"),
            models.UniqueConstraint(fields=["application", "part", "name"], name="organiser_once"),
        ]

    def __str__(self) -> str:
        return self.name
