"""Seals and their register, numbers without gaps, the kinds of papers, and the papers themselves."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_ALL_SEALS, READ_SEAL_REGISTER, Actor, VisibleQuerySet
from luojiang_ce.jobs.models import Job

from .codes import new_code
from .dates import chinese_day
from .kinds import paper_kinds, papers_in_review
from .seal_records import SealApplied
from .signing.credentials import problem_with


class NumberFormat(models.Model):
    """How the numbers of a series look: data that the bureau may change. Seeded by the kind of paper."""

    series = models.CharField("编号序列", max_length=40, primary_key=True)
    title = models.CharField("用于", max_length=100)
    pattern = models.CharField("编号格式", max_length=60, help_text="{year} 为年份，{seq} 为序号，{seq:05d} 为五位序号")

    class Meta:
        verbose_name = "编号格式"
        ordering = ("series",)

    def __str__(self) -> str:
        return self.pattern


class NumberSeries(models.Model):
    """The last number given in a series and year; its row is the lock under which numbers are given."""

    series = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="series_year_once")]

    def __str__(self) -> str:
        return f"{self.series} {self.year}: {self.last}"


class SealQuerySet(VisibleQuerySet["Seal"]):
    def visible_to(self, account: Actor) -> SealQuerySet:
        """Keepers see the seals of their unit; bureau staff, who register them, and the officers all."""
        if account.holds(*READ_ALL_SEALS.roles):
            return self.all()
        return self.filter(owner_id__in=account.unit_ids(*READ_SEAL_REGISTER.roles))

    def of(self, owner: models.Model) -> SealQuerySet:
        """The seals of one owner."""
        return self.filter(owner_type=owner._meta.label_lower, owner_id=owner.pk)

    def for_use(self, owner: models.Model, purpose: str, on: date) -> Seal | None:
        """The owner's seal for a purpose on a day, None when there is none: the caller says so to the user."""
        return self.of(owner).filter(purpose=purpose).in_use_on(on).order_by("-first_day", "-pk").first()

    def in_use_on(self, day: date) -> SealQuerySet:
        """Approved seals whose first and last day of use enclose a day."""
        days = Q(first_day=None) | Q(first_day__lte=day), Q(last_day=None) | Q(last_day__gte=day)
        return self.filter(*days, approved_at__isnull=False)


class Seal(models.Model):
    """A seal of a unit: its name to the letter, when it is in use, how it looks, how it reaches the paper."""

    class Provider(models.TextChoices):
        BLANK = "blank", "留白，手工加盖"
        DRAWN = "drawn", "套印图样"
        SIGNED = "signed", "数字签名"

    name = models.CharField("印章名称", max_length=100, help_text="与印章上的文字一字不差")
    purpose = models.SlugField("用途", max_length=20, help_text="同一单位的几枚印章以此区分")
    owner_type = models.CharField(max_length=60)
    owner_id = models.BigIntegerField()
    # A seal is never edited into another: a new name is a new row, and old papers keep the old seal (notice 一(一)).
    first_day = models.DateField("启用日期", null=True, blank=True)
    last_day = models.DateField("停用日期", null=True, blank=True)
    diameter_mm = models.DecimalField("直径（毫米）", max_digits=4, decimal_places=1, default=Decimal(40))
    ring_mm = models.DecimalField("外圈粗细（毫米）", max_digits=3, decimal_places=1, default=Decimal(1))
    arc_text = models.CharField("弧形文字", max_length=60)
    line_text = models.CharField("横排文字", max_length=40, blank=True)
    provider = models.CharField("用印方式", max_length=10, choices=Provider, default=Provider.BLANK)
    # What settings.SIGNERS calls the certificate; the certificate behind the name is renewed there.
    signer = models.CharField("签名证书", max_length=60, blank=True, default="", db_default="")
    # Papers of before were stamped without an entry: none is owed of them. Empty where every stamp was entered.
    stamps_entered_since = models.DateTimeField("手工加盖登记自", null=True, editable=False)
    demo = models.BooleanField("样章", default=False)
    # What papers bear from now on, whatever the provider; those issued keep the one that they bear (Paper.picture).
    picture = models.ForeignKey("SealPicture", models.PROTECT, verbose_name="图样", null=True, related_name="+")

    # Who registers a seal does not approve of it (product.md: four eyes); those of the notice come with the system.
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField("批准时间", null=True, default=clock.now)

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = "印章"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["owner_type", "owner_id", "purpose", "name"], name="seal_once"),
            models.CheckConstraint(condition=Q(provider__in=["blank", "drawn", "signed"]), name="seal_provider"),
            models.CheckConstraint(
                condition=Q(first_day=None) | Q(last_day=None) | Q(last_day__gte=models.F("first_day")),
                name="seal_days",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def way(self) -> str:
        """How it reaches the paper, in words."""
        return self.way_of_use.label

    @property
    def way_of_use(self) -> SealUse.Way:
        """How it reaches a paper that is made now."""
        if self.provider == self.Provider.SIGNED:
            return SealUse.Way.SIGNED
        return SealUse.Way.PICTURE if self.picture_id else SealUse.Way(self.provider)

    def problem_on(self, on: date) -> str | None:
        """Why it cannot be used on a day, in Chinese; None when it can. Fit for a guard.

        First and last day are days of use. A signature is made now, whatever the day on the paper, so a seal that was
        retired signs nothing any more.
        """
        seal = f"印章“{self.name}”"
        if self.approved_at is None:
            return f"{seal}还没有经审批人批准启用"
        if self.first_day and on < self.first_day:
            return f"{seal}自 {chinese_day(self.first_day)}起启用，不能用于 {chinese_day(on)}的文书"
        if self.last_day and on > self.last_day:
            until = chinese_day(self.last_day)
            return f"{seal}已于 {until}停用，不能用于 {chinese_day(on)}的文书；请选用现行印章"
        return self._problem_of_signing() if self.provider == self.Provider.SIGNED else None

    def _problem_of_signing(self) -> str | None:
        if self.last_day and clock.today() > self.last_day:
            return f"印章“{self.name}”已于 {chinese_day(self.last_day)}停用，不能再用它签名；请选用现行印章"
        problem = problem_with(self.signer, clock.now())
        return f"印章“{self.name}”设为数字签名，但{problem}" if problem else None


def picture_under(picture: Any, name: str) -> str:
    """Pictures are stored by their own id: nothing of the uploader's name reaches the file system."""
    return f"seals/{picture.uid.hex}.png"


class SealPicture(models.Model):
    """A picture of a seal, as uploaded once; replaced ones stay for the papers that bear them."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="pictures")
    file = models.FileField(upload_to=picture_under)
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=clock.now, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "印章图样"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.seal} {clock.local(self.uploaded_at):%Y-%m-%d %H:%M}"


def _among(field: str, model: type[models.Model], account: Actor) -> Q:
    seen = model._default_manager.visible_to(account).values("pk")  # type: ignore[attr-defined]
    return Q(**{f"{field}_type": model._meta.label_lower, f"{field}_id__in": seen})


def know_reviews(papers: Iterable[Paper]) -> list[Paper]:
    """These papers, each knowing whether it is looked at again; see `papers_in_review`."""
    rows = list(papers)
    found = papers_in_review(rows)
    for paper in rows:
        paper.in_review = paper.pk in found
    return rows


class PaperQuerySet(VisibleQuerySet["Paper"]):
    def visible_to(self, account: Actor) -> PaperQuerySet:
        """A paper is visible where its case is, and where its kind says so, where its subject is."""
        seen = Q(pk__in=[])
        # One subquery per type of case, whatever the number of kinds.
        for model in {kind.case_model for kind in paper_kinds().values()}:
            seen |= _among("case", model, account)
        for kind in paper_kinds().values():
            if kind.open_to_subject and kind.subject_model:
                seen |= Q(kind=kind.key) & _among("subject", kind.subject_model, account)
        return self.filter(seen)

    def of(self, case: models.Model) -> PaperQuerySet:
        """The papers of a case."""
        return self.filter(case_type=case._meta.label_lower, case_id=case.pk)

    def standing(self) -> PaperQuerySet:
        """Papers that have not been revoked."""
        return self.exclude(state=Paper.State.REVOKED)

    def in_force(self) -> PaperQuerySet:
        """Papers that left the house, revoked or not: what is still being made does not exist for the public."""
        return self.filter(state__in=[Paper.State.ISSUED, Paper.State.REVOKED])

    def with_successors(self) -> PaperQuerySet:
        """With what lists need to say by what a revoked one was replaced (`standing`). No query more."""
        return self.annotate(successor=models.Subquery(Paper.objects.in_place_of(models.OuterRef).values("number")[:1]))

    def in_place_of(self, told: Callable[[str], Any]) -> PaperQuerySet:
        """The valid paper in place of a revoked one, whose fields are `told`: at most one, however many replaced each
        other between both. It is of the same kind, case, subject and variant, of which one stands (`paper_once`)."""
        return self.filter(state=Paper.State.ISSUED, **{field: told(field) for field in ONCE})


def stored_under(paper: Any, name: str) -> str:
    """Each attempt to render has a file name of its own, so that two workers never write into one file."""
    return f"{folder_of(paper)}/{uuid.uuid4().hex}.pdf"


def folder_of(paper: Any) -> str:
    """The folder of a paper's attempts; after issuing it holds one file."""
    return f"papers/{paper.uid.hex[:2]}/{paper.uid.hex}"


IN_REVIEW = "复核中"
# Of these together one paper stands at a time; the next one replaces it.
ONCE = ("kind", "case_type", "case_id", "subject_type", "subject_id", "variant")
WAITS = "waits_for_timestamp"  # among the arguments of a job that ended so


class Paper(models.Model):
    """An official paper. Once issued it is a stored file with number, SHA-256 and code; it is never rendered again."""

    class State(models.TextChoices):
        PENDING = "pending", "正在生成"
        ISSUED = "issued", "有效"
        REVOKED = "revoked", "已撤销"
        FAILED = "failed", "生成失败"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("文书种类", max_length=40)
    title = models.CharField("标题", max_length=200)
    number = models.CharField("编号", max_length=60, null=True, unique=True, editable=False)
    year = models.PositiveSmallIntegerField("年份")
    dated = models.DateField("成文日期")
    code = models.CharField("核验码", max_length=20, unique=True, default=new_code, editable=False)
    case_type = models.CharField(max_length=60)
    case_id = models.BigIntegerField()
    # No subject is ("", 0), not NULL: NULLs never collide, and the same paper would be made twice.
    subject_type = models.CharField(max_length=60, default="", blank=True)
    subject_id = models.BigIntegerField(default=0)
    variant = models.CharField("分类", max_length=60, default="", blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PENDING, editable=False)
    file = models.FileField(upload_to=stored_under, blank=True)
    size = models.PositiveBigIntegerField("大小（字节）", default=0)
    pages = models.PositiveIntegerField("页数", default=0)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, db_index=True)
    template_version = models.CharField("模板版本", max_length=20, blank=True)
    facts = models.JSONField("公开内容", default=list)
    # What its QR code states, signed (luojiang_ce/proof); empty on papers that are older.
    statement = models.BinaryField("签名声明", default=b"", editable=False)
    seal = models.ForeignKey(Seal, models.PROTECT, verbose_name="印章", null=True, related_name="papers")
    picture = models.ForeignKey(SealPicture, models.PROTECT, verbose_name="印章图样", null=True, related_name="papers")
    # The characters of which whoever issues it was told; glyphs.ANY where the act asks nobody.
    by_hand = models.TextField("印不出、留空手写的字", blank=True, default="", db_default="")
    # A line for each on the sheet, as they were looked at before it was issued; empty: by sense (title_words).
    title_lines = models.TextField("标题分行", blank=True, default="", db_default="")
    copies = models.PositiveSmallIntegerField("份数", default=1)
    reason = models.CharField("事由", max_length=200, blank=True)
    applicant = models.CharField("申请部门/人", max_length=100, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    keeper = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # Of a paper that two organs stamp (notice 二(一): 教育行政部门会同人社行政部门): the seal of the other one.
    second_seal = models.ForeignKey(Seal, models.PROTECT, verbose_name="另一枚印章", null=True, related_name="+")
    second_picture = models.ForeignKey(SealPicture, models.PROTECT, null=True, related_name="+")
    second_keeper = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="papers")
    requested_at = models.DateTimeField("申请时间", default=clock.now)
    issued_at = models.DateTimeField("签发时间", null=True)
    revoked_at = models.DateTimeField("撤销时间", null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revoke_reason = models.CharField("撤销原因", max_length=300, blank=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replacements")

    about = ""  # the subject's name, for whom may know it (subjects.name_subjects)
    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = "文书"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["case_type", "case_id"], name="paper_case"),
            models.Index(fields=["subject_type", "subject_id"], name="paper_subject"),
            models.Index(fields=["kind", "year"], name="paper_kind_year"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "issued", "revoked", "failed"]), name="paper_state"
            ),
            models.UniqueConstraint(
                fields=ONCE,
                condition=~Q(state="revoked"),
                name="paper_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="issued") | (Q(number__isnull=False, issued_at__isnull=False) & ~Q(sha256="")),
                name="paper_issued_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number or '（尚未编号）'}"

    def get_absolute_url(self) -> str:
        return reverse("papers:paper", args=[self.uid])

    @property
    def is_over(self) -> bool:
        """Nothing more happens by itself: issued, revoked or failed."""
        return self.state != self.State.PENDING

    @property
    def waits_for_timestamp(self) -> bool:
        """It is made as soon as the timestamp server answers again; its job is at hand."""
        over = self.job is not None and self.job.state == Job.State.FAILED and WAITS in self.job.args
        return over and self.state == self.State.PENDING

    @property
    def replacement(self) -> Paper | None:
        """The valid paper in place of this one, the last of those that replaced each other; None where it is not
        revoked, there is none, or it is still being made. One query."""
        if self.state != self.State.REVOKED:
            return None
        return Paper.objects.in_place_of(partial(getattr, self)).first()

    @property
    def superseded_by(self) -> str:
        """The number of that one, empty where there is none. No query where it was loaded `with_successors`."""
        if self.state == self.State.REVOKED and hasattr(self, "successor"):
            return self.successor or ""
        newer = self.replacement
        return (newer.number or "") if newer else ""

    @cached_property
    def in_review(self) -> bool:
        """Is it in force, and what it rests on looked at again? Lists ask for all at once (`know_reviews`)."""
        return self.pk in papers_in_review([self])

    @property
    def standing(self) -> str:
        """Its state in words; of one that was replaced, by what; of one that nobody ever had, so."""
        if self.state == self.State.REVOKED and self.number is None:
            return "未出具即撤销"
        number = self.superseded_by
        return f"已被 {number} 替代" if number else self.get_state_display()

    @property
    def state_said(self) -> str:
        """How it stands as the public reads it now: `standing`, or that it is looked at again."""
        return IN_REVIEW if self.in_review else self.standing

    @property
    def number_said(self) -> str:
        """Its number; until it has one, that it is to come, if it is."""
        return self.number or ("未编号" if self.state == self.State.REVOKED else "待编号")

    @property
    def file_name(self) -> str:
        """The name under which it is saved by whoever downloads it."""
        return " ".join(filter(None, [self.title, self.about, f"{self.number}.pdf"])).replace("/", "-")


class SealUseQuerySet(VisibleQuerySet["SealUse"]):
    def visible_to(self, account: Actor) -> SealUseQuerySet:
        """The register of the seals that the account may see."""
        return self.filter(seal__in=Seal.objects.visible_to(account))

    def awaiting_hand(self) -> SealUseQuerySet:
        """Left blank on papers that are in force, and not stamped yet, since stamps of the seal are entered."""
        stamped = SealApplied.objects.filter(use=models.OuterRef("pk"))
        since = Q(seal__stamps_entered_since=None) | Q(used_at__gte=models.F("seal__stamps_entered_since"))
        return self.filter(since, ~models.Exists(stamped), way=SealUse.Way.BLANK, paper__state=Paper.State.ISSUED)


class SealUse(models.Model):
    """One line of the register of seal use. Append-only by trigger; names are kept as they were that day."""

    class Way(models.TextChoices):
        BLANK = "blank", "留白，手工加盖"
        DRAWN = "drawn", "套印图样"
        PICTURE = "picture", "套印上传的图样"
        SIGNED = "signed", "数字签名"

    number = models.CharField("登记编号", max_length=20, unique=True)
    year = models.PositiveSmallIntegerField("年份")
    used_at = models.DateTimeField("用印时间")
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="uses")
    seal_name = models.CharField("印章名称", max_length=100)
    applicant = models.CharField("申请部门/人", max_length=100)
    reason = models.CharField("事由", max_length=200)
    document = models.CharField("文件名称（编号）", max_length=300)
    copies = models.PositiveSmallIntegerField("份数")
    way = models.CharField("用印方式", max_length=10, choices=Way, default=Way.DRAWN, db_default="drawn")
    approver = models.CharField("审批人", max_length=50, blank=True)
    keeper = models.CharField("监印人", max_length=50, blank=True)
    remark = models.CharField("备注", max_length=200, blank=True)
    sha256 = models.CharField("文件 SHA-256", max_length=64)
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="seal_uses")

    objects = SealUseQuerySet.as_manager()

    class Meta:
        verbose_name = "用印登记"
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["paper", "seal"], name="seal_once_a_paper")]
        indexes = [
            models.Index(fields=["year", "seal"], name="seal_use_year"),
            models.Index(fields=["seal"], condition=Q(way="blank"), name="seal_use_by_hand"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.document}"

    @property
    def is_stamped(self) -> bool:
        """Was a seal that is put on by hand put on? No query where `applied` is at hand."""
        return bool(self.applied.all())

    @property
    def takes_more(self) -> bool:
        """May its keeper add to it: put right what was entered, or enter what was done before stamps were entered? No
        query where `seal`, `paper` and `applied` are at hand."""
        since = self.seal.stamps_entered_since
        of_before = since is not None and self.used_at < since and self.paper.state == Paper.State.ISSUED
        return self.way == self.Way.BLANK and (self.is_stamped or of_before)

    @property
    def remark_now(self) -> str:
        """Its remark; what it says is awaited, until that was done."""
        return "" if self.way == self.Way.BLANK and self.is_stamped else self.remark
