"""The pages of decisions: drafted in a form, reach before the decision, the statement of the provider, the notice,
what anyone may read."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.dates import chinese_day
from luojiang_ce.papers.models import Paper
from luojiang_ce.workdays.models import DeadlineSetting
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.engine import Refused, fire
from tests.factories import account_with
from tests.luojiang_ce.papers.reading import text_of
from tests.luojiang_ce.workflow.walk import collect
from tests.training.factories import class_of
from tests.training.inspections.decisions.factories import WAY, a_draft, an_inspection, decided, moved, withdrawn
from tests.training.inspections.factories import second_inspector
from tests.training.pages import text
from tests.training.recognition.corrections import recognised
from training.inspections.decisions.models import Decision
from training.inspections.decisions.statement import answered_by
from training.inspections.models import Inspection
from training.recognition.models import RulingLine
from units.models import ProviderRemark

pytestmark = pytest.mark.django_db


def at(name: str, *args: Any) -> str:
    return reverse(f"decisions:{name}", args=args)


class TestDraft:
    def sent(self, visit: Inspection, **more: Any) -> dict[str, Any]:
        finding = visit.findings.get()
        day = visit.application.opens_on.isoformat() if visit.application else ""
        return {
            "findings": [finding.pk], "criticised": "on", "unrecognised": "on", "scope": "half_days",
            "half_days": [f"{day}_morning"], "reason": "签到由他人代签", **more,
        }  # fmt: skip

    def test_a_handler_drafts_it_from_the_inspection(self, district, as_person):
        visit = an_inspection(district, recognised(district).application)
        client = as_person("handler")
        assert at("new", visit.pk) in text(client.get(visit.get_absolute_url()))
        answer = client.post(at("new", visit.pk), self.sent(visit), follow=True)
        made = Decision.objects.get()
        assert answer.redirect_chain[-1][0] == made.get_absolute_url()
        assert RulingLine.objects.get().half_day == "morning"

    def test_everything_that_is_missing_is_said_at_once(self, district, as_person):
        visit = an_inspection(district, recognised(district).application)
        said = text(as_person("handler").post(at("new", visit.pk), {"scope": "both", "unrecognised": "on"}), 422)
        for wrong in ("请选择认定的问题", "请写明理由", "请选择哪些半日不予认定", "请选择哪些学员不予认定"):
            assert wrong in said

    def test_without_a_consequence_it_is_not_saved_and_nothing_is_lost(self, district, as_person):
        visit = an_inspection(district, recognised(district).application)
        sent = self.sent(visit, criticised="", unrecognised="", reason="代签二十人")
        said = text(as_person("handler").post(at("new", visit.pk), {k: v for k, v in sent.items() if v}), 422)
        assert "请选择至少一种处理" in said
        assert "代签二十人" in said
        assert not Decision.objects.exists()

    def test_what_was_drafted_is_shown_again(self, district, as_person):
        draft = a_draft(district, recognised(district).application)
        page = text(as_person("handler").get(at("edit", draft.pk)))
        assert '<option value="whole" selected' in page

    def test_of_two_handlers_the_second_is_shown_what_the_first_saved(self, district, as_person):
        draft = a_draft(district, recognised(district).application)
        client = as_person("handler")
        sent = self.sent(draft.inspection, version="0")
        assert client.post(at("edit", draft.pk), sent).status_code == 302
        assert client.post(at("edit", draft.pk), sent | {"reason": "另一个理由"}).status_code == 422


class TestReach:
    def test_it_tells_half_days_people_and_hours(self, district, as_person):
        case = recognised(district, people=3)
        draft = a_draft(district, case.application, half_days=[(case.application.opens_on, "morning")])
        page = text(as_person("approver").get(at("reach", draft.pk)))
        for said in ("1 个半日", "3 人", "<dd>12<small>", "学时已入账，决定时冲销", "变未达标"):
            assert said in page

    def test_the_provider_never_sees_it(self, district, as_person):
        told = moved(district, a_draft(district, recognised(district).application), "tell")
        assert as_person("owner").get(at("reach", told.pk)).status_code == 404

    @pytest.mark.parametrize("page", ["decision", "reach"])
    def test_as_many_queries_for_30_as_for_3(self, district, as_person, page):
        counts = []
        client = as_person("approver")
        for people in (3, 30):
            case = recognised(district, people=people)
            made = moved(district, a_draft(district, case.application), *WAY[:-1])
            with CaptureQueriesContext(connection) as queries:
                assert client.get(at(page, made.pk)).status_code == 200
            counts.append(len(queries))
        assert counts[0] >= counts[1]
        assert counts[1] <= (20 if page == "decision" else 45)

    def test_the_list(self, district, as_person):
        counts = []
        client = as_person("handler")
        for _ in range(2):
            for _ in range(3):
                decided(district, recognised(district).application)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(at("list")).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 12


class TestStatement:
    def test_the_provider_is_told_and_answers_on_its_page(self, district, as_person):
        told = moved(district, a_draft(district, recognised(district).application), "tell")
        client = as_person("owner")
        assert "拟作处理" in text(client.get(told.get_absolute_url()))
        fire(told, "answer", actor=district.owner, note="当日改为观摩")
        assert "当日改为观摩" in text(client.get(told.get_absolute_url()))

    def test_before_it_is_told_it_sees_nothing(self, district, as_person):
        draft = a_draft(district, recognised(district).application)
        assert as_person("owner").get(draft.get_absolute_url()).status_code == 404

    def test_unset_days_are_shown_as_unset_and_no_clock_runs(self, district, as_person):
        told = moved(district, a_draft(district, recognised(district).application), "tell")
        page = text(as_person("owner").get(told.get_absolute_url()))
        assert "未设定的不计时" in page

    def test_with_days_set_silence_waits_until_they_are_over(self, district):
        DeadlineSetting.objects.update(statement_days=5)
        told = moved(district, a_draft(district, recognised(district).application), "tell")
        with pytest.raises(Refused, match="陈述申辩期限未满"):
            fire(told, "stay_silent", actor=district.handler, note="电话催问无人答复")


class TestIntention:
    """What is intended is a paper that the provider can hold (拟作处理告知)."""

    def told(self, district: Any) -> Decision:
        case = recognised(district)
        draft = a_draft(district, case.application, half_days=[(case.application.opens_on, "morning")])
        return moved(district, draft, "tell")

    def paper(self, made: Decision) -> Paper:
        sweep()
        return Paper.objects.of(made).filter(kind="inspection_intention").latest("pk")

    def said(self, paper: Paper) -> str:
        assert paper.state == "issued"
        with paper.file.open() as content:
            return text_of(content.read())

    def test_it_says_what_was_found_what_is_intended_and_that_no_time_is_set(self, district, as_person):
        told = self.told(district)
        paper = self.paper(told)
        said = self.said(paper)
        for words in (
            f"{district.unit.name}：", "弄虚作假（《通知》一、（五）4）", "我局拟作如下处理：",
            "一、对你单位予以通报批评", "可以就上述问题和拟作的处理向我局陈述、申辩", "陈述申辩的期限未设定，不计期限",
        ):  # fmt: skip
            assert words in said
        assert "1.弄虚作假" not in said, "one alone bears no number"
        assert "个工作日" not in said
        assert paper.number.startswith("洛人社检告〔")
        assert paper.get_absolute_url() in text(as_person("owner").get(told.get_absolute_url()))

    def test_a_time_that_is_set_is_printed_with_its_last_day(self, district):
        DeadlineSetting.objects.update(statement_days=5)
        told = self.told(district)
        deadline = answered_by(told, current_rules())
        assert deadline is not None
        said = self.said(self.paper(told))
        assert f"{chinese_day(deadline.due)}以前提出（告知后5个工作日，由我局设定）" in said
        assert "未设定" not in said

    def test_the_day_is_that_of_the_visit_and_not_the_planned_one(self, district):
        case = recognised(district)
        visit = an_inspection(district, case.application)
        assert visit.planned_on != visit.visited_on
        said = self.said(self.paper(moved(district, a_draft(district, None, visit=visit), "tell")))
        assert f"我局于{chinese_day(visit.visited_on)}对你单位" in said

    def test_who_checks_it_does_not_read_what_is_not_decided(self, district, client):
        paper = self.paper(self.told(district))
        public = text(client.get(reverse("papers:check_code", args=[paper.code])))
        assert district.unit.name in public
        assert "通报批评" not in public

    def test_changed_it_is_withdrawn_unseen_and_told_anew(self, district, as_person):
        told = self.told(district)
        first = self.paper(told)
        fire(told, "redraft", actor=district.handler, note="补充一项问题")
        client = as_person("owner")
        assert client.get(told.get_absolute_url()).status_code == 404
        assert Notice.objects.filter(recipient=district.owner, title__startswith="拟作处理正在修改").exists()
        again = self.paper(moved(district, told, "tell"))
        first.refresh_from_db()
        assert (first.state, again.replaces) == ("revoked", first)
        assert text(client.get(told.get_absolute_url()))

    def test_what_is_refused_or_dropped_does_not_stand(self, district):
        told = self.told(district)
        moved(district, told, "waive", "propose", "refuse")
        assert self.paper(told).state == "revoked"
        other = self.told(district)
        moved(district, other, "redraft", "drop")
        assert Notice.objects.filter(recipient=district.owner, title__contains="作废").exists()

    def test_the_decision_leaves_it_standing(self, district):
        made = moved(district, self.told(district), "waive", "propose", "decide")
        assert self.paper(made).state == "issued"


class TestNotice:
    def test_it_is_rendered_and_says_what_was_decided(self, district, as_person):
        case = recognised(district)
        made = decided(district, case.application, half_days=[(case.application.opens_on, "morning")])
        sweep()
        paper = Paper.objects.of(made).get(kind="inspection_decision")
        assert paper.state == "issued", paper.error if hasattr(paper, "error") else ""
        assert paper.number.startswith("洛人社检决〔")
        public = text(as_person("owner").get(reverse("papers:check_code", args=[paper.code])))
        assert "弄虚作假" in public
        withdrawn(district, made)
        gone = text(as_person("owner").get(reverse("papers:check_code", args=[paper.code])))
        assert "已撤销" in gone

    def test_criticism_is_published_without_a_name_and_goes_with_the_withdrawal(self, district, client):
        case = recognised(district)
        made = decided(district, case.application)
        page = text(client.get(reverse("criticisms:list")))
        assert district.unit.name in page
        assert "学员00" not in page
        assert made.reason not in page
        withdrawn(district, made)
        assert district.unit.name not in text(client.get(reverse("criticisms:list")))

    def test_what_is_no_criticism_is_not_published(self, district, client):
        decided(district, recognised(district).application, criticised=False)
        assert district.unit.name not in text(client.get(reverse("criticisms:list")))


class TestRecord:
    def test_the_next_application_shows_it(self, district, as_person):
        decided(district, recognised(district).application)
        ahead = class_of(district.unit, state="submitted")
        page = text(as_person("handler").get(ahead.get_absolute_url()))
        assert "施教机构记录：通报批评、学时不予认定，2026-CL-0001" in page
        assert "施教机构记录" not in text(as_person("owner").get(ahead.get_absolute_url()))

    @pytest.mark.parametrize(
        "key",
        [
            "training_plans.plan", "training_plans.projectchange", "training_classes.classapplication",
            "training_changes.classchange", "training_recognition.recognition",
            "training_recognition.recognitioncorrection", "terms.extension",
        ],
    )  # fmt: skip
    def test_whatever_the_unit_asks_for_next_shows_it_to_who_decides(self, district, as_person, key):
        ProviderRemark.objects.create(unit=district.unit, kind="通报批评", text="2026-CL-0001：代签")
        case = collect()[key].build(district, "submitted")
        type(case).objects.filter(pk=case.pk).update(submitted_at=clock.now(), first_submitted_at=clock.now())
        for name in ("handler", "approver"):
            assert text(as_person(name).get(case.get_absolute_url())).count("施教机构记录：通报批评") == 1
        assert "施教机构记录：" not in text(as_person("owner").get(case.get_absolute_url()))

    def test_the_recognition_says_what_was_taken_until_it_is_withdrawn(self, district, as_person):
        case = recognised(district)
        made = decided(district, case.application, half_days=[(case.application.opens_on, "morning")])
        client = as_person("owner")
        page = text(client.get(case.get_absolute_url()))
        assert 'id="rulings"' in page
        assert made.number in page
        withdrawn(district, made)
        assert 'id="rulings"' not in text(client.get(case.get_absolute_url()))


class TestOutside:
    """What the provider reads, and what the bureau keeps to itself."""

    def test_the_provider_reads_nothing_that_is_written_anew(self, district, as_person):
        made = moved(district, a_draft(district, recognised(district).application), "tell")
        moved(district, made, "redraft", note="证据还要补充")
        client = as_person("owner")
        assert client.get(made.get_absolute_url()).status_code == 404
        assert made.number not in text(client.get(at("list")))
        told = Notice.objects.filter(recipient=district.owner).order_by("-pk").first()
        assert told.title.startswith("拟作处理正在修改")
        assert (told.case_id, "证据" in told.text) == (None, False)
        moved(district, made, "tell")
        assert "证据还要补充" not in text(client.get(made.get_absolute_url()))

    def test_it_hears_that_nothing_comes_of_what_it_was_told(self, district):
        made = moved(district, a_draft(district, recognised(district).application), "tell", "redraft", "drop")
        assert "不再作出" in Notice.objects.filter(recipient=district.owner).order_by("-pk").first().text
        assert made in Decision.objects.visible_to(district.owner)

    def test_what_the_officers_write_to_each_other_stays_with_them(self, district, as_person):
        made = moved(district, a_draft(district, recognised(district).application), "tell", "waive")
        moved(district, made, "propose", "send_back", note="第二名检查人的说法不一致，再问一次")
        for reader, reads in (("owner", False), ("inspector", False), ("handler", True), ("approver", True)):
            assert ("再问一次" in text(as_person(reader).get(made.get_absolute_url()))) is reads

    def test_who_only_went_along_on_the_visit_does_not_decide(self, district):
        """The second inspector has left no trace in the log; four eyes alone would let the person through."""
        made = moved(district, a_draft(district, recognised(district).application), "tell", "waive", "propose")
        mate = account_with(Role.BUREAU_APPROVER, district.bureau, name=second_inspector(district).name)
        for name in ("decide", "refuse"):
            with pytest.raises(Refused, match="您是这次检查的检查人"):
                fire(Decision.objects.get(pk=made.pk), name, actor=mate, note="按检查记录")
        moved(district, made, "decide", "propose_withdrawal")
        for name in ("withdraw", "uphold"):
            with pytest.raises(Refused, match="您是这次检查的检查人"):
                fire(Decision.objects.get(pk=made.pk), name, actor=mate, note="按检查记录")
