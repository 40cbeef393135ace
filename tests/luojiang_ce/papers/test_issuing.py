"""The worker's part: whatever breaks off, no number is lost or given twice, no paper is made or registered twice."""

import errno
import hashlib
import signal
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import LEASE, MAX_ATTEMPTS, run, sweep
from luojiang_ce.papers import issuing
from luojiang_ce.papers.claims import signing_key
from luojiang_ce.papers.models import Paper, Seal, SealUse, folder_of
from luojiang_ce.papers.services import request_paper, request_papers, revoke_papers
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.luojiang_ce.papers import worker
from tests.luojiang_ce.papers.samples import SEAL_NAME, issued_letter, made
from tests.processes import wait_for

pytestmark = pytest.mark.thorough


class Killed(BaseException):
    """What a killed worker looks like from inside: nothing after it is run."""


def people(unit, count):
    return [person_in(unit, f"王{i}") for i in range(count)]


def later():
    """A moment when the lease of a dead worker has run out."""
    return time_machine.travel(clock.now() + LEASE + timedelta(minutes=1), tick=False)


def assert_whole(papers, numbers):
    """Every paper issued once: its number, its file, its line in the register, its event."""
    assert sorted(paper.number for paper in papers) == sorted(numbers)
    assert SealUse.objects.count() == len(papers)
    assert {use.sha256 for use in SealUse.objects.all()} == {paper.sha256 for paper in papers}
    assert Event.objects.filter(name="issue").count() == len(papers)
    for paper in papers:
        assert paper.state == Paper.State.ISSUED
        with paper.file.open() as file:
            content = file.read()
        assert hashlib.sha256(content).hexdigest() == paper.sha256
        assert len(content) == paper.size
        stored = paper.file.storage.listdir(folder_of(paper))[1]
        assert [f"{folder_of(paper)}/{name}" for name in stored] == [paper.file.name]


@pytest.mark.django_db
def test_an_issued_paper_has_all_it_needs(district):
    paper = issued_letter(district, reason="准予开班")
    assert paper.number == f"洛人社培〔{clock.today().year}〕1号"
    assert paper.template_version == "1"
    assert paper.facts[0] == ["事项", "准予开班"]
    assert paper.pages == 2
    use = paper.seal_uses.get()
    assert use.number == f"{clock.today().year}-00001"
    assert use.seal_name == SEAL_NAME
    assert use.document == f"准予开班通知（{paper.number}）"
    assert (use.reason, use.copies) == ("准予开班", 1)
    assert (use.applicant, use.approver, use.keeper) == (
        district.keeper.name,
        district.approver.name,
        district.keeper.name,
    )
    assert_whole([paper], [paper.number])
    assert paper.job.result_url == paper.get_absolute_url()


@pytest.mark.django_db
def test_a_paper_without_a_seal_leaves_the_register_alone(district):
    paper = made(request_paper("sample.letter", district.unit, actor=district.handler))
    assert paper.state == Paper.State.ISSUED
    assert SealUse.objects.count() == 0


@pytest.mark.django_db
def test_a_seal_that_is_to_be_approved_of_anew_gets_onto_no_paper(district, seal):
    """Its way was changed after the paper was asked for: what the approver has not seen is not used."""
    paper = request_paper("sample.letter", district.unit, actor=district.keeper, seal=seal)
    Seal.objects.filter(pk=seal.pk).update(approved_at=None)
    for _ in range(MAX_ATTEMPTS):
        run(paper.job_id)
    paper.refresh_from_db()
    paper.job.refresh_from_db()
    assert paper.state == Paper.State.FAILED
    assert "还没有经审批人批准启用" in paper.job.message
    assert not SealUse.objects.exists()


@pytest.mark.django_db
def test_an_issued_paper_is_never_rendered_again(district, seal, monkeypatch):
    paper = issued_letter(district)
    before = (paper.sha256, paper.file.name, paper.issued_at)
    monkeypatch.setattr(issuing, "render", pytest.fail)
    issuing.issue_papers(paper.job, lambda done, total: None)
    assert made(request_paper("sample.letter", district.unit, actor=district.keeper)) == paper
    paper.refresh_from_db()
    assert (paper.sha256, paper.file.name, paper.issued_at) == before


@pytest.mark.parametrize("step", ["_drafts", "_render", "_store", "put_in_force", "_register", "_tidy"])
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_step_leaves_no_gap_and_no_double(district, seal, monkeypatch, step):
    papers = request_papers(
        "sample.page", district.unit, actor=district.keeper, subjects=people(district.unit, 3), seal=seal
    )
    with monkeypatch.context() as patch:
        patch.setattr(issuing, step, _killed)
        with pytest.raises(Killed):
            run(papers[0].job_id)
    assert sweep() == []  # the lease still holds
    with later():
        following = request_papers(
            "sample.page", district.neighbour_unit, actor=district.keeper, subjects=people(district.unit, 1), seal=seal
        )
        assert len(sweep()) == 2
        year = clock.today().year
    issued = list(Paper.objects.order_by("pk"))
    assert [paper.pk for paper in issued] == [paper.pk for paper in papers + following]
    assert [paper.number for paper in issued] == [f"洛人社验〔{year}〕{n:05d}号" for n in (1, 2, 3, 4)]
    if step != "_tidy":  # killed after everything was in force: leftovers there are none
        assert_whole(issued, [paper.number for paper in issued])


def _killed(*args, **kwargs):
    raise Killed


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_a_worker_process_killed_in_the_middle_is_finished_by_the_next(district, seal, settings):
    asked = request_papers(
        "sample.page", district.unit, actor=district.keeper, subjects=people(district.unit, 110), seal=seal
    )
    process = worker.start(asked[0].job_id, connection, settings.MEDIA_ROOT.parent, never_ends=True)
    wait_for(Paper.objects.filter(state=Paper.State.ISSUED).exists, [process])
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = Paper.objects.filter(state=Paper.State.ISSUED).count()
    assert 0 < done < 110
    early = dict(Paper.objects.filter(state=Paper.State.ISSUED).values_list("pk", "sha256"))
    run(asked[0].job_id)
    papers = list(Paper.objects.order_by("pk"))
    assert_whole(papers, [f"洛人社验〔{papers[0].year}〕{n:05d}号" for n in range(1, 111)])
    assert {paper.pk: paper.sha256 for paper in papers if paper.pk in early} == early


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_two_workers_on_the_same_job_issue_each_paper_once(district, seal, settings):
    asked = request_papers(
        "sample.page", district.unit, actor=district.keeper, subjects=people(district.unit, 60), seal=seal
    )
    workers = [worker.start(asked[0].job_id, connection, settings.MEDIA_ROOT.parent) for _ in range(2)]
    assert [process.wait() for process in workers] == [0, 0]
    papers = list(Paper.objects.order_by("pk"))
    assert_whole(papers, [f"洛人社验〔{papers[0].year}〕{n:05d}号" for n in range(1, 61)])


@pytest.mark.django_db
def test_a_paper_revoked_while_it_is_rendered_is_not_issued(district, seal, monkeypatch):
    paper = request_paper("sample.letter", district.unit, actor=district.keeper, seal=seal)
    render = issuing.render

    def render_slowly(*args):
        rendered = render(*args)
        revoke_papers([paper], actor=district.approver, reason="决定已撤回")
        return rendered

    monkeypatch.setattr(issuing, "render", render_slowly)
    run(paper.job_id)
    paper.refresh_from_db()
    assert paper.state == Paper.State.REVOKED
    assert paper.number  # its number stays used
    assert (paper.file.name, SealUse.objects.count()) == ("", 0)
    assert paper.file.storage.listdir(folder_of(paper))[1] == []


@pytest.mark.django_db
def test_one_bad_paper_holds_up_no_other_and_fails_in_the_end(district, seal, monkeypatch):
    subjects = people(district.unit, 3)
    papers = request_papers("sample.page", district.unit, actor=district.keeper, subjects=subjects, seal=seal)
    good = issuing.printable

    def broken_for_one(paper, *shown):
        if paper.subject_id == subjects[1].pk:
            raise ValueError("no such person any more")
        return good(paper, *shown)

    monkeypatch.setattr(issuing, "printable", broken_for_one)
    for _ in range(MAX_ATTEMPTS):
        run(papers[0].job_id)
    states = list(Paper.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["issued", "failed", "issued"]
    job = Job.objects.get(pk=papers[0].job_id)
    assert job.state == Job.State.FAILED
    assert "1 份文书没有生成" in job.message
    monkeypatch.setattr(issuing, "printable", good)
    mended = made(request_papers("sample.page", district.unit, actor=district.keeper, subjects=subjects, seal=seal)[1])
    assert mended.state == Paper.State.ISSUED
    assert mended.number.endswith("00002号")


@pytest.mark.django_db
def test_a_batch_that_cannot_be_written_together_is_written_one_by_one(district, seal, monkeypatch):
    papers = request_papers(
        "sample.page", district.unit, actor=district.keeper, subjects=people(district.unit, 2), seal=seal
    )
    monkeypatch.setattr(issuing, "render_each", lambda printables: (_ for _ in ()).throw(RuntimeError("broken")))
    run(papers[0].job_id)
    assert set(Paper.objects.values_list("state", flat=True)) == {"issued"}


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 2])
def test_a_full_disk_fails_no_paper(district, seal, monkeypatch, number):
    """Set alone, and together."""
    subjects = people(district.unit, number)
    papers = request_papers("sample.page", district.unit, actor=district.keeper, subjects=subjects, seal=seal)

    def without_room(*told):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(issuing, "render", without_room)
        full.setattr(issuing, "render_each", without_room)
        for _ in range(MAX_ATTEMPTS + 1):
            run(papers[0].job_id)
    assert set(Paper.objects.values_list("state", flat=True)) == {"pending"}
    run(papers[0].job_id)
    assert set(Paper.objects.values_list("state", flat=True)) == {"issued"}


@pytest.mark.django_db
def test_a_chunk_that_fills_the_disk_leaves_it_as_it_was(district, seal, monkeypatch):
    subjects = people(district.unit, 3)
    papers = request_papers("sample.page", district.unit, actor=district.keeper, subjects=subjects, seal=seal)
    store, storage = issuing._store, papers[0].file.storage

    def room_for_two(draft, *made):
        if draft.paper.pk == papers[2].pk:
            raise OSError(errno.ENOSPC, "No space left on device")
        return store(draft, *made)

    def files():
        return [len(storage.listdir(folder_of(paper))[1]) for paper in papers if storage.exists(folder_of(paper))]

    with monkeypatch.context() as full:
        full.setattr(issuing, "_store", room_for_two)
        run(papers[0].job_id)
        assert files() == [0, 0]
    run(papers[0].job_id)
    assert files() == [1, 1, 1]


@pytest.mark.django_db
def test_fonts_are_not_asked_without_room(district, seal, monkeypatch):
    """What cannot be asked for want of room is no paper that can be drawn: it gets no number yet."""
    paper = request_paper("sample.page", district.unit, actor=district.keeper, subject=people(district.unit, 1)[0])

    def without_room(html):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(issuing, "refusals_of_sheet", without_room)
    run(paper.job_id)
    paper.refresh_from_db()
    assert (paper.state, paper.number) == ("pending", None)


@pytest.mark.django_db
def test_the_year_of_a_number_is_that_of_the_date_on_the_paper(district):
    with time_machine.travel("2026-12-31 23:59:00+08:00", tick=False):
        paper = request_paper("sample.letter", district.unit, actor=district.handler)
    with time_machine.travel("2027-01-01 00:01:00+08:00", tick=False):
        made(paper)
    assert paper.number == "洛人社培〔2026〕1号"
    assert str(paper.dated) == "2026-12-31"


@pytest.mark.django_db
@pytest.mark.parametrize("size", [3, 30])
def test_queries_of_issuing_do_not_grow_with_the_papers(
    district, seal, size, django_assert_max_num_queries, monkeypatch
):
    """Besides those with which each paper's kind reads its own case: 4 here."""
    papers = request_papers(
        "sample.page", district.unit, actor=district.keeper, subjects=people(district.unit, size), seal=seal
    )
    monkeypatch.setattr(issuing, "_tidy", lambda item, won: None)
    signing_key()  # the first is made when it is asked for
    with django_assert_max_num_queries(
        46 + 4 * size
    ):  # two count the events of the act, one reads the roles of who asked
        issuing.issue_papers(papers[0].job, lambda done, total: None)
