"""What is printed and not issued: small ones at once, long ones as a job, kept for some days, encrypted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers import printouts
from luojiang_ce.papers.form_pdf import form_printable
from luojiang_ce.papers.printouts import AT_ONCE, Printout, enqueue_printout, file_of, purge_printouts, weight
from luojiang_ce.papers.signin import signin_printable
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import text_of
from tests.luojiang_ce.papers.samples import ROSTER, roster_row
from tests.training.factories import class_of, enrol
from training.attendance.printing import SHEETS_PRINTED
from verification.batches.printing import FORM4_PRINTED

pytestmark = pytest.mark.django_db


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_what_takes_over_a_second_is_too_heavy_to_be_made_at_once() -> None:
    def form4(rows: int) -> int:
        return weight([form_printable(ROSTER, [roster_row(n) for n in range(rows)])])

    assert form4(25) <= AT_ONCE < form4(40)
    assert weight([signin_printable({}, [{"name": "温知故"}] * 40)]) <= AT_ONCE
    assert weight([signin_printable({}, [{"name": "温知故"}] * 40)] * 4) > AT_ONCE


def test_the_sign_in_sheets_of_a_long_class_are_made_with_progress(district: District) -> None:
    course = class_of(district.unit, days=4)
    for number in range(20):
        enrol(course, person_in(district.unit, f"温知{chr(0x4E00 + number)}"))
    client = signed_in(district.owner)
    one = client.get(reverse("attendance:sheet_pdf", args=[course.pk, course.opens_on, "morning"]))
    assert one.content[:5] == b"%PDF-"
    answer = client.get(reverse("attendance:all_sheets_pdf", args=[course.pk]))
    job = Job.objects.get()
    assert answer.headers["Location"] == reverse("jobs:progress", args=[job.uid])
    sweep()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", 8, 8)
    assert text_of(client.get(job.result_url).content).count("温知") == 8 * 20
    with default_storage.open(file_of(job)) as kept:
        assert b"%PDF" not in kept.read()  # people's data lie encrypted


def test_a_printed_file_goes_after_some_days_and_can_be_asked_for_again(district: District) -> None:
    course = class_of(district.unit)
    job = enqueue_printout(SHEETS_PRINTED, course, district.owner)
    sweep()
    address = reverse("papers:printed", args=[job.uid])
    assert signed_in(district.owner).get(address).status_code == 200
    with clock.at(clock.now() + timedelta(days=8)):
        assert purge_printouts() == 1
        assert purge_printouts() == 0
    assert not default_storage.exists(file_of(job))
    client = signed_in(district.owner)
    assert "重新打印" in client.get(address, follow=True).content.decode()
    assert enqueue_printout(SHEETS_PRINTED, course, district.owner) != job


def test_nobody_else_gets_it_nor_who_sees_the_case_no_more(district: District) -> None:
    course = class_of(district.unit)
    job = enqueue_printout(SHEETS_PRINTED, course, district.owner)
    sweep()
    address = reverse("papers:printed", args=[job.uid])
    for account in (district.colleague, district.neighbour, district.handler):
        assert signed_in(account).get(address).status_code == 404
    district.owner.assignments.update(valid_to=clock.today() - timedelta(days=1))
    assert signed_in(district.fresh(district.owner)).get(address).status_code in (403, 404)


def test_every_printout_is_registered_under_its_own_key() -> None:
    known = printouts._printouts
    assert {each.key: each for each in known.values()} == known
    assert isinstance(known[FORM4_PRINTED.key], Printout)
    assert len(known) >= 6
