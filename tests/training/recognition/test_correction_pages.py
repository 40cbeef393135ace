"""The pages of corrections: what they show, what they take, with how many queries."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from tests.factories import id_number, person_in
from tests.queries import statements
from tests.training.pages import text
from tests.training.recognition.cases import a_correction
from tests.training.recognition.corrections import amounts, asked_for, begun, corrected, recognised
from training.recognition.corrections import services
from training.recognition.models import RecognitionCorrection

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_week_later(time_machine):
    time_machine.move_to(datetime(2026, 5, 18, 9, tzinfo=SHANGHAI), tick=True)


@pytest.fixture
def case(district):
    return recognised(district)


def at(name: str, *args: Any) -> str:
    return reverse(f"recognition:{name}", args=args)


def send(client: Any, address: str, made: RecognitionCorrection, **data: Any) -> Any:
    made.refresh_from_db()
    return client.post(address, {"version": made.version, "do": "submit", **data})


class TestTheWay:
    def test_from_the_recognition_to_the_decision(self, district, case, as_person):
        client = as_person("handler")
        begin = at("correct", case.pk)
        assert begin in text(client.get(case.get_absolute_url()))
        assert "请写明为什么要更正" in text(client.post(begin, {"reason": ""}), 422)
        made_at = client.post(begin, {"reason": "检查发现签到不实"}).headers["Location"]
        made = RecognitionCorrection.objects.get()
        assert made_at == made.get_absolute_url()
        assert client.get(begin).headers["Location"] == made_at, "a second beginning goes on with the first"
        one, other = case.application.enrolments.order_by("pk")
        of_one = at("correction_amounts", made.pk, one.pk)
        assert of_one in text(client.get(case.get_absolute_url())), "names lead to their amounts"
        too_much = text(send(client, of_one, made, **{"2026-professional": "17", "reason": "代签"}), 422)
        assert "不能超过课程表全程的 16.0" in too_much
        assert 'value="17"' in too_much
        assert send(client, of_one, made, **{"2026-professional": "6", "reason": "代签"}).status_code == 302
        assert at("correction_reach", made.pk) in text(client.get(made_at))
        page = text(client.get(at("correction_reach", made.pk)))
        assert "2026年 专业 16" in page
        assert "2026年 专业 6" in page
        assert "-10" in page
        assert other.name not in page
        line = made.lines.get()
        client.post(at("correction_remove", made.pk, line.pk))
        assert not made.lines.exists()

    def test_a_half_day_and_everybody_it_leaves_open(self, district, case, as_person):
        client, made = as_person("handler"), begun(district, case)
        half_day = at("correction_half_day", made.pk)
        assert "请选择半日" in text(send(client, half_day, made, reason="老师未到"), 422)
        day = f"{case.application.opens_on}_morning"
        assert send(client, half_day, made, half_day=day, becomes="out", reason="老师未到").status_code == 302
        assert "不予认定" in text(client.get(made.get_absolute_url()))
        who = case.application.enrolments.first()
        assert (
            send(client, half_day, made, half_day=day, becomes="back", enrolments=[who.pk], reason="在场").status_code
            == 302
        )
        assert sorted(made.lines.values_list("kind", flat=True)) == ["counted", "excluded"]

    def test_somebody_left_out(self, district, case, as_person):
        number = id_number()
        person_in(district.neighbour_unit, "漏报者", number=number)
        client, made = as_person("handler"), begun(district, case)
        address = at("correction_left_out", made.pk)
        said = {"name": "漏报者", "2026-professional": "8", "reason": "签到表上有签名"}
        wrong = text(send(client, address, made, id_number=id_number(), **said), 422)
        assert "请核对；外区人员在本区不入账" in wrong
        assert "漏报者" in wrong
        assert send(client, address, made, id_number=number, **said).status_code == 302
        assert "漏报者（补列）" in text(client.get(made.get_absolute_url()))

    def test_the_whole_and_the_undoing_of_an_earlier_one(self, district, case, as_person):
        first = begun(district, case)
        amounts(first, 0, 6, district.handler)
        first = corrected(district, first)
        client, made = as_person("handler"), begun(district, case)
        assert send(client, at("correction_undo", made.pk), made, earlier=first.pk).status_code == 302
        assert f'撤回更正 <a href="{first.get_absolute_url()}"' in text(client.get(made.get_absolute_url()))
        assert send(client, at("correction_whole", made.pk), made, reason="没有办班").status_code == 302
        assert "整班不予认定" in text(client.get(made.get_absolute_url()))

    def test_what_is_sent_too_late_is_refused_with_what_was_typed(self, district, case, as_person):
        made = begun(district, case)
        amounts(made, 0, 6, district.handler)
        fire(RecognitionCorrection.objects.get(pk=made.pk), "propose", actor=district.handler)
        said = text(send(as_person("handler"), at("correction_whole", made.pk), made, reason="没有办班"), 422)
        assert "更正的状态是“待审批”，现在不能再改" in said
        assert "没有办班" in said

    def test_two_tabs_of_one_trainee(self, district, case, as_person):
        client, made = as_person("handler"), begun(district, case)
        address = at("correction_amounts", made.pk, case.application.enrolments.first().pk)
        opened = made.version
        for hours, status in (("6", 302), ("2", 422)):
            data = {"version": opened, "2026-professional": hours, "reason": "代签"}
            assert client.post(address, data).status_code == status
        assert made.lines.get().amount == Decimal(6)


class TestWhoSeesWhat:
    def test_the_provider_sees_its_application_and_not_what_is_prepared(self, district, case, as_person):
        made = asked_for(district, case)
        fire(made, "submit", actor=district.owner)
        amounts(made, 0, 6, district.handler)
        page = text(as_person("owner").get(made.get_absolute_url()))
        assert "漏报一人" in page
        assert 'id="changes"' not in page
        assert "专业 6" not in page
        fire(made := RecognitionCorrection.objects.get(pk=made.pk), "check", actor=district.handler)
        fire(made, "correct", actor=district.approver)
        assert "2026年 专业 6" in text(as_person("owner").get(made.get_absolute_url()))

    def test_the_reach_is_the_bureau_s_alone(self, district, case, as_person):
        made = begun(district, case)
        amounts(made, 0, 6, district.handler)
        address = at("correction_reach", made.pk)
        assert as_person("approver").get(address).status_code == 200
        corrected(district, made)
        assert as_person("owner").get(address).status_code == 404
        assert as_person("approver").get(address).headers["Location"] == made.get_absolute_url()

    def test_the_recognition_tells_of_its_corrections(self, district, case, as_person):
        sweep()  # the first one has its number
        made = begun(district, case)
        amounts(made, 0, 6, district.handler)
        made = corrected(district, made)
        sweep()
        page = text(as_person("owner").get(case.get_absolute_url()))
        assert made.number in page
        assert "下面的学员与学时是更正后的" in page
        assert f"已被 {Paper.objects.get(state='issued').number} 替代" in page


class TestQueries:
    """As many for 30 as for 3."""

    @pytest.mark.parametrize("person", ["owner", "handler"])
    def test_list(self, district, as_person, person):
        def prepare(number: int) -> str:
            for _ in range(number):
                a_correction(district, "submitted")
            return at("corrections")

        assert self.counted(as_person(person), prepare) <= 12

    @pytest.mark.parametrize("person", ["handler", "approver"])
    def test_case(self, district, as_person, person):
        def prepare(number: int) -> str:
            made = begun(district, recognised(district, people=number))
            half_day(made, district)
            for n in range(number):
                amounts(made, n, 6, district.handler)
            made = RecognitionCorrection.objects.get(pk=made.pk)
            if person == "approver":
                fire(made, "propose", actor=district.handler)
            return made.get_absolute_url()

        assert self.counted(as_person(person), prepare) <= 20

    def test_decided(self, district, as_person):
        assert self.counted(as_person("owner"), lambda number: whole(district, number).get_absolute_url()) <= 20

    def test_reach(self, district, as_person):
        def prepare(number: int) -> str:
            made = begun(district, recognised(district, people=number))
            services.set_whole(correction=made, reason="没有办班", actor=district.handler)
            return at("correction_reach", made.pk)

        assert self.counted(as_person("handler"), prepare) <= 25

    def test_the_decision(self, district):
        found = []
        for number in (3, 30):
            made = begun(district, recognised(district, people=number))
            services.set_whole(correction=made, reason="没有办班", actor=district.handler)
            made = RecognitionCorrection.objects.get(pk=made.pk)
            fire(made, "propose", actor=district.handler)
            with statements() as asked:
                fire(made, "correct", actor=district.approver)
            found.append(len(asked))
        assert found[0] == found[1] <= 60

    def counted(self, client: Any, prepare: Any) -> int:
        found = []
        for number in (3, 30):
            address = prepare(number)
            text(client.get(address))
            with statements() as asked:
                text(client.get(address))
            found.append(len(asked))
        assert found[0] == found[1]
        return found[0]


def half_day(made: RecognitionCorrection, district: Any) -> None:
    day = made.recognition.application.opens_on
    services.set_half_day(
        correction=made,
        day=day,
        half_day="morning",
        enrolments=[],
        counts=False,
        reason="老师未到",
        actor=district.handler,
    )


def whole(district: Any, number: int) -> RecognitionCorrection:
    made = begun(district, recognised(district, people=number))
    services.set_whole(correction=made, reason="没有办班", actor=district.handler)
    return corrected(district, made)


def test_the_list_as_a_workbook(district, case, as_person):
    made = begun(district, case)
    amounts(made, 0, 2, district.handler)
    made = corrected(district, made)
    answer = as_person("handler").get(at("export_corrections"))
    rows = list(load_workbook(BytesIO(b"".join(answer))).active.values)
    assert any(made.number in row and "已更正" in row and made.reason in row for row in rows)
    other = list(load_workbook(BytesIO(b"".join(as_person("neighbour").get(at("export_corrections"))))).active.values)
    assert not [row for row in other if made.number in row]
    assert at("export_corrections") in text(as_person("handler").get(at("corrections")))
