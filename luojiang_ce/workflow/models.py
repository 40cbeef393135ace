"""The event log, what a return asked for, the chain over the log, and what every case has in common."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models

from luojiang_ce import clock
from luojiang_ce.access import Role


class Case(models.Model):
    """What every case type has: a state that only the engine assigns, and when it was filed.

    The first submission decides whether a case was in time (product.md P2), so it is kept apart from the latest.
    """

    state = models.CharField("状态", max_length=20, editable=False)
    created_at = models.DateTimeField("建立时间", default=clock.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="建立人", null=True, related_name="+", editable=False
    )
    first_submitted_at = models.DateTimeField("首次提交时间", null=True, editable=False)
    submitted_at = models.DateTimeField("最近提交时间", null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def public_kind(self) -> str:
        """What kind of case it is, as titles of notices say it."""
        return str(self._meta.verbose_name)

    @property
    def public_title(self) -> str:
        """How titles of notices call the case: they lie open on the way, so what names somebody says it otherwise."""
        return str(self)

    @property
    def called(self) -> str:
        """What kind of case it is, with its number where it has one."""
        number = getattr(self, "number", None)
        return f"{self.public_kind} {number}" if number else self.public_kind


class Event(models.Model):
    """One change of state: who, when, from, to. Append-only by trigger; its own HMAC is written with it.

    It holds ids, never names or ID numbers; the text typed with it lives in EventNote.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    case_type = models.CharField(max_length=60)
    case_id = models.BigIntegerField()
    name = models.CharField(max_length=40)
    source = models.CharField(max_length=20, blank=True)
    target = models.CharField(max_length=20)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    note_sha256 = models.CharField(max_length=64, blank=True)
    data = models.JSONField(default=dict)
    # Which writer wrote it, as which of its own, at which time of the machine (writers.py); none before they counted.
    writer = models.PositiveSmallIntegerField(null=True)
    number = models.BigIntegerField(null=True)
    written_at = models.DateTimeField(null=True)
    # From where it was done, as far as that is known; empty of what the worker did, and before it was kept.
    address = models.CharField(max_length=45, blank=True, default="")
    concerns = models.BigIntegerField(null=True)  # the person (units) whom it is about; none before it was kept
    hmac = models.CharField(max_length=64)

    class Meta:
        verbose_name = "办理记录"
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["case_type", "case_id", "name"], name="event_case"),
            # What the auditor's page asks by; who did it has the index of its key.
            models.Index(fields=["name", "-id"], name="event_name"),
            models.Index(fields=["address", "-id"], name="event_address"),
            models.Index(fields=["concerns", "-id"], name="event_concerns"),
            models.Index(fields=["at"], name="event_at"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["writer", "number"], condition=models.Q(writer__isnull=False), name="event_numbered_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_type}:{self.case_id} {self.name}"


class EventNote(models.Model):
    """The text typed with an event; apart from it, so that a person can be anonymised without touching the log."""

    event = models.OneToOneField(Event, models.PROTECT, related_name="note_row")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class HandlingQuerySet(models.QuerySet["Handling"]):
    def current(self) -> HandlingQuerySet:
        """Those of whom the handler named still is one today; a case of any other waits for every handler again."""
        people: Any = get_user_model()._default_manager
        return self.filter(account__in=people.holding(Role.BUREAU_HANDLER))


class Handling(models.Model):
    """The handler of the bureau to whom a case was given by name (product.md U7).

    It says on whose desk the case lies and nothing about who may act: another handler still can, and no day moves.
    """

    case_type = models.CharField(max_length=60)
    case_id = models.BigIntegerField()
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="经办人", related_name="handlings"
    )

    objects = HandlingQuerySet.as_manager()

    class Meta:
        verbose_name = "经办人"
        constraints = [models.UniqueConstraint(fields=["case_type", "case_id"], name="one_handler")]

    def __str__(self) -> str:
        return f"{self.case_type}:{self.case_id} {self.account_id}"


class ReturnItem(models.Model):
    """One thing that a return asked for, and how the filer answered it."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="return_items")
    where = models.CharField("位置", max_length=100, blank=True)
    wrong = models.CharField("问题", max_length=300)
    mend = models.CharField("如何补正", max_length=300, blank=True)
    answer = models.CharField("补正情况", max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.wrong


class ReturnPhrase(models.Model):
    """A sentence of the bureau's library of return reasons (product.md S5)."""

    case_type = models.CharField("业务", max_length=60, blank=True)
    wrong = models.CharField("问题", max_length=300)
    mend = models.CharField("如何补正", max_length=300, blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        ordering = ("case_type", "pk")
        constraints = [models.UniqueConstraint(fields=["case_type", "wrong"], name="phrase_once")]

    def __str__(self) -> str:
        return self.wrong


class ChainLink(models.Model):
    """A sealed event's place in the chain: cutting, inserting or swapping links breaks every hash after it."""

    position = models.BigIntegerField(primary_key=True)
    event_uid = models.UUIDField(unique=True)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.position} {self.hash[:12]}"


class LogWriter(models.Model):
    """How many events one writer has written (writers.py), under an HMAC of its own: a missing one shows at once."""

    lane = models.PositiveSmallIntegerField(primary_key=True)
    last = models.BigIntegerField()
    hmac = models.CharField(max_length=64)

    class Meta:
        ordering = ("lane",)

    def __str__(self) -> str:
        return f"{self.lane}: {self.last}"


class LogHead(models.Model):
    """A head of the chain as it left the house; the first is the log's beginning. Append-only by trigger.

    The beginning has the position that the chain had by then (0 of a new log, whose first link is made from its hash)
    and says how many events were `older`: those that no writer had counted.
    """

    position = models.BigIntegerField("位置", unique=True)
    hash = models.CharField("链头", max_length=64)
    published_at = models.DateTimeField("公布时间")
    older = models.BigIntegerField(default=0)
    hmac = models.CharField(max_length=64)

    class Meta:
        verbose_name = "操作记录的链头"
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.position} {self.hash[:12]}"


class LogPart(models.Model):
    """An older part of the log that left as a signed file (log_parts.py). Append-only by trigger.

    `sha256`: of the file; `events`: a digest over its LeftEvents, so that none is slipped among them.
    """

    number = models.PositiveIntegerField(primary_key=True)
    file = models.CharField("文件", max_length=100)
    sha256 = models.CharField(max_length=64)
    first = models.BigIntegerField("第一环")
    last = models.BigIntegerField("最后一环")
    count = models.PositiveIntegerField("条数")
    events = models.CharField(max_length=64)
    left_at = models.DateTimeField("转出时间")
    hmac = models.CharField(max_length=64)

    class Meta:
        verbose_name = "转出的操作记录"
        ordering = ("number",)

    def __str__(self) -> str:
        return self.file


class LeftEvent(models.Model):
    """What stays of an event that left: enough to check the chain and its writer's count across the cut. Append-only by
    trigger."""

    position = models.BigIntegerField(primary_key=True)
    part = models.ForeignKey(LogPart, models.PROTECT, related_name="left")
    event_id = models.BigIntegerField(unique=True)
    uid = models.UUIDField(unique=True)
    writer = models.PositiveSmallIntegerField(null=True)
    number = models.BigIntegerField(null=True)
    written_at = models.DateTimeField(null=True)
    hmac = models.CharField(max_length=64)

    class Meta:
        verbose_name = "转出的一条操作记录"
        ordering = ("position",)
        indexes = [models.Index(fields=["writer", "number"], name="left_number")]

    def __str__(self) -> str:
        return f"{self.position}"
