"""The own record of a person (本人查阅, product.md U6): slips that open it, counted guesses, objections."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Actor, Role, VisibleQuerySet
from luojiang_ce.papers.public import masked_name
from luojiang_ce.workflow.models import Case
from units.access import sees_district
from units.identity.id_numbers import lookup_hash
from units.models import Account, Person, Unit
from units.models.person import PersonQuerySet
from verification.ledger.models import LedgerEntry


def given_slips_by(account: Actor) -> PersonQuerySet:
    """Whose slips the account makes: those whose record it keeps, or whose year it files."""
    return Person.objects.editable_by(account) | Person.objects.filed_by(account)


class SlipQuerySet(VisibleQuerySet["Slip"]):
    def visible_to(self, account: Actor) -> SlipQuerySet:
        """Whoever hands them out."""
        return self.filter(person__in=given_slips_by(account).values("pk"))

    def standing(self) -> SlipQuerySet:
        """Those that open something today."""
        return self.filter(withdrawn_at=None, last_day__gte=clock.today())


class Slip(models.Model):
    """A printed slip (本人查阅条): its address and its code, kept as keyed hashes alone, open one person's record.

    One of a person holds at a time: the next takes its place.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="slips", verbose_name="人员")
    token = models.CharField(max_length=64, unique=True, editable=False)
    code = models.CharField(max_length=64, editable=False)
    last_day = models.DateField("有效期至")
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("生成时间", default=clock.now, editable=False)
    opened_at = models.DateTimeField("最近打开", null=True, editable=False)
    misses = models.PositiveIntegerField("填错次数", default=0, editable=False)  # in its whole life
    near = models.PositiveIntegerField("猜号次数", default=0, editable=False)  # whole numbers that nearly fitted
    withdrawn_at = models.DateTimeField("收回时间", null=True, editable=False)
    withdrawn_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    objects = SlipQuerySet.as_manager()

    class Meta:
        verbose_name = "本人查阅条"
        ordering = ("-pk",)
        constraints = [models.UniqueConstraint(fields=["person"], condition=Q(withdrawn_at=None), name="one_slip")]

    def __str__(self) -> str:
        return f"{self.person} 的本人查阅条"

    @property
    def why_ended(self) -> str:
        """Why it opens nothing any more, in Chinese; empty while it does."""
        if self.withdrawn_at:
            return "已收回"
        return "已过有效期" if clock.today() > self.last_day else ""


def hash_of(*said: str) -> str:
    """How an address, or a code beside its address, is kept."""
    return lookup_hash(":".join(("own-record", *said)))


class Misses(models.Model):
    """How often something typed did not fit on a day or in an hour, by what is counted (`guessing.py`) and no slip
    stands for; addresses are keyed hashes."""

    of = models.CharField(max_length=100, unique=True)
    day = models.DateField(default=clock.today, db_index=True)
    count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.of}: {self.count}"


class ObjectionQuerySet(VisibleQuerySet["Objection"]):
    def visible_to(self, account: Actor) -> ObjectionQuerySet:
        """The unit that it was put to, and the bureau with whoever audits it."""
        if not account.holds(*READ_PEOPLE.roles):
            return self.none()
        if sees_district(account):
            return self.all()
        return self.filter(unit__in=account.unit_ids(Role.UNIT_CLERK))


class Objection(Case):
    """What a person says against an entry of the own record, or against the record as a whole (异议).

    It goes to the unit where the person works on that day, and stays with it; of who works nowhere, to the bureau.
    `part`: of what is on file about the person, where that is to be corrected and no entry (更正申请, PIPL).
    `about` says in words what it was put against, as it stood then; `slip`: with which slip it was put (None: nobody
    knows any more).
    """

    class State(models.TextChoices):
        FILED = "filed", "待单位答复"
        REFERRED = "referred", "待区人社局答复"
        ANSWERED = "answered", "已答复"
        WITHDRAWN = "withdrawn", "本人已撤回"

    class Result(models.TextChoices):
        MENDED = "mended", "属实，已更正"
        UNDER_WAY = "under_way", "属实，正在更正"
        STANDS = "stands", "经核对，记录无误"

    class Part(models.TextChoices):
        NAME = "name", "姓名"
        BIRTH = "birth", "出生年月、性别、证件"
        UNIT = "unit", "工作单位、部门"
        TITLE = "title", "专业技术职务、任职时间"
        CERTIFICATE = "certificate", "证书编号"

    OPEN = (State.FILED, State.REFERRED)

    state = models.CharField("状态", max_length=20, choices=State, default=State.FILED, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    person = models.ForeignKey(Person, models.PROTECT, related_name="objections", verbose_name="人员")
    slip = models.ForeignKey(Slip, models.PROTECT, null=True, related_name="+", verbose_name="查阅条", editable=False)
    year = models.PositiveSmallIntegerField("年度")
    part = models.CharField("个人信息", max_length=12, choices=Part, blank=True)
    entry = models.ForeignKey(LedgerEntry, models.PROTECT, null=True, related_name="+")
    about = models.CharField("对哪一条", max_length=300)
    text = models.TextField("说明", max_length=1000)
    result = models.CharField("结论", max_length=10, choices=Result, blank=True)
    answer = models.CharField("答复", max_length=500, blank=True)
    answered_on = models.DateField("答复日期", null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "本人异议"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["filed", "referred", "answered", "withdrawn"]), name="objection_state"
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answered_on__isnull=False) & ~Q(answer="") & ~Q(result="")
                | ~Q(state="answered") & Q(answered_on=None, answer="", result=""),
                name="objection_answered",
            ),
            models.CheckConstraint(condition=Q(part="") | Q(entry=None), name="objection_of_one_thing"),
        ]
        indexes = [models.Index(fields=["person", "state"], name="objection_of_person")]

    def __str__(self) -> str:
        return f"{self.person} {self.about}"

    def get_absolute_url(self) -> str:
        return reverse("own_record:objection", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Is an answer waited for?"""
        return self.state in self.OPEN

    @property
    def public_title(self) -> str:
        """It names nobody on the way."""
        return "本人信息" if self.part else f"{self.year} 年度学时记录"

    @property
    def filed_on(self) -> date:
        """The day on which it was put."""
        return clock.local(self.created_at).date()

    @property
    def masked(self) -> str:
        """The person as a page shows it that may be read over a shoulder."""
        return masked_name(self.person.name)
