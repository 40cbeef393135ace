"""What is printed and not issued: small ones at once, long ones as a job, kept for some days, encrypted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import reach_of
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers import printouts
from luojiang_ce.papers.form_pdf import form_printable
from luojiang_ce.papers.printouts import AT_ONCE, FOLDER, Printout, enqueue_printout, purge_printouts, weight
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import text_of
from tests.luojiang_ce.papers.samples import ROSTER, roster_row
from tests.luojiang_ce.workflow.walk import collect
from tests.stored import as_it_lies
from tests.training.attendance.photographs.printed import pages_for
from tests.training.factories import class_of, enrol
from tests.verification.batches.samples import a_seal
from tests.verification.ledger.entries import a_source, hours, posted
from training.attendance.printing import SHEETS_PRINTED
from training.classes.models import ClassApplication
from units.models import Account, Assignment
from verification.batches.printing import FORM4_PRINTED
from verification.ledger.models import LedgerEntry

pytestmark = pytest.mark.django_db


def signed_in(account: Any) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def file_of(job: Job) -> str:
    return f"{FOLDER}/{job.uid.hex}"


def test_what_takes_over_a_second_is_too_heavy_to_be_made_at_once() -> None:
    def form4(rows: int) -> int:
        return weight([form_printable(ROSTER, [roster_row(n) for n in range(rows)])])

    assert form4(25) <= AT_ONCE < form4(40)
    assert weight(pages_for(["温知故"] * 40)) <= AT_ONCE
    assert weight(pages_for(["温知故"] * 40) * 4) > AT_ONCE


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
    assert b"%PDF" not in as_it_lies(file_of(job))  # people's data lie encrypted


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


def printed(job: Job, account: Any) -> int:
    return signed_in(account).get(reverse("papers:printed", args=[job.uid])).status_code


def test_rights_are_asked_again_when_it_is_made(district: District) -> None:
    """Between the click and the worker the role ended, or the account was closed: nothing is made or kept."""
    course = class_of(district.unit)
    role, account = (enqueue_printout(SHEETS_PRINTED, course, each) for each in (district.owner, district.colleague))
    district.owner.assignments.update(valid_to=clock.today() - timedelta(days=1))
    Account.objects.filter(pk=district.colleague.pk).update(is_active=False)
    sweep()
    for job in (role, account):
        job.refresh_from_db()
        assert (job.state, job.result_url) == ("failed", "")
        assert "角色有变动" in job.message
        assert not default_storage.exists(file_of(job))
    address = reverse("jobs:progress", args=[role.uid])
    assert signed_in(district.fresh(district.owner)).get(address).status_code == 404  # without any role
    Assignment.objects.create(account=district.owner, role="inspector", unit=district.bureau, valid_from=clock.today())
    assert "角色有变动" in signed_in(district.fresh(district.owner)).get(address).content.decode()


def test_a_role_that_ended_takes_what_it_printed_along_though_the_case_is_still_seen(district: District) -> None:
    """Whoever audits sees every class; what was printed as its clerk is the clerk's."""
    course, today = class_of(district.unit), clock.today()
    Assignment.objects.create(account=district.owner, role="audit_admin", unit=district.bureau, valid_from=today)
    jobs = [enqueue_printout(SHEETS_PRINTED, course, district.fresh(district.owner)) for _ in range(2)]
    assert jobs[0] == jobs[1]
    sweep()
    assert printed(jobs[0], district.owner) == 200
    assert printed(jobs[0], district.colleague) == printed(jobs[0], district.neighbour) == 404
    district.owner.assignments.filter(role="unit_clerk").update(valid_to=today - timedelta(days=1))
    assert ClassApplication.objects.visible_to(district.fresh(district.owner)).filter(pk=course.pk).exists()
    assert printed(jobs[0], district.fresh(district.owner)) == 404
    again = enqueue_printout(SHEETS_PRINTED, course, district.fresh(district.owner))
    assert again != jobs[0]
    sweep()
    assert printed(again, district.fresh(district.owner)) == 200


def test_a_role_that_is_added_loses_nothing(district: District) -> None:
    job = enqueue_printout(SHEETS_PRINTED, class_of(district.unit), district.owner)
    sweep()
    Assignment.objects.create(account=district.owner, role="inspector", unit=district.bureau, valid_from=clock.today())
    assert printed(job, district.fresh(district.owner)) == 200


def an_entry(district: District) -> LedgerEntry:
    """A line of the ledger of somebody of the own unit."""
    (entry,) = posted(a_source(), district.handler, hours(person_in(district.unit, "莫知之")))
    return entry


def a_case(district: District, key: str) -> tuple[Any, Account]:
    """What is printed, and who reads it: what nobody files (a visit) its unit sees at the end, and what the bureau does
    for itself (a draw) none."""
    model: Any = printouts._printouts[key].case_model
    state = next(each for each in ("draft", "closed", "done") if each in model.State.values)
    reader = district.handler if state == "done" else district.owner
    return collect()[model._meta.label_lower].build(district, state), reader


# What is printed of no case: of a person, of a line of the ledger, of the bureau's day.
NO_CASES: dict[str, Callable[[District], tuple[Any, Account]]] = {
    "booklets.pages": lambda district: (person_in(district.unit, "莫知之"), district.owner),
    "cycles.proof": lambda district: (an_entry(district), district.owner),
    "counter.day": lambda district: (district.bureau, district.handler),
    "seal_register": lambda district: (a_seal(district.bureau), district.handler),
}


@pytest.mark.parametrize("key", sorted(printouts._printouts))
def test_no_printout_is_for_a_neighbour(district: District, key: str) -> None:
    case, reader = NO_CASES[key](district) if key in NO_CASES else a_case(district, key)
    job = Job(owner=reader, case_id=case.pk, args={"printout": key, "reach": reach_of(reader)})
    assert printouts.case_of(job, reader) == case
    job.args["reach"] = reach_of(district.neighbour)
    assert printouts.case_of(job, district.neighbour) is None
    del job.args["reach"]
    assert printouts.case_of(job, reader) == case
    assert printouts.case_of(job, district.neighbour) is None


def test_every_printout_is_registered_under_its_own_key() -> None:
    known = printouts._printouts
    assert {each.key: each for each in known.values()} == known
    assert isinstance(known[FORM4_PRINTED.key], Printout)
    assert len(known) >= 6
