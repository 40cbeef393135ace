"""The pages of a case as one file: in the order of the roster, whole, for one side of the sheet or for both."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import request_papers, revoke_papers
from luojiang_ce.papers.tasks import purge_printouts
from luojiang_ce.papers.together import FOLDER, issued
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.pdf_rules import faults, read_aloud
from tests.luojiang_ce.papers.reading import text_of
from tests.luojiang_ce.papers.samples import PAGE, made, register_paper, register_samples
from tests.stored import as_it_lies
from units.models import Employment

pytestmark = pytest.mark.django_db
# In the order of their pinyin, which is not the one in which they are asked for.
NAMES = ("安知夏", "陈清和", "温知故", "郑以宁")


def pages_for(district: District, *names: str) -> list[Paper]:
    """The pages of these people, asked for in this order and issued."""
    people = [person_in(district.unit, name) for name in names]
    papers = request_papers(PAGE.key, district.unit, actor=district.handler, subjects=people)
    made(papers[0])
    return [Paper.objects.get(pk=paper.pk) for paper in papers]


def asked(account: Any, district: District, sides: str = "one") -> Any:
    client = Client()
    client.force_login(account)
    return client.post(reverse("papers:together", args=[PAGE.key, district.unit.pk]), {"sides": sides})


def file_for(account: Any, district: District, sides: str = "one") -> bytes:
    """What the account gets after the worker was there."""
    answer = asked(account, district, sides)
    job = Job.objects.get(kind="papers.together")
    assert answer.headers["Location"] == reverse("jobs:progress", args=[job.uid])
    sweep()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("done", len(NAMES), len(NAMES))
    client = Client()
    client.force_login(account)
    return bytes(client.get(job.result_url).content)


def with_two_pages(paper: Paper) -> None:
    """As if the list of it went on overleaf."""
    with paper.file.open() as file, pikepdf.open(file) as whole:
        whole.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        whole.save(out)
    paper.file.save("two.pdf", ContentFile(out.getvalue()))


def without_tags(paper: Paper) -> None:
    """As papers of earlier years are."""
    with paper.file.open() as file, pikepdf.open(file) as whole:
        del whole.Root.StructTreeRoot
        for page in whole.pages:
            del page.StructParents
        out = io.BytesIO()
        whole.save(out)
    paper.file.save("old.pdf", ContentFile(out.getvalue()))


def test_the_pages_come_in_the_order_of_the_roster(district: District) -> None:
    pages_for(district, "温知故", "郑以宁", "陈清和", "安知夏")
    text = text_of(file_for(district.owner, district))
    places = [text.index(name) for name in NAMES]
    assert places == sorted(places)


def test_on_both_sides_everybody_begins_on_the_front(district: District) -> None:
    papers = pages_for(district, *NAMES)
    with_two_pages(papers[1])
    with pikepdf.open(io.BytesIO(file_for(district.owner, district, "both"))) as pdf:
        assert len(pdf.pages) == 2 + 2 + 2 + 1
        blank = [nth for nth, page in enumerate(pdf.pages, 1) if "/Font" not in page.get("/Resources", {})]
    assert blank == [2, 4, 6]  # the fourth is the second page of its paper


def test_with_blank_pages_it_keeps_the_rules_and_is_read_in_order(district: District) -> None:
    pages_for(district, *NAMES)
    content = file_for(district.owner, district, "both")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 2 * len(NAMES) - 1
    assert not faults(content)
    spoken = read_aloud(content)
    assert [name for name in NAMES if name in spoken] == list(NAMES)


def test_whoever_takes_all_pages_away_is_on_record(district: District) -> None:
    pages_for(district, *NAMES)
    asked(district.owner, district)
    event = Event.objects.get(name="exported")
    assert (event.actor, event.data["rows"]) == (district.owner, len(NAMES))
    assert "合并打印（单面，4 份）" in event.data["list"]


def test_on_one_side_there_is_no_blank_page(district: District) -> None:
    pages_for(district, *NAMES)
    with pikepdf.open(io.BytesIO(file_for(district.owner, district))) as pdf:
        assert len(pdf.pages) == len(NAMES)


def test_what_was_revoked_is_not_printed(district: District) -> None:
    papers = pages_for(district, *NAMES, "顾长安")
    revoke_papers(papers[-1:], actor=district.approver, reason="验证被撤回")
    assert "顾长安" not in text_of(file_for(district.owner, district))


def test_it_lies_sealed_and_goes_after_some_days(district: District) -> None:
    pages_for(district, *NAMES)
    file_for(district.owner, district)
    job = Job.objects.get(kind="papers.together")
    assert b"%PDF" not in as_it_lies(f"{FOLDER}/{job.uid.hex}")
    with clock.at(clock.now() + timedelta(days=8)):
        assert purge_printouts() == 1
    client = Client()
    client.force_login(district.owner)
    gone = client.get(reverse("papers:together_file", args=[job.uid]), follow=True).content.decode()
    assert "文件已按期删除" in gone


def test_nobody_else_asks_for_it_or_gets_it(district: District) -> None:
    pages_for(district, *NAMES)
    file_for(district.owner, district)
    file = reverse("papers:together_file", args=[Job.objects.get(kind="papers.together").uid])
    for account in (district.neighbour, district.colleague, district.handler):
        client = Client()
        client.force_login(account)
        assert client.get(file).status_code == 404
    assert asked(district.neighbour, district).status_code == 404
    assert asked(district.colleague, district).status_code == 302  # of the same unit: a file of its own


def test_who_sees_the_papers_no_more_gets_no_file(district: District) -> None:
    pages_for(district, *NAMES)
    file_for(district.owner, district)
    file = reverse("papers:together_file", args=[Job.objects.get(kind="papers.together").uid])
    district.owner.assignments.update(valid_to=clock.today() - timedelta(days=1))
    client = Client()
    client.force_login(district.fresh(district.owner))
    assert client.get(file, follow=True).content[:4] != b"%PDF"


def test_a_file_with_a_page_that_does_not_hold_any_more_is_not_handed_out(district: District) -> None:
    papers = pages_for(district, *NAMES)
    assert file_for(district.owner, district)[:4] == b"%PDF"
    revoke_papers(papers[:1], actor=district.approver, reason="验证被撤回")
    file = reverse("papers:together_file", args=[Job.objects.get(kind="papers.together").uid])
    client = Client()
    client.force_login(district.owner)
    assert client.get(file, follow=True).content[:4] != b"%PDF"


def test_a_file_with_the_page_of_somebody_who_left_is_not_handed_out(district: District) -> None:
    """The neighbour sees the pages through the people, of whom one works elsewhere by then."""
    register_paper(replace(PAGE, open_to_subject=True))
    people = [person_in(district.neighbour_unit, name) for name in NAMES]
    made(request_papers(PAGE.key, district.unit, actor=district.handler, subjects=people)[0])
    assert file_for(district.neighbour, district)[:4] == b"%PDF"
    Employment.objects.filter(person=people[0]).update(unit=district.unit)
    assert len(issued(PAGE.key, district.unit.pk, district.neighbour)) == len(NAMES) - 1
    client = Client()
    client.force_login(district.neighbour)
    job = Job.objects.get(kind="papers.together")
    file = reverse("papers:together_file", args=[job.uid])
    assert client.get(file).headers["Location"] == reverse("jobs:progress", args=[job.uid])


def test_together_they_keep_the_rules_and_with_a_paper_of_before_claim_no_more_than_is_so(district: District) -> None:
    papers = pages_for(district, *NAMES)
    assert not faults(file_for(district.owner, district))
    without_tags(papers[1])
    Job.objects.all().delete()
    with pikepdf.open(io.BytesIO(file_for(district.owner, district))) as pdf, pdf.open_metadata() as said:
        assert "pdfuaid:part" not in said


@pytest.mark.parametrize("sides", ["", "three"])
def test_there_are_two_ways_to_print(district: District, sides: str) -> None:
    pages_for(district, *NAMES)
    assert asked(district.owner, district, sides).status_code == 404
    assert not Job.objects.filter(kind="papers.together").exists()


def test_where_nothing_is_issued_there_is_nothing_to_ask_for(district: District) -> None:
    register_samples()
    assert asked(district.owner, district).status_code == 404
    client = Client()
    client.force_login(district.owner)
    for kind in ("sample.letter", "none"):
        assert (
            client.post(reverse("papers:together", args=[kind, district.unit.pk]), {"sides": "one"}).status_code == 404
        )
