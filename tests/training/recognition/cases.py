"""Recognitions for the walk through every state, transition and role."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from tests.conftest import District
from tests.documents import PDF
from tests.factories import person_in
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from tests.training.classes.factories import a_lecturer
from tests.training.factories import class_of, enrol, recognition_of, sign_all, taught, with_package
from training.classes.models import Lecturer, TeachingProof
from training.recognition.models import CorrectionLine, Exclusion, Recognition, RecognitionCorrection


def a_recognition(district: District, state: str) -> Recognition:
    """Of a class that ended two days ago; one trainee was there all the time."""
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=3))
    sign_all(course, [enrol(course, person_in(district.neighbour_unit))])
    return recognition_of(course, state=state)


def complete(district: District, case: Recognition) -> None:
    with_package(case, district.owner)


def complete_with_answers(district: District, case: Recognition) -> dict[str, Any]:
    with_package(case, district.owner)
    return {"answers": {}}


def something_excluded(district: District, case: Recognition) -> None:
    Exclusion.objects.create(recognition=case, reason="未按课程表授课", decided_by=district.handler)


def wrongs(district: District, case: Recognition) -> dict[str, Any]:
    return {"items": [{"where": "签到表", "wrong": "缺签字", "mend": "补签后重新扫描"}]}


def a_proof(district: District, state: str) -> TeachingProof:
    """Of a lecturer who taught in a recognised class."""
    lecturer = a_lecturer(district.unit, f"教师{'甲' * (Lecturer.objects.count() + 1)}")
    course = taught(lecturer)
    filed = None if state == "draft" else clock.now()
    facts = {"unit": district.unit, "year": course.opens_on.year, "state": state, "created_by": district.owner}
    return TeachingProof.objects.create(lecturer=lecturer, first_submitted_at=filed, submitted_at=filed, **facts)


def a_correction(district: District, state: str = "draft", *, by_bureau: bool = False) -> RecognitionCorrection:
    """Of a recognised class with one trainee, who is to get less; the class's hours are not posted."""
    recognition = a_recognition(district, "recognised")
    filed = None if state == "draft" else clock.now()
    made = RecognitionCorrection.objects.create(
        recognition=recognition,
        unit=recognition.unit,
        by_bureau=by_bureau,
        reason="检查发现签到不实",
        state=state,
        created_by=district.handler if by_bureau else district.owner,
        first_submitted_at=filed,
        submitted_at=filed,
        decided_at=clock.now() if state in RecognitionCorrection.DECIDED else None,
        number=None if state == "draft" else f"2026-G-{recognition.pk:04d}",
    )
    if state != "draft" or by_bureau:
        takes_a_half_day_out(district, made)
    return made


def takes_a_half_day_out(district: District, made: RecognitionCorrection) -> CorrectionLine:
    return CorrectionLine.objects.create(
        correction=made, kind="excluded", date=made.recognition.application.opens_on, half_day="morning", reason="代签"
    )


def by_the_bureau(district: District, made: RecognitionCorrection) -> None:
    made.by_bureau = True
    made.save()
    takes_a_half_day_out(district, made)


def with_evidence(district: District, made: RecognitionCorrection) -> None:
    upload = SimpleUploadedFile("签到表.pdf", PDF)
    attach(case=made, material="evidence", upload=upload, actor=district.owner)


def with_evidence_and_answers(district: District, made: RecognitionCorrection) -> dict[str, Any]:
    with_evidence(district, made)
    return {"answers": {}}


KINDS = [
    Kind(TeachingProof, a_proof, ready={"allow_return": returned_before}),
    Kind(
        RecognitionCorrection,
        a_correction,
        ready={
            "submit": with_evidence,
            "resubmit": with_evidence_and_answers,
            "return": wrongs,
            "allow_return": returned_before,
            "propose": by_the_bureau,
            "drop": by_the_bureau,
        },
    ),
    Kind(
        Recognition,
        a_recognition,
        ready={
            "submit": complete,
            "resubmit": complete_with_answers,
            "return": wrongs,
            "allow_return": returned_before,
            "recognise_partly": something_excluded,
        },
    ),
]
