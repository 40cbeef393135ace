"""The ledger of hours (V1): one entry is a person's hours or credits of one subject in one year, from one source.

Append-only by database triggers: an entry is never changed, it is countered by another. Sums are queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum

from luojiang_ce import clock
from luojiang_ce.access import Actor, VisibleQuerySet
from units.access import sees_district
from units.models import Person
from verification.choices import Form, Measure, Subject

# person id → (measure, subject) → sum
Sums = dict[int, dict[tuple[str, str], Decimal]]


class LedgerQuerySet(VisibleQuerySet["LedgerEntry"]):
    def visible_to(self, account: Actor) -> LedgerQuerySet:
        """The whole ledger for the bureau; for others that of the people they see (who work in the unit now)."""
        if sees_district(account):
            return self.all()
        return self.filter(person__in=Person.objects.visible_to(account).values("pk"))

    def of_source(self, source: models.Model) -> LedgerQuerySet:
        """Everything that was posted from a source."""
        return self.filter(source_type=source._meta.label_lower, source_id=source.pk)

    def standing(self) -> LedgerQuerySet:
        """Entries that hold: positive, and not countered."""
        return self.filter(amount__gt=0, countered_by=None)

    def between(self, first_year: int, last_year: int) -> LedgerQuerySet:
        return self.filter(year__gte=first_year, year__lte=last_year)

    def sums(self) -> Sums:
        """What these entries come to, by person, measure and subject. One query, however many people."""
        rows = self.order_by().values_list("person_id", "measure", "subject").annotate(Sum("amount"))
        found: Sums = defaultdict(dict)
        for person_id, measure, subject, amount in rows:
            found[person_id][measure, subject] = amount
        return found

    def by_person(self) -> dict[int, list[LedgerEntry]]:
        """These entries, gathered by person; one query. Counter-entries are tied to what they counter."""
        found: dict[int, list[LedgerEntry]] = defaultdict(list)
        rows = {entry.pk: entry for entry in self}
        for entry in rows.values():
            found[entry.person_id].append(entry)
            if entry.counter_of_id in rows:
                entry.counter_of = rows[entry.counter_of_id]
        for pk in sorted(rows, reverse=True):
            entry = rows[pk]
            # Newest first: a counter-entry of a counter-entry is void, with the one that it counters.
            if not entry.is_void and entry.counter_of and entry.counter_of.is_counter:
                entry.is_void = entry.counter_of.is_void = True
        return found


class LedgerEntry(models.Model):
    """One entry; `counter_of` makes it a counter-entry with the negative amount. Amounts are 学时 or 学分."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="ledger_entries", verbose_name="人员")
    year = models.PositiveSmallIntegerField("年度")
    measure = models.CharField("计量", max_length=10, choices=Measure)
    subject = models.CharField("科目", max_length=20, choices=Subject)
    amount = models.DecimalField("学时（学分）", max_digits=7, decimal_places=2)
    form = models.CharField("学习形式", max_length=20, choices=Form)
    title = models.CharField("项目名称", max_length=200)
    organiser = models.CharField("主办单位", max_length=100, blank=True)
    date_from = models.DateField("起", null=True, blank=True)
    date_to = models.DateField("止", null=True, blank=True)
    intensive = models.BooleanField("集中脱产", default=False)
    course = models.CharField("公共必修课", max_length=100, blank=True)
    # A fee was due: the payment voucher is brought along (notice 二(一)4).
    paid = models.BooleanField("需缴费", default=False)
    source_type = models.CharField(max_length=60)
    source_id = models.BigIntegerField()
    counter_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="countered_by", verbose_name="冲销"
    )
    reason = models.CharField("说明", max_length=300, blank=True)
    created_at = models.DateTimeField("入账时间", default=clock.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = LedgerQuerySet.as_manager()

    # A counter-entry that was itself countered, or what countered it (known of entries from `by_person`): together
    # they come to nothing, and what was first countered holds as if nothing had been.
    is_void = False

    class Meta:
        verbose_name = verbose_name_plural = "学时记录"
        ordering = ("date_from", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["source_type", "source_id", "person", "year", "subject", "course"],
                condition=Q(counter_of=None),
                name="posted_once_from_a_source",
            ),
            models.CheckConstraint(
                condition=Q(counter_of=None, amount__gt=0) | (Q(counter_of__isnull=False) & ~Q(amount=0)),
                name="ledger_amount",
            ),
            models.CheckConstraint(condition=Q(counter_of=None) | ~Q(reason=""), name="ledger_counter_has_a_reason"),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="ledger_measure"),
            models.CheckConstraint(condition=Q(subject__in=Subject.values), name="ledger_subject"),
            models.CheckConstraint(condition=Q(form__in=Form.values), name="ledger_form"),
            models.CheckConstraint(
                condition=Q(date_from=None) | Q(date_to=None) | Q(date_to__gte=F("date_from")),
                name="ledger_days_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "year"], name="ledger_of_person"),
            models.Index(fields=["source_type", "source_id"], name="ledger_of_source"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.title} {self.amount}"

    @property
    def is_counter(self) -> bool:
        return self.counter_of_id is not None

    @property
    def source(self) -> str:
        """What it was earned in; a counter-entry belongs to what it counters, whoever decided it."""
        return self.counter_of.source if self.counter_of else f"{self.source_type}-{self.source_id}"


def sums_of(entries: Iterable[LedgerEntry], year: int) -> dict[tuple[str, str], Decimal]:
    """What entries at hand come to in a year, by measure and subject."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        if entry.year == year:
            found[entry.measure, entry.subject] += entry.amount
    return found


def people_entries(people: Iterable[Person], first_year: int, last_year: int) -> dict[int, list[LedgerEntry]]:
    """The entries of these people over some years, in the shape that `requirements.assess` takes; one query."""
    return LedgerEntry.objects.filter(person__in=list(people)).between(first_year, last_year).by_person()
