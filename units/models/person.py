"""Persons: one person once in the whole district, however often imported (product.md U2, U3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Upper
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Actor, Role, VisibleQuerySet
from luojiang_ce.id_shapes import beside_birth
from luojiang_ce.versions import Versioned
from units.access import NO_ROWS, left_to, sees_district, unit_scope
from units.identity import id_numbers
from units.identity.documents import says_birth_and_sex

from .leave import Leave
from .unit import Unit

if TYPE_CHECKING:
    from .leave import Leave


class PersonQuerySet(VisibleQuerySet["Person"]):
    def visible_to(self, account: Actor) -> PersonQuerySet:
        """People of the units that the account sees, as long as they work there; all of the district for the bureau."""
        return self.all() if sees_district(account) else self._working_in(unit_scope(account, "unit"))

    def editable_by(self, account: Actor) -> PersonQuerySet:
        """People whose record the account keeps: its own unit's for a clerk, all for the bureau's handlers."""
        if account.holds(*DO_BUREAU_WORK.roles):
            return self.all()
        return self._working_in(Q(unit__in=account.unit_ids(Role.UNIT_CLERK)))

    def filed_by(self, account: Actor) -> PersonQuerySet:
        """People whose year the account files as a clerk: the own unit's, and those of units that are left to it."""
        own = account.unit_ids(Role.UNIT_CLERK)
        left = Q(unit__in=left_to(own).values("pk")) if account.files_for_others else NO_ROWS
        return self._working_in(Q(unit__in=own) | left)

    def _working_in(self, units: Q) -> PersonQuerySet:
        return self.filter(pk__in=Employment.objects.filter(units, ended_on=None).values("person"))

    def employed_in(self, unit: Unit, on: date | None = None) -> PersonQuerySet:
        """People who work in the unit now, or worked there on a day."""
        jobs = Employment.objects.filter(unit=unit)
        jobs = jobs.filter(ended_on=None) if on is None else jobs.on(on)
        return self.filter(pk__in=jobs.values("person"))

    def with_present(self) -> PersonQuerySet:
        """With what `job`, `title` and `away` say at hand: three queries for any number of people."""
        return self.prefetch_related(
            Prefetch("employments", Employment.objects.filter(ended_on=None).select_related("unit"), "present_jobs"),
            Prefetch("titles", Title.objects.filter(is_current=True), "present_titles"),
            Prefetch("leaves", Leave.objects.approved(clock.today()), "present_leaves"),
        )

    def with_id_number(self, number: str) -> PersonQuerySet:
        return self.filter(id_hash=id_numbers.lookup_hash(number))


class Person(Versioned):
    """A member of the professional staff. The ID number is sealed; `masked_id` is what pages show."""

    class IdKind(models.TextChoices):
        RESIDENT = "resident", "居民身份证"
        PERMIT = "permit", "港澳台居民居住证"
        RESIDENCE = "residence", "外国人永久居留身份证"
        PASSPORT = "passport", "护照"

    class Category(models.TextChoices):
        GENERAL = "general", "一般"
        MEDICAL = "medical", "卫生"
        TEACHER = "teacher", "教师"

    name = models.CharField("姓名", max_length=50)
    pinyin = models.CharField(max_length=300, blank=True, editable=False)
    initials = models.CharField(max_length=100, blank=True, editable=False)
    id_kind = models.CharField("证件类型", max_length=10, choices=IdKind, default=IdKind.RESIDENT)
    id_sealed = models.BinaryField(editable=False)
    id_hash = models.CharField(max_length=64, unique=True, editable=False)
    id_last4_hash = models.CharField(max_length=64, editable=False, db_index=True)
    masked_id = models.CharField("证件号码", max_length=30, editable=False)
    sex = models.CharField("性别", max_length=1, choices=[("男", "男"), ("女", "女")], blank=True)
    birth = models.DateField("出生年月", null=True, blank=True)
    category = models.CharField("人员类别", max_length=10, choices=Category, default=Category.GENERAL)
    note = models.CharField("备注", max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    # When name, number and contact were taken away (units/services/anonymising.py); papers and sums stay.
    anonymised_at = models.DateTimeField("匿名化时间", null=True, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "人员"
        ordering = ("pinyin", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(category__in=["general", "medical", "teacher"]), name="person_category")
        ]
        indexes = [models.Index(fields=["pinyin", "id"], name="person_by_pinyin")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("people:person", args=[self.pk])

    def seal_id(self, number: str) -> None:
        """Put an ID number into its four columns: sealed, two hashes, masked."""
        self.id_hash = id_numbers.lookup_hash(number)
        self.id_sealed = id_numbers.SEALED.seal(number.encode(), self.id_hash)
        self.id_last4_hash = id_numbers.lookup_hash(number[-4:])
        self.masked_id = id_numbers.mask(number)

    def renewed_id(self) -> dict[str, bytes]:
        """The sealed number under the key in force. Raises CannotOpen."""
        return {"id_sealed": id_numbers.SEALED.seal(self.id_number.encode(), self.id_hash)}

    @property
    def job(self) -> Employment | None:
        """The running employment; None for who works nowhere now."""
        if hasattr(self, "present_jobs"):
            return next(iter(self.present_jobs), None)
        return self.employments.filter(ended_on=None).select_related("unit").first()

    @property
    def title(self) -> Title | None:
        """The present title."""
        if hasattr(self, "present_titles"):
            return next(iter(self.present_titles), None)
        return self.titles.filter(is_current=True).first()

    @property
    def away(self) -> Leave | None:
        """The approved long absence that runs today."""
        if hasattr(self, "present_leaves"):
            return next(iter(self.present_leaves), None)
        return self.leaves.approved(clock.today()).first()

    @property
    def id_says_birth_and_sex(self) -> bool:
        """Are birth date and sex those of the number, and not to be typed?"""
        return says_birth_and_sex(self.id_kind, self.id_number)

    @property
    def id_end(self) -> str:
        """What pages show of the number where the birth month stands beside it."""
        return beside_birth(self.masked_id)

    @property
    def id_number(self) -> str:
        """The full number. Showing it to anyone is an audited act (units.services.reveal_id). Raises CannotOpen."""
        return id_numbers.SEALED.unseal(self.id_sealed, self.id_hash).decode()


class EmploymentQuerySet(VisibleQuerySet["Employment"]):
    def visible_to(self, account: Actor) -> EmploymentQuerySet:
        """Employments in the units that the account sees, past ones too: a unit keeps its list of leavers."""
        return self.filter(unit_scope(account, "unit"))

    def ended(self) -> EmploymentQuerySet:
        """Employments that are over."""
        return self.filter(ended_on__lte=clock.today()).select_related("person", "unit")

    def begun_by(self, day: date) -> EmploymentQuerySet:
        """Employments that had begun by a day. One whose start is unknown had begun before the system knew of it, for
        somebody who came back right after the employment on record before it."""
        before = Employment.objects.filter(person=OuterRef("person"), pk__lt=OuterRef("pk"), ended_on__gte=day)
        return self.filter(Q(started_on__lte=day) | Q(started_on=None) & ~Exists(before))

    def on(self, day: date) -> EmploymentQuerySet:
        """Employments that were running on a day; the day of leaving still counts."""
        return self.begun_by(day).filter(Q(ended_on=None) | Q(ended_on__gte=day))


class Employment(models.Model):
    """A person's time in a unit. One runs at a time; leavers never count in a unit's rate after they left.

    `started_on` None: unknown. A roster says who works in the unit, not since when; that keeps nobody out of a year.
    """

    class End(models.TextChoices):
        MOVED = "moved", "调出"
        LEFT = "left", "离职"
        RETIRED = "retired", "退休"
        DIED = "died", "去世"

    person = models.ForeignKey(Person, models.CASCADE, related_name="employments")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="employments", verbose_name="单位")
    department = models.CharField("部门", max_length=60, blank=True)
    started_on = models.DateField("起", null=True, blank=True)
    ended_on = models.DateField("止", null=True, blank=True)
    end_reason = models.CharField("离开原因", max_length=10, choices=End, blank=True)

    objects = EmploymentQuerySet.as_manager()

    class Meta:
        verbose_name = "任职单位"
        ordering = (F("ended_on").desc(nulls_first=True), F("started_on").desc(nulls_last=True), "-pk")
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(ended_on=None), name="one_running_employment"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("started_on")), name="employment_days_in_order"
            ),
        ]
        indexes = [models.Index(fields=["unit", "ended_on"], name="employment_of_unit")]

    def __str__(self) -> str:
        return f"{self.person} {self.unit}"


class Title(models.Model):
    """A professional title of a person and since when; the latest is the present one."""

    class Level(models.TextChoices):
        JUNIOR = "junior", "初级"
        MIDDLE = "middle", "中级"
        ASSOCIATE = "associate", "副高级"
        SENIOR = "senior", "正高级"

    person = models.ForeignKey(Person, models.CASCADE, related_name="titles")
    series = models.CharField("系列", max_length=30, blank=True)
    name = models.CharField("专业技术职务", max_length=50, blank=True)
    level = models.CharField("级别", max_length=10, choices=Level, blank=True)
    since = models.DateField("任职时间", null=True, blank=True)
    is_current = models.BooleanField("现任", default=True)

    class Meta:
        verbose_name = "专业技术职务"
        ordering = ("-is_current", "-since", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(is_current=True), name="one_current_title")
        ]

    def __str__(self) -> str:
        return self.name or self.get_level_display()


class StudyPeriod(models.Model):
    """A span of years over which a requirement runs: 任职周期 of medical staff, 5-year cycle of teachers."""

    class Kind(models.TextChoices):
        TENURE = "tenure", "任职周期"
        CYCLE = "cycle", "教师五年周期"

    person = models.ForeignKey(Person, models.CASCADE, related_name="periods")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    first_year = models.PositiveSmallIntegerField("起始年度")
    last_year = models.PositiveSmallIntegerField("终止年度")

    class Meta:
        verbose_name = "周期"
        ordering = ("-first_year",)
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "first_year"], name="period_once"),
            models.CheckConstraint(condition=Q(last_year__gte=F("first_year")), name="period_years_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_year}–{self.last_year}"


class Certificate(models.Model):
    """A booklet: 专业技术人员继续教育证书 or 医学继续教育证书; a person may hold several. Its number is unique in the
    district; `disputed` are those that had been typed for two people before that was held."""

    class Kind(models.TextChoices):
        GENERAL = "general", "专业技术人员继续教育证书"
        MEDICAL = "medical", "医学继续教育证书"

    person = models.ForeignKey(Person, models.CASCADE, related_name="certificates")
    kind = models.CharField("证书", max_length=10, choices=Kind, default=Kind.GENERAL)
    number = models.CharField("证书编号", max_length=40)
    valid_from = models.DateField("起", null=True, blank=True)
    valid_to = models.DateField("止", null=True, blank=True)
    disputed = models.BooleanField("与他人重号", default=False, editable=False)

    class Meta:
        verbose_name = "证书"
        ordering = ("kind", "-valid_from", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "number"], name="certificate_once"),
            models.UniqueConstraint(
                Upper("number"), "kind", condition=Q(disputed=False), name="certificate_number_once"
            ),
        ]

    def __str__(self) -> str:
        return self.number


_USUAL_CATEGORY = {Unit.Nature.SCHOOL: Person.Category.TEACHER, Unit.Nature.MEDICAL: Person.Category.MEDICAL}


def usual_category(unit: Unit) -> Person.Category:
    """What the people of a unit are by its nature: preselected, and taken where a row of a roster names none."""
    return _USUAL_CATEGORY.get(Unit.Nature(unit.nature), Person.Category.GENERAL)
