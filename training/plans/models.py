"""Yearly training plans (notice 一(五)1, 附件1): a unit's filing, its rows, the bureau's batch, the consents."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from luojiang_ce.access import READ_CASES, Actor, Role, VisibleQuerySet
from luojiang_ce.versions import Versioned
from luojiang_ce.workflow.models import Case
from training.choices import Category, Form, Funding
from units.access import NO_ROWS, case_scope, sees_district, supervised_scope
from units.models import Account, Unit
from verification.choices import Measure


class PlanQuerySet(VisibleQuerySet["Plan"]):
    def visible_to(self, account: Actor) -> PlanQuerySet:
        """The filing unit always, its authority and the bureau once submitted."""
        return self.filter(case_scope(account, reading=READ_CASES) | supervised_scope(account))


class Plan(Versioned, Case):
    """A unit's filing for a year: 年度培训方案 as a file, and the rows of 附件1."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "审核通过"
        REFUSED = "refused", "不予受理"

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="填报单位", related_name="plans")
    year = models.PositiveSmallIntegerField("计划年度")
    supplement = models.PositiveSmallIntegerField("增补次数", default=0, help_text="0 为年度计划，1 起为增补")
    leave = models.CharField("同意增补的依据", max_length=200, blank=True, editable=False)
    leader = models.CharField("单位负责人", max_length=50, blank=True)
    filler = models.CharField("填表人", max_length=50, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = "培训计划"
        ordering = ("-year", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "returned", "checked", "refused"]), name="plan_state"
            ),
            models.UniqueConstraint(fields=["unit", "year", "supplement"], name="plan_once"),
            models.CheckConstraint(condition=Q(supplement=0) | ~Q(leave=""), name="plan_supplement_by_leave"),
        ]

    def __str__(self) -> str:
        kind = f"增补计划（第{self.supplement}次）" if self.supplement else "培训计划"
        return f"{self.unit.short} {self.year} 年度{kind}"

    def get_absolute_url(self) -> str:
        return reverse("plans:plan", args=[self.pk])


class PlanItemQuerySet(VisibleQuerySet["PlanItem"]):
    def visible_to(self, account: Actor) -> PlanItemQuerySet:
        """As its plan; consent officers see what lies before them and what they have answered."""
        seen = Q(plan__in=Plan.objects.visible_to(account).values("pk"))
        if account.holds(Role.CONSENT_OFFICER):
            seen |= Q(batch__state__in=["consenting", "published"])
        return self.filter(seen)

    def shown_in_batch(self, account: Actor) -> PlanItemQuerySet:
        """Of the items of batches that the account sees: those it sees anyway, and what a document publishes."""
        return self.filter(Q(pk__in=PlanItem.objects.visible_to(account).values("pk")) | Q(number__isnull=False))

    def in_order(self) -> PlanItemQuerySet:
        """Plan after plan as they were begun, row after row: as they are gathered, answered and numbered."""
        return self.order_by("plan_id", "position", "pk")

    def published(self) -> PlanItemQuerySet:
        return self.filter(state=PlanItem.State.PUBLISHED)


class PlanItem(Versioned, Case):
    """A row of 附件1: a planned class. Once published it is a project with its own number."""

    class State(models.TextChoices):
        LISTED = "listed", "随计划填报"
        CHECKED = "checked", "审核通过"
        BATCHED = "batched", "汇总会签"
        STRUCK = "struck", "会签未同意"
        REFUSED = "refused", "审核不予列入"
        PUBLISHED = "published", "已公布"
        WITHDRAWN = "withdrawn", "已撤销"

    state = models.CharField("状态", max_length=20, choices=State, default=State.LISTED, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="plan_items", verbose_name="填报单位")
    batch = models.ForeignKey("PlanBatch", models.PROTECT, null=True, editable=False, related_name="items")
    number = models.CharField("项目编号", max_length=30, null=True, unique=True, editable=False)
    position = models.PositiveSmallIntegerField("序号", default=1)
    # A draft row may be saved incomplete; checks.py says what is missing before it can be submitted.
    organiser = models.CharField("主办单位", max_length=100, blank=True)
    co_organiser = models.CharField("承办（协办）单位", max_length=200, blank=True)
    title = models.CharField("培训班名称", max_length=100, blank=True)
    basis = models.CharField("办班依据（文件名、文号）", max_length=200, blank=True)
    content = models.TextField("培训内容（主要课程）", max_length=1000, blank=True)
    category = models.CharField("科目类别", max_length=20, choices=Category, blank=True)
    audience = models.CharField("培训对象", max_length=200, blank=True)
    sessions = models.PositiveSmallIntegerField("期数", default=1)
    people = models.PositiveIntegerField("每期人数", null=True, blank=True)
    starts_on = models.DateField("拟定开始日期", null=True, blank=True)
    ends_on = models.DateField("拟定结束日期", null=True, blank=True)
    days = models.DecimalField("天数", max_digits=5, decimal_places=1, null=True, blank=True)
    place = models.CharField("地点", max_length=100, blank=True)
    form = models.CharField("培训形式", max_length=20, choices=Form, default=Form.FACE)
    measure = models.CharField("计量", max_length=10, choices=Measure, default=Measure.HOURS)
    public_amount = models.DecimalField("拟授学时（学分）公共", max_digits=6, decimal_places=1, default=Decimal(0))
    professional_amount = models.DecimalField(
        "拟授学时（学分）专业", max_digits=6, decimal_places=1, default=Decimal(0)
    )
    funding = models.CharField("经费来源", max_length=20, choices=Funding, blank=True)
    budget = models.DecimalField("经费预算（元）", max_digits=12, decimal_places=2, default=Decimal(0))
    charges = models.BooleanField("是否收费", default=False)
    fee = models.DecimalField("收费标准（元/人）", max_digits=9, decimal_places=2, null=True, blank=True)
    fee_document = models.CharField("收费批准文号", max_length=100, blank=True)
    lecturers = models.CharField("拟请师资", max_length=200, blank=True)
    contact = models.CharField("联系人", max_length=50, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = PlanItemQuerySet.as_manager()

    class Meta:
        verbose_name = "计划项目"
        ordering = ("plan", "position", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["listed", "checked", "batched", "struck", "refused", "published", "withdrawn"]),
                name="planitem_state",
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="planitem_days_in_order"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(number__isnull=False), name="planitem_published_has_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}" if self.number else self.title

    def get_absolute_url(self) -> str:
        return reverse("plans:item", args=[self.pk])


class ConsentBody(Versioned):
    """A body whose consent the notice asks for. Names are data: bodies are renamed or dissolved (domain.md).

    It is asked of the batches that are sent from its first day to its last, where they are known. It answers on-line
    by the consent officers of its `unit`; without such an account, on paper.
    """

    name = models.CharField("名称", max_length=60, unique=True)
    position = models.PositiveSmallIntegerField("顺序", default=1)
    starts_on = models.DateField("起", null=True, blank=True)
    ends_on = models.DateField("止", null=True, blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, verbose_name="网上会签的单位", related_name="consent_bodies"
    )

    class Meta:
        verbose_name = "会签单位"
        ordering = ("position", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="consentbody_days_in_order")
        ]

    def __str__(self) -> str:
        return self.name

    def is_asked_on(self, day: date) -> bool:
        """Is it asked of a batch that is sent on this day?"""
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)


class PlanBatchQuerySet(VisibleQuerySet["PlanBatch"]):
    def visible_to(self, account: Actor) -> PlanBatchQuerySet:
        """Bureau staff; consent officers once it lies before them; units with an item in it, once published: of what
        lies in it they see their own items, and what the document publishes."""
        if sees_district(account, READ_CASES):
            return self
        if account.holds(Role.CONSENT_OFFICER):
            return self.exclude(state=PlanBatch.State.GATHERING)
        own = account.unit_ids(Role.UNIT_CLERK)
        mine = Q(state=PlanBatch.State.PUBLISHED, items__unit__in=own) if own else NO_ROWS
        return self.filter(mine).distinct()


class PlanBatch(Case):
    """Checked items gathered by the handler (汇总), put before both bodies, then published by document."""

    class State(models.TextChoices):
        GATHERING = "gathering", "汇总中"
        CONSENTING = "consenting", "会签中"
        PUBLISHED = "published", "已发文公布"

    state = models.CharField("状态", max_length=20, choices=State, default=State.GATHERING, editable=False)
    year = models.PositiveSmallIntegerField("计划年度")
    title = models.CharField("名称", max_length=100)
    document_number = models.CharField("发文字号", max_length=60, blank=True)
    published_on = models.DateField("发文日期", null=True, blank=True)
    sent_at = models.DateTimeField("送会签时间", null=True, editable=False)

    objects = PlanBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "计划汇总"
        ordering = ("-year", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["gathering", "consenting", "published"]), name="planbatch_state"
            ),
            models.UniqueConstraint(fields=["year"], condition=Q(state="gathering"), name="planbatch_one_gathering"),
            models.UniqueConstraint(
                fields=["document_number"], condition=~Q(document_number=""), name="planbatch_document_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | (~Q(document_number="") & Q(published_on__isnull=False)),
                name="planbatch_published_has_document",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("plans:batch", args=[self.pk])


class Consent(models.Model):
    """One body's answer to one batch (notice 一(五)1), given on-line or recorded from paper; frozen by publication."""

    class Result(models.TextChoices):
        AGREED = "agreed", "同意"
        OBJECTED = "objected", "不同意"

    class Way(models.TextChoices):
        PAPER = "paper", "书面"
        ONLINE = "online", "网上"

    batch = models.ForeignKey(PlanBatch, models.PROTECT, related_name="consents")
    body = models.ForeignKey(ConsentBody, models.PROTECT, verbose_name="会签单位")
    way = models.CharField("方式", max_length=10, choices=Way, default=Way.PAPER, editable=False)
    result = models.CharField("意见", max_length=10, choices=Result)
    given_on = models.DateField("日期")
    document = models.CharField("文号或会议纪要", max_length=100)
    person = models.CharField("经办人", max_length=50)
    note = models.CharField("说明", max_length=500, blank=True)
    recorded_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = "会签意见"
        ordering = ("body__position",)
        constraints = [
            models.UniqueConstraint(fields=["batch", "body"], name="consent_once"),
            models.CheckConstraint(condition=Q(way__in=["paper", "online"]), name="consent_way"),
        ]

    def __str__(self) -> str:
        return f"{self.body} {self.get_result_display()}"

    @property
    def is_whole(self) -> bool:
        """Does it speak of every item? Whoever gave it stands aside where an item is his own unit's."""
        return not any(each.answer == ItemAnswer.Answer.ASIDE for each in self.items.all())


class ItemAnswer(models.Model):
    """What a body that agrees to a batch says otherwise of one item of it."""

    class Answer(models.TextChoices):
        OBJECTED = "objected", "不同意"
        ASIDE = "aside", "回避"

    consent = models.ForeignKey(Consent, models.CASCADE, related_name="items")
    item = models.ForeignKey(PlanItem, models.PROTECT, related_name="answers")
    answer = models.CharField("意见", max_length=10, choices=Answer)
    reason = models.CharField("理由", max_length=500, blank=True)

    class Meta:
        verbose_name = "单项意见"
        ordering = ("item__plan", "item__position")
        constraints = [
            models.UniqueConstraint(fields=["consent", "item"], name="itemanswer_once"),
            models.CheckConstraint(condition=Q(answer__in=["objected", "aside"]), name="itemanswer_answer"),
            models.CheckConstraint(condition=~Q(answer="objected") | ~Q(reason=""), name="itemanswer_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.get_answer_display()}"


class ProjectChangeQuerySet(VisibleQuerySet["ProjectChange"]):
    def visible_to(self, account: Actor) -> ProjectChangeQuerySet:
        """What a unit asks for as its other cases; what the bureau proposes itself the unit once it is proposed."""
        proposed = Q(by_bureau=False) | Q(first_submitted_at__isnull=False)
        seen = case_scope(account, reading=READ_CASES) & proposed
        return self.filter(seen | Q(by_bureau=True) if sees_district(account, READ_CASES) else seen)

    def decided(self) -> ProjectChangeQuerySet:
        """Those that were decided, in the order of their documents."""
        return self.filter(state=ProjectChange.State.DECIDED).order_by("published_on", "pk")


class ProjectChange(Versioned, Case):
    """A published project is changed or withdrawn by a decision with reason and document: asked for by its unit, or
    proposed by the bureau. An amended list is issued with it, which takes the place of the document before."""

    class What(models.TextChoices):
        CHANGE = "change", "变更"
        WITHDRAWAL = "withdrawal", "撤销"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        SUBMITTED = "submitted", "待审核"
        RETURNED = "returned", "退回补正"
        CHECKED = "checked", "待审批"
        DECIDED = "decided", "已决定并公布"
        REFUSED = "refused", "不予同意"
        CANCELLED = "cancelled", "已作废"

    OPEN = (State.DRAFT, State.SUBMITTED, State.RETURNED, State.CHECKED)  # not decided yet

    state = models.CharField("状态", max_length=20, choices=State, default=State.DRAFT, editable=False)
    number = models.CharField("编号", max_length=30, null=True, unique=True, editable=False)
    what = models.CharField("事项", max_length=20, choices=What, editable=False)
    by_bureau = models.BooleanField("区人社局提出", default=False, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="申报单位", editable=False)
    item = models.ForeignKey(PlanItem, models.PROTECT, related_name="changes", editable=False)
    batch = models.ForeignKey(PlanBatch, models.PROTECT, related_name="changes", editable=False)
    # By names of fields of the item, as text: what was read when it was asked for, and what it shall be.
    before = models.JSONField(default=dict, editable=False)
    after = models.JSONField(default=dict, editable=False)
    reason = models.TextField("理由", max_length=500)
    grounds = models.CharField("公布的理由", max_length=300, blank=True, editable=False)
    decision = models.CharField("决定文号或会议纪要", max_length=100, blank=True, editable=False)
    decided_on = models.DateField("决定日期", null=True, editable=False)
    document_number = models.CharField("公布文号", max_length=60, blank=True, editable=False)
    published_on = models.DateField("发文日期", null=True, editable=False)
    # Titles of the classes of a withdrawn project: those that had begun, and those that were cancelled with it.
    kept = models.JSONField(default=list, editable=False)
    cancelled = models.JSONField(default=list, editable=False)

    objects = ProjectChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "公布项目变更"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "returned", "checked", "decided", "refused", "cancelled"]),
                name="projectchange_state",
            ),
            models.CheckConstraint(condition=Q(what__in=["change", "withdrawal"]), name="projectchange_what"),
            models.CheckConstraint(
                condition=~Q(state="decided")
                | (Q(decided_on__isnull=False, published_on__isnull=False) & ~Q(decision="") & ~Q(document_number="")),
                name="projectchange_decided_by_document",
            ),
        ]
        indexes = [models.Index(fields=["batch", "document_number"], name="projectchange_by_document")]

    def __str__(self) -> str:
        return f"{self.get_what_display()}公布项目：{self.item}"

    def get_absolute_url(self) -> str:
        return reverse("plans:projectchange", args=[self.pk])
