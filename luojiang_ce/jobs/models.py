"""Long work: a row in the database is the truth, the broker only rings the bell."""

from __future__ import annotations

import re
import uuid

from django.conf import settings
from django.db import models

from luojiang_ce import clock
from luojiang_ce.access import Actor, Role, VisibleQuerySet

_HEX = re.compile("[0-9a-f]{32}")


def uid_of(name: str) -> uuid.UUID | None:
    """Of which job a file or folder of the store is that is called after its uid; None for one called otherwise."""
    return uuid.UUID(name) if _HEX.fullmatch(name) else None


class JobQuerySet(VisibleQuerySet["Job"]):
    def visible_to(self, account: Actor) -> JobQuerySet:
        """A job's progress and result belong to whoever started it, as long as they hold any role."""
        return self.filter(owner_id=account.pk) if account.holds(*Role) else self.none()


class Job(models.Model):
    """A piece of long work, its lease while a worker has it, its progress and its result."""

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField("内容", max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    case_type = models.CharField(max_length=60, blank=True)
    case_id = models.BigIntegerField(null=True)
    args = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=300, blank=True)
    result_url = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "后台任务"
        ordering = ("-pk",)
        indexes = [models.Index(fields=["state", "leased_until"], name="job_waiting")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["queued", "running", "done", "failed"]), name="job_state"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)


class TaskRun(models.Model):
    """One run of a scheduled task. Runs that found nothing to do share one row for each task, which is overwritten:
    a task that runs every minute would otherwise bury what was done."""

    task = models.CharField(max_length=120)
    started_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("结束", db_index=True)
    did = models.CharField("做了什么", max_length=300, blank=True)
    error = models.CharField("错误", max_length=300, blank=True)
    quiet = models.BooleanField("没有要做的", default=False)

    class Meta:
        verbose_name = "运行记录"
        ordering = ("-ended_at", "-pk")
        indexes = [models.Index(fields=["task", "-ended_at"], name="run_of_task")]
        constraints = [
            models.UniqueConstraint(fields=["task"], condition=models.Q(quiet=True), name="one_quiet_run_a_task")
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.ended_at}"

    @property
    def took(self) -> str:
        """How long it ran: 不到 1 秒, 12 秒, 3 分 5 秒."""
        minutes, seconds = divmod(int((self.ended_at - self.started_at).total_seconds()), 60)
        return f"{minutes} 分 {seconds} 秒" if minutes else f"{seconds} 秒" if seconds else "不到 1 秒"
