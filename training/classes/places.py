"""Where the filer of an application mends what a return names."""

from __future__ import annotations

from django.urls import reverse

from luojiang_ce.workflow.places import fields_at
from training.classes.checks import BASICS, TEACHING, TIMETABLE
from training.classes.models import ClassApplication
from training.classes.readiness import shown_materials

HEAD = (
    *("title", "opens_on", "ends_on", "days", "place", "audience", "purpose", "content", "textbooks", "form"),
    *("assessment", "intensive", "people", "minimum", "charges", "fee", "fee_document", "funding", "budget"),
    *("leader", "class_teacher", "contact", "phone"),
)


def numbered(application: ClassApplication) -> dict[int, int]:
    """The ids of the rows of 附件3, by their numbers. One query."""
    return dict(enumerate(application.timetable.values_list("pk", flat=True), 1))


def places(application: ClassApplication) -> dict[str, str]:
    """The fields of 附件2, the rows of 附件3, the materials. Three queries."""
    basics, grid, teaching = (
        reverse(f"classes:{step}", args=[application.pk]) for step in (BASICS, TIMETABLE, TEACHING)
    )
    return {
        **fields_at(ClassApplication, basics, HEAD),
        "办班单位": f"{basics}#organisers",
        "课程表": f"{grid}#grid",
        **{f"课程表第 {row} 行": f"{grid}#r{row}" for row in range(1, application.timetable.count() + 1)},
        "师资简历": f"{teaching}#lecturers",
        **{row.material.title: f"{teaching}#material-{row.material.code}" for row in shown_materials(application)},
    }
