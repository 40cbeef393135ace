"""A clerk asks for a person of another unit; that unit, or the bureau, lets go or refuses (product.md U3)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse

from luojiang_ce.access import READ_DISTRICT, READ_PEOPLE, Actor, Role, VisibleQuerySet, roles_with
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.models import Case

from .person import Person
from .unit import Unit


class ReleaseRequestQuerySet(VisibleQuerySet["ReleaseRequest"]):
    def visible_to(self, account: Actor) -> ReleaseRequestQuerySet:
        """Both units' clerks, and of the whole district the bureau's staff and the auditor. What the asking unit sees
        of a row is what its clerk has typed (`ReleaseRequest.is_open_to`)."""
        if account.holds(*roles_with(READ_DISTRICT, READ_PEOPLE)):
            return self.all()
        own = account.unit_ids(Role.UNIT_CLERK)
        return self.filter(Q(unit__in=own) | Q(to_unit__in=own))


class ReleaseRequest(Case):
    """`unit` employs the person and answers; `to_unit` asks. `name` is what its clerk typed: what is on record of the
    person, and where the person works, is none of its business until somebody has let go."""

    class State(models.TextChoices):
        ASKED = "asked", "待答复"
        RELEASED = "released", "已同意调出"
        REFUSED = "refused", "不同意调出"
        WITHDRAWN = "withdrawn", "已撤回"

    state = models.CharField("状态", max_length=20, choices=State, default=State.ASKED, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所在单位")
    to_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="申请单位")
    person = models.ForeignKey(Person, models.CASCADE, related_name="release_requests", verbose_name="人员")
    name = models.CharField("申请写的姓名", max_length=50)
    started_on = models.DateField("到申请单位日期")
    department = models.CharField("部门或岗位", max_length=60, blank=True)

    objects = ReleaseRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "调入申请"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["asked", "released", "refused", "withdrawn"]), name="release_state"
            ),
            models.UniqueConstraint(
                fields=["person", "to_unit"], condition=Q(state="asked"), name="one_open_release_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} 调入{self.to_unit.short}"

    @property
    def public_title(self) -> str:
        return f"{self.to_unit.short}（{full(self.started_on)} 起）"

    def is_open_to(self, account: Actor) -> bool:
        """Does the account see more of it than what was typed? Who only asks does not."""
        return self.unit_id in account.unit_ids(Role.UNIT_CLERK) or account.holds(
            *roles_with(READ_DISTRICT, READ_PEOPLE)
        )

    def get_absolute_url(self) -> str:
        return reverse("people:request", args=[self.pk])
