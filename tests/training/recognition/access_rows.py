"""A recognition is its provider's, and the bureau's once submitted."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.luojiang_ce.access.matrix import CLERKS, DISTRICT_WIDE, HANDLER, NOBODY, OWN_UNIT, REVIEWERS, Row
from training.recognition.models import Exclusion, Recognition, RecognitionCorrection

from .cases import a_correction, a_recognition


def a_class_that_is_over(district: District) -> list[Any]:
    case = a_recognition(district, "draft")
    application = case.application
    case.delete()
    return [application.pk]


def a_draft(district: District) -> list[Any]:
    return [a_recognition(district, "draft").pk]


def a_draft_of_its_kind(district: District) -> list[Any]:
    return [Recognition._meta.label_lower, *a_draft(district)]


def a_submitted_one_of_its_kind(district: District) -> list[Any]:
    return [Recognition._meta.label_lower, *submitted(district)]


def submitted(district: District) -> list[Any]:
    return [a_recognition(district, "submitted").pk]


def recognised(district: District) -> list[Any]:
    return [a_recognition(district, "recognised").pk]


def an_assessed_draft(district: District) -> list[Any]:
    case = a_recognition(district, "draft")
    type(case.application).objects.filter(pk=case.application_id).update(assessment="exam")
    return [case.pk]


def a_trainee(district: District) -> list[Any]:
    case = a_recognition(district, "submitted")
    return [case.pk, case.application.enrolments.get().pk]


def an_exclusion(district: District) -> list[Any]:
    case = a_recognition(district, "submitted")
    return [case.pk, Exclusion.objects.create(recognition=case, reason="x", decided_by=district.handler).pk]


def asked_for(district: District) -> list[Any]:
    return [a_correction(district, "draft").pk]


def prepared(district: District) -> list[Any]:
    return [a_correction(district, "draft", by_bureau=True).pk]


def corrected(district: District) -> list[Any]:
    return [a_correction(district, "corrected", by_bureau=True).pk]


def handled(district: District) -> list[Any]:
    return [a_correction(district, "submitted").pk]


def a_trainee_corrected(district: District) -> list[Any]:
    made = a_correction(district, "submitted")
    return [made.pk, made.recognition.application.enrolments.get().pk]


def a_line(district: District) -> list[Any]:
    made = a_correction(district, "submitted")
    return [made.pk, made.lines.get().pk]


def a_draft_correction_of_its_kind(district: District) -> list[Any]:
    return [RecognitionCorrection._meta.label_lower, *asked_for(district)]


READ = OWN_UNIT | DISTRICT_WIDE
PREPARING = ("left_out", "half_day", "whole", "rest", "undo")
CORRECTIONS = [
    Row("recognition:corrections", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("recognition:export_corrections", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("recognition:correct", OWN_UNIT | HANDLER, recognised),
    Row("recognition:correct", NOBODY, submitted),
    Row("recognition:correction", OWN_UNIT, asked_for),
    Row("recognition:correction", DISTRICT_WIDE, prepared),
    Row("recognition:correction", READ, handled),
    Row("recognition:correction", READ, corrected),
    Row("recognition:correction_edit", OWN_UNIT, asked_for),
    Row("recognition:correction_edit", HANDLER, prepared),
    Row("recognition:correction_reach", DISTRICT_WIDE, handled),
    Row("recognition:correction_amounts", HANDLER, a_trainee_corrected),
    *(Row(f"recognition:correction_{name}", HANDLER, handled) for name in PREPARING),
    Row("recognition:correction_half_day", NOBODY, corrected),
    Row("recognition:correction_remove", HANDLER, a_line, method="post", status=302),
    Row("workflow:delete_draft", OWN_UNIT, a_draft_correction_of_its_kind, method="post", status=302),
]
ROWS = [
    Row("recognition:list", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("recognition:export", CLERKS | DISTRICT_WIDE | REVIEWERS),
    Row("recognition:begin", OWN_UNIT, a_class_that_is_over, method="post", status=302),
    Row("workflow:delete_draft", OWN_UNIT, a_draft_of_its_kind, method="post", status=302),
    Row("workflow:delete_draft", NOBODY, a_submitted_one_of_its_kind, method="post"),
    Row("recognition:recognition", OWN_UNIT, a_draft),
    Row("recognition:recognition", READ, submitted),
    Row("recognition:recognition", READ, recognised),
    *(Row(f"recognition:{name}", READ, submitted) for name in ("oddities", "roster_pdf", "roster_xlsx", "people_xlsx")),
    Row("recognition:results", OWN_UNIT, an_assessed_draft),
    Row("recognition:results", OWN_UNIT, an_assessed_draft, method="post", status=302, data={"version": "0"}),
    Row("recognition:results", NOBODY, submitted),
    Row("recognition:decide", HANDLER, a_trainee),
    Row("recognition:decide_rest", HANDLER, submitted),
    Row("recognition:exclude", HANDLER, submitted),
    Row("recognition:exclude", HANDLER, recognised, status=302),
    Row("recognition:include", HANDLER, an_exclusion, method="post", status=302),
    *CORRECTIONS,
]
