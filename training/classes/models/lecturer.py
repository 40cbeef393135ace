"""Lecturers of a provider; the résumé is an attachment and is reused (product.md C4)."""

from __future__ import annotations

from django.db import models
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access.cases import VisibleQuerySet
from luojiang_ce.access.roles import Actor
from luojiang_ce.files.models import Attachment
from units.access import unit_scope
from units.models import Unit

RESUME = "resume"  # the material under which a lecturer's résumé lies


class LecturerQuerySet(VisibleQuerySet["Lecturer"]):
    def visible_to(self, account: Actor) -> LecturerQuerySet:
        """A provider's own lecturers; the bureau sees all."""
        return self.filter(unit_scope(account))


def resume_of(lecturer: str) -> models.Exists:
    """Whether a lecturer (a path to the id) has a résumé on file (C4), for annotating."""
    files = Attachment.objects.filter(case_id=models.OuterRef(lecturer), material=RESUME, removed_at=None)
    return models.Exists(files.filter(case_type="training_classes.lecturer"))


class Lecturer(models.Model):
    """A lecturer known to a provider; the résumé is an attachment, reused in later classes (C4)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="lecturers")
    name = models.CharField("姓名", max_length=50)
    sex = models.CharField("性别", max_length=1, choices=[("男", "男"), ("女", "女")], blank=True)
    birth = models.DateField("出生年月", null=True, blank=True)
    employer = models.CharField("工作单位", max_length=100)
    post = models.CharField("职务", max_length=50, blank=True)
    title = models.CharField("职称", max_length=50, blank=True)
    specialty = models.CharField("专业/专长", max_length=100, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = LecturerQuerySet.as_manager()

    class Meta:
        verbose_name = "授课教师"
        ordering = ("name", "pk")
        constraints = [models.UniqueConstraint(fields=["unit", "name", "employer"], name="lecturer_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("classes:lecturer", args=[self.pk])

    @property
    def standing(self) -> str:
        """职务/职称 as 附件3 prints it."""
        return "/".join(filter(None, (self.post, self.title)))
