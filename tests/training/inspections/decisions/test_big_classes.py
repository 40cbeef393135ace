"""Decisions on classes of many: the worker counts and acts, whoever asked for it watches; it is done once or not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import GIVEN_UP, sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign_all, with_package
from tests.training.inspections.decisions.factories import WAY, a_draft, moved
from tests.training.recognition.corrections import amounts, begun, from_scratch, in_ledger, recognised
from training.inspections.decisions import papers, services
from training.inspections.decisions.models import Decision, ReachCounted
from training.recognition import counting
from training.recognition.models import Recognition, RecognitionCorrection, Ruling
from units.models import Assignment
from verification.ledger.models import LedgerEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _every_class_is_big(monkeypatch):
    monkeypatch.setattr(counting, "AT_ONCE", 1)


@pytest.fixture
def as_person(client, district):
    def sign_in(name: str) -> Any:
        client.force_login(getattr(district, name))
        return client

    return sign_in


def proposed(district: Any, case: Recognition | None = None) -> Decision:
    return moved(district, a_draft(district, (case or recognised(district)).application), *WAY[:-1])


def asked(client: Any, case: Any, name: str, **typed: str) -> str:
    """Clicked: the address of the page on which it is watched."""
    answer = client.post(reverse("workflow:act", args=[case._meta.label_lower, case.pk, name]), typed)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return str(answer["Location"])


def page(client: Any, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def countered() -> int:
    return LedgerEntry.objects.exclude(counter_of=None).count()


class TestTheAct:
    def test_the_worker_decides_and_withdraws(self, district, as_person):
        case = recognised(district)
        before = in_ledger(case)
        made = proposed(district, case)
        client = as_person("approver")
        watched = asked(client, made, "decide")
        assert (Decision.objects.get(pk=made.pk).state, countered()) == ("proposed", 0)
        assert "作出处理决定" in page(client, watched)
        assert "正在后台办理" in page(client, made.get_absolute_url())
        sweep()
        assert "已完成" in page(client, watched)
        assert made.get_absolute_url() in page(client, watched)
        assert "正在后台办理" not in page(client, made.get_absolute_url())
        assert Decision.objects.get(pk=made.pk).state == "decided"
        assert in_ledger(case) == from_scratch(case) == {}
        made = moved(district, made, "propose_withdrawal")
        asked(client, made, "withdraw", note="证据不足")
        sweep()
        assert Decision.objects.get(pk=made.pk).state == "withdrawn"
        assert in_ledger(case) == before
        assert history(made).first().note_row.text == "证据不足"

    def test_clicked_twice_it_is_one_job(self, district, as_person):
        made = proposed(district)
        client = as_person("approver")
        assert asked(client, made, "decide") == asked(client, made, "decide")
        sweep()
        assert (Job.objects.filter(kind="step").count(), Ruling.objects.in_force().count()) == (1, 1)

    def test_what_another_was_quicker_with_is_refused_and_leads_back(self, district, as_person):
        made = proposed(district)
        client = as_person("approver")
        watched = asked(client, made, "decide")
        fire(Decision.objects.get(pk=made.pk), "send_back", actor=district.approver, note="再核")
        sweep()
        said = page(client, watched)
        assert "现在的状态是“待提请审批”" in said
        assert made.get_absolute_url() in said
        assert countered() == 0

    def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_does_it(
        self, district, as_person, monkeypatch
    ):
        case = recognised(district)
        made = proposed(district, case)
        written = LedgerEntry.objects.count()
        asked(as_person("approver"), made, "decide")

        def die(*args: Any, **kwargs: Any) -> None:
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(papers, "request_notice", die)
            with pytest.raises(SystemExit):
                sweep()
        assert LedgerEntry.objects.count() == written
        assert not Ruling.objects.in_force().exists()
        assert not Paper.objects.of(made).filter(kind=papers.NOTICE.key).exists()
        with clock.at(clock.now() + timedelta(minutes=11)):
            sweep()
        assert Decision.objects.get(pk=made.pk).state == "decided"
        assert countered() == 2

    def test_a_worker_that_dies_after_it_has_not_done_it_twice(self, district, as_person):
        made = proposed(district)
        asked(as_person("approver"), made, "decide")
        sweep()
        Job.objects.filter(kind="step").update(
            state="running", leased_until=clock.now() - timedelta(minutes=1), ended_at=None, message=""
        )
        moved(district, made, "propose_withdrawal")
        sweep()
        job = Job.objects.get(kind="step")
        assert (job.state, job.attempts) == ("done", 2)
        assert countered() == 2

    def test_who_is_no_approver_any_more_decides_nothing(self, district, as_person):
        made = proposed(district)
        asked(as_person("approver"), made, "decide")
        Assignment.objects.filter(account=district.approver).delete()
        sweep()
        job = Job.objects.get(kind="step")
        assert (job.state, countered()) == ("failed", 0)
        assert "您的角色有变动" in job.message

    def test_what_breaks_each_time_is_said_on_the_page(self, district, as_person, monkeypatch):
        made = proposed(district)
        client = as_person("approver")
        asked(client, made, "decide")

        def break_off(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError

        monkeypatch.setattr(papers, "request_notice", break_off)
        for _ in range(3):
            sweep()
        assert GIVEN_UP in page(client, made.get_absolute_url())
        assert GIVEN_UP not in page(as_person("handler"), made.get_absolute_url())

    def test_what_is_left_to_settle_is_told_by_the_job(self, district, as_person):
        case = recognised(district)
        correction = begun(district, case)
        amounts(correction, 0, "14", district.handler)
        fire(RecognitionCorrection.objects.get(pk=correction.pk), "propose", actor=district.handler)
        client = as_person("approver")
        asked(client, correction, "correct")
        sweep()
        draft = a_draft(district, case.application, half_days=[(case.application.opens_on, "morning")])
        watched = asked(as_person("handler"), draft, "tell")
        sweep()
        assert "还有 1 人须另行核定学时（学分）：学员00" in page(client, watched)

    def test_what_a_page_refuses_never_gets_to_the_worker(self, district, as_person):
        made = proposed(district)
        url = reverse("workflow:act", args=["training_decisions.decision", made.pk, "decide"])
        fire(made, "send_back", actor=district.approver, note="再核")
        assert as_person("approver").post(url, {}).status_code == 422
        assert not Job.objects.filter(kind="step").exists()


class TestTheReach:
    def test_it_is_counted_by_the_worker_and_then_shown(self, district, as_person):
        made = proposed(district, recognised(district, people=3))
        client = as_person("approver")
        url = reverse("decisions:reach", args=[made.pk])
        assert "由后台计算" in page(client, url)
        page(client, url)
        assert Job.objects.filter(kind="decisions.reach").count() == 1
        sweep()
        said = page(client, url)
        for words in ("4 个半日", "3 人", "<dd>48<small>", "学时已入账，决定时冲销", "学员00"):
            assert words in said
        fire(made, "decide", actor=district.approver)
        assert not ReachCounted.objects.exists()

    def test_another_draft_and_another_hour_are_counted_again(self, district, as_person):
        case = recognised(district)
        draft = a_draft(district, case.application)
        client = as_person("handler")
        url = reverse("decisions:reach", args=[draft.pk])
        page(client, url)
        sweep()
        assert "由后台计算" not in page(client, url)
        said = services.Said(findings=list(draft.findings.all()), reason="改", criticised=True)
        services.edit(decision=draft, said=said, actor=district.handler)
        assert "撤回学时" in page(client, url), "nobody's hours are taken any more: counted at once"

    def test_it_is_not_shown_for_long(self, district, as_person):
        draft = a_draft(district, recognised(district).application)
        client = as_person("handler")
        url = reverse("decisions:reach", args=[draft.pk])
        page(client, url)
        sweep()
        ReachCounted.objects.update(counted_at=clock.now() - timedelta(minutes=11))
        assert "由后台计算" in page(client, url)


def test_a_big_class_is_recognised_by_the_worker(district, as_person):
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=7))
    sign_all(course, [enrol(course, person_in(district.neighbour_unit, f"学员{n}")) for n in range(2)])
    case = recognition_of(course)
    with_package(case, district.owner)
    fire(case, "submit", actor=district.owner)
    fire(case, "check", actor=district.handler)
    asked(as_person("approver"), case, "recognise")
    assert not LedgerEntry.objects.exists()
    sweep()
    assert set(in_ledger(case).values()) == {16}
