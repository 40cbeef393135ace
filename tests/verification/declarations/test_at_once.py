"""Two at the same moment: one of two figures that overlap comes into force, one of two jobs keeps the file of both."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from luojiang_ce.workflow.engine import Refused, fire
from tests.documents import PDF
from tests.verification.declarations.cases import a_conversion
from tests.verification.requirements.cases import tried
from tests.verification.test_at_once import at_once
from verification.declarations.evidence import keep, take_in
from verification.declarations.models import Conversion, LooseFile

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.real_services]


def test_two_figures_that_overlap_are_decided(district: Any) -> None:
    drafts = [
        a_conversion(state="draft", valid_from=date(2020, month, 1), created_by=district.handler) for month in (1, 2)
    ]
    for draft in drafts:
        tried(district, draft)
        fire(draft, "propose", actor=district.handler)

    def put_in_force(pk: int) -> Any:
        return fire(Conversion.objects.get(pk=pk), "put_in_force", actor=district.approver, note="按文件")

    results = at_once(*(lambda pk=draft.pk: put_in_force(pk) for draft in drafts))  # type: ignore[misc]
    assert sum(isinstance(each, Refused) for each in results) == 1, results
    assert Conversion.objects.in_force().count() == 1


def test_two_jobs_have_the_same_loose_file(district: Any, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    for _ in range(2):
        upload = SimpleUploadedFile("扫描件.pdf", PDF)
        sent = keep(unit=district.unit, uploads=[upload], actor=district.owner)
        take_in(unit=district.unit, sent=sent, of=None, actor=district.owner)
    jobs = list(Job.objects.values_list("pk", flat=True))
    assert at_once(*(lambda pk=pk: run(pk) for pk in jobs)) == [True, True]  # type: ignore[misc]
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.DONE}
    assert LooseFile.objects.count() == 1
