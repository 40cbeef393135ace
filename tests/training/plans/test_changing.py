"""A published project is changed or withdrawn by a recorded decision; an amended list takes the document's place."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.files.services import attach
from luojiang_ce.jobs.services import sweep
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers.models import Paper
from luojiang_ce.refusals import NotPossible
from luojiang_ce.versions import Conflict
from luojiang_ce.workflow.engine import Refused, actions_for, fire
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Event
from tests.blank_papers import blank_papers
from tests.conftest import District, in_parallel
from tests.training.factories import class_of, recognition_of
from tests.training.plans.change_factories import CHANGE, DECIDED, WITHDRAWAL, asked, decide, prepared, the_document
from tests.training.plans.factories import a_batch, a_plan, a_scan, agreed_by_both, an_item
from training.classes.facts import project_of
from training.classes.form2 import facts
from training.classes.models import ClassApplication, Enrolment
from training.plans import papers
from training.plans.changing import compared, draft_of, put_into, save_change
from training.plans.models import Plan, PlanBatch, PlanItem, ProjectChange
from training.recognition.case import ledger_form
from units.seals import load_bureau_seals
from verification.choices import Form as LedgerForm

DOCUMENT = {"document_number": "泉洛政人社〔2026〕15号", "published_on": date(2026, 3, 20)}


@pytest.fixture
def project(district: District) -> PlanItem:
    """One of two projects, published by a document that has been issued."""
    load_bureau_seals()
    batch = a_batch(PlanBatch.State.CONSENTING)
    plan = a_plan(district.unit, 2026, Plan.State.CHECKED, first_submitted_at=clock.now())
    items = [an_item(plan, PlanItem.State.BATCHED, batch=batch, position=n, title=f"第{n}班") for n in (1, 2)]
    agreed_by_both(batch, district.handler)
    fire(batch, "publish", actor=district.approver, data=DOCUMENT)
    with blank_papers():
        sweep()
    return PlanItem.objects.select_related("unit", "plan", "batch").get(pk=items[0].pk)


def act_on(change: ProjectChange, name: str) -> str:
    return reverse("workflow:act", args=["training_plans.projectchange", change.pk, name])


def opened(project: PlanItem, days: int, state: str = "approved", session: int = 1, **facts: Any) -> Any:
    """A class that opens so many days from today."""
    day = clock.today() + timedelta(days=days)
    facts = {"opens_on": day, "ends_on": day + timedelta(days=3), "first_submitted_at": clock.now(), **facts}
    return class_of(project.unit, project=project, state=state, session=session, **facts)


# --- withdrawal -------------------------------------------------------------------------------------------------------


@pytest.mark.notice("三2")
def test_a_project_is_withdrawn_by_decision_and_an_amended_list_is_issued(
    client: Any, project: PlanItem, district: District
) -> None:
    old = the_document(project)
    change = prepared(project, district)
    decide(change, district.approver)
    sweep()
    project.refresh_from_db()
    old.refresh_from_db()
    new = the_document(project)
    assert (project.state, project.number) == ("withdrawn", "2026-JH-001")
    assert (change.state, change.decision, change.document_number) == ("decided", DECIDED["decision"], new.number)
    assert (new.state, new.number, new.replaces, new.title) == (
        "issued",
        "泉洛政人社〔2026〕16号",
        old,
        "关于调整 2026 年度专业技术人员继续教育培训项目的通知",
    )
    assert new.seal_uses.get().document == f"{new.title}（{new.number}）"
    assert old.file.size == old.size
    superseded = "已被 泉洛政人社〔2026〕16号 替代"
    assert old.revoke_reason == "培训项目有调整，见 泉洛政人社〔2026〕16号"  # no reason of one unit
    assert superseded in client.get(reverse("papers:check_code", args=[old.code])).content.decode()
    client.force_login(district.owner)
    for page in (project.get_absolute_url(), project.batch.get_absolute_url(), reverse("papers:list")):
        assert superseded in client.get(page).content.decode()
    html = client.get(project.get_absolute_url()).content.decode()
    assert "不再受理开班申请" in html
    assert DECIDED["decision"] in html
    assert Notice.objects.filter(recipient=district.owner, title__contains="泉洛政人社〔2026〕16号").exists()


def test_the_amended_list_says_what_was_withdrawn_and_what_is_left(project: PlanItem, district: District) -> None:
    change = prepared(project, district)
    decide(change, district.approver)
    built = papers.build(the_document(project))
    assert built["before"] == "泉洛政人社〔2026〕15号"
    assert built["projects"] == 1
    (said,) = built["adjusted"]
    assert said == (
        "撤销项目2026-JH-001“第1班”。依据：局务会纪要〔2026〕9号（2026年4月1日）。理由：设备未到位，本年度不办。"
        "该项目不再受理开班申请。"
    )
    facts = dict(papers.public_facts(the_document(project)))
    assert (facts["公布项目"], facts["调整"], facts["替代"]) == ("1 个", "撤销 2026-JH-001", "泉洛政人社〔2026〕15号")


def test_the_page_of_the_decision_shows_every_class_and_what_becomes_of_it(
    client: Any, project: PlanItem, district: District
) -> None:
    opened(project, 20, "draft", 1, first_submitted_at=None)
    opened(project, 20, "submitted", 2)
    opened(project, 20, "approved", 3)
    opened(project, -1, "approved", 4)
    opened(project, -9, "approved", 5)
    opened(project, 20, "refused", 6)
    recognition_of(opened(project, -40, "approved", 7), state="recognised")
    change = prepared(project, district)
    client.force_login(district.approver)
    for page in (change.get_absolute_url(), act_on(change, "decide")):
        html = client.get(page).content.decode()
        for label in ("草稿", "待审核", "准予开班，尚未开班", "进行中", "已结束", "已认定", "不予批准"):
            assert label in html
        assert html.count("随项目一并取消") == 3
        assert "按开班时的项目继续办完，学时照常认定" in html


@pytest.mark.notice("三2")
def test_a_withdrawal_of_a_project_whose_class_is_half_over(client: Any, project: PlanItem, district: District) -> None:
    """The class goes on; the approver says so by its name; what has not opened ends with the project."""
    running = opened(project, -1, "approved", 1)
    ahead = opened(project, 20, "approved", 2)
    filed = opened(project, 30, "checked", 3)
    draft = opened(project, 40, "draft", 4, first_submitted_at=None)
    change = prepared(project, district)
    with pytest.raises(Refused, match=r"须逐个确认按开班时的项目继续办完：.*第1期"):
        decide(change, district.approver)
    client.force_login(district.approver)
    typed = {**DECIDED, "note": "设备未到位"}
    answer = client.post(act_on(change, "decide"), typed)
    assert answer.status_code == 422
    assert f"请确认“{running}”按开班时的项目继续办完" in answer.content.decode()
    assert client.post(act_on(change, "decide"), {**typed, f"keeps_{running.pk}": "on"}).status_code == 302
    for case, state in ((running, "approved"), (ahead, "cancelled"), (filed, "cancelled"), (draft, "cancelled")):
        case.refresh_from_db()
        assert case.state == state
    change.refresh_from_db()
    assert (change.kept, change.cancelled) == ([str(running)], [str(ahead), str(filed)])
    (said,) = papers.build(the_document(project))["adjusted"]
    assert f"已开班的{running}按开班时的项目继续办完，学时照常认定；尚未开班的{ahead}、{filed}随项目取消" in said
    page = client.get(change.get_absolute_url()).content.decode()
    assert "按开班时的项目办完，学时照常认定" in page
    new = opened(project, 60, "draft", 5, first_submitted_at=None)
    with pytest.raises(Refused, match="只有已公布的项目可以开班"):
        fire(new, "submit", actor=district.owner)


@pytest.mark.parametrize("state", ["reported", "proposed"])
def test_a_class_that_may_not_have_been_held_does_not_stand_in_the_way(
    project: PlanItem, district: District, state: str
) -> None:
    """It is closed by itself, or found to have been held and goes on; the withdrawal does not wait for it."""
    doubted = opened(project, -9, state, 1)
    decide(prepared(project, district), district.approver)
    doubted.refresh_from_db()
    project.refresh_from_db()
    assert (doubted.state, project.state) == (state, "withdrawn")


def test_the_units_of_the_trainees_are_told_when_a_class_ends_with_its_project(
    project: PlanItem, district: District
) -> None:
    ahead = opened(project, 20, "approved", 1)
    Enrolment.objects.create(application=ahead, unit=district.neighbour_unit, name="温知故", employer="禾山水利工作站")
    change = prepared(project, district)
    decide(change, district.approver)
    told = Notice.objects.filter(title__contains=str(ahead))
    assert told.filter(recipient=district.neighbour).exists()
    assert told.filter(recipient=district.owner).exists()


# --- change -----------------------------------------------------------------------------------------------------------


def test_a_change_names_what_goes_from_what_to_what_and_the_number_stays(
    client: Any, project: PlanItem, district: District
) -> None:
    change = prepared(
        project, district, people="60", place="区党校", charges="True", fee="300", fee_document="泉价〔2026〕1号"
    )
    assert ("每期人数", "50", "60") in compared(change)
    client.force_login(district.approver)
    html = client.get(change.get_absolute_url()).content.decode()
    assert "实训基地" in html
    assert "区党校" in html
    decide(change, district.approver)
    project.refresh_from_db()
    assert (project.state, project.number, project.people, project.place) == ("published", "2026-JH-001", 60, "区党校")
    (said,) = papers.build(the_document(project))["adjusted"]
    assert "地点由“实训基地”改为“区党校”" in said
    assert "收费批准文号由“空”改为“泉价〔2026〕1号”" in said
    assert "已批准的培训班按批准时的内容进行" in said
    history = client.get(project.get_absolute_url()).content.decode()
    assert history.index("泉洛政人社〔2026〕15号") < history.index("泉洛政人社〔2026〕16号")
    assert "变更本项目" in history


def test_a_class_is_held_against_the_project_with_which_it_was_approved(project: PlanItem, district: District) -> None:
    before, after = opened(project, 20, "approved", 2), opened(project, 30, "submitted", 3)
    record(before, "approve", actor=district.approver)
    for n, place in enumerate(("区党校", "水利会堂")):
        change = prepared(project, district, place=place)
        decide(change, district.approver, document_number=f"泉洛政人社〔2026〕{16 + n}号")
        sweep()
    for case, place in ((before, "实训基地"), (after, "水利会堂")):
        assert project_of(ClassApplication.objects.get(pk=case.pk)).place == place
    assert PlanItem.objects.get(pk=project.pk).place == "水利会堂"


def test_the_ledger_and_the_form_go_by_the_category_with_which_a_class_was_approved(
    project: PlanItem, district: District
) -> None:
    made = opened(project, 20, "approved", 2)
    record(made, "approve", actor=district.approver)
    decide(prepared(project, district, category="seminar"), district.approver)
    for state in ("approved", "reported", "not_held"):
        ClassApplication.objects.filter(pk=made.pk).update(state=state)
        case = ClassApplication.objects.get(pk=made.pk)
        assert project_of(case).category == "professional"
        assert ledger_form(case) == LedgerForm.CLASS
        assert ("科目类别", "专业") in {(fact.label, fact.value) for fact in facts(case, [])}
    later = opened(project, 30, "submitted", 3)
    assert ledger_form(ClassApplication.objects.get(pk=later.pk)) == LedgerForm.SEMINAR


@pytest.mark.notice("三2")
def test_no_more_sessions_are_allowed_than_a_changed_project_has(project: PlanItem, district: District) -> None:
    """Filed while three were planned; two are, when it is decided."""
    PlanItem.objects.filter(pk=project.pk).update(sessions=3)
    cases = [opened(project, 20 + n, "checked", n) for n in (2, 3)]
    decide(prepared(project, district, sessions="2"), district.approver)
    cases = [ClassApplication.objects.get(pk=case.pk) for case in cases]
    within, beyond = [
        [each.transition.name for each in actions_for(case, district.approver) if each.enabled] for case in cases
    ]
    assert "approve" in within
    assert "approve" not in beyond
    with pytest.raises(Refused, match="现在只有 2 期，这是第 3 期"):
        fire(cases[1], "approve", actor=district.approver)
    ClassApplication.objects.filter(pk=cases[1].pk).update(state="submitted")
    with pytest.raises(Refused, match="现在只有 2 期"):
        fire(ClassApplication.objects.get(pk=cases[1].pk), "check", actor=district.handler)


def test_the_form_keeps_the_fields_that_differ_and_says_everything_that_is_wrong(
    client: Any, project: PlanItem, district: District
) -> None:
    client.force_login(district.owner)
    address = reverse("plans:change_item", args=[project.pk])
    form = client.get(address).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    stands = {name: value for name, value in shown.items() if value is not None and value is not False}
    sent = {**stands, "version": form.version_shown, "reason": "场地装修"}
    same = client.post(address, sent)
    assert same.status_code == 422
    assert "没有改动任何一项" in same.content.decode()
    wrong = client.post(address, {**sent, "charges": "on", "place": "区党校", "title": ""}).content.decode()
    assert "收费的班须填收费批准文号" in wrong
    assert "还没有填：培训班名称" in wrong
    assert "区党校" in wrong
    assert "number" not in form.fields
    assert client.post(address, {**sent, "place": "区党校"}).status_code == 302
    change = ProjectChange.objects.get()
    assert (change.before, change.after, change.by_bureau) == ({"place": "实训基地"}, {"place": "区党校"}, False)
    assert client.get(address).url == reverse("plans:change_edit", args=[change.pk])
    edited = client.get(reverse("plans:change_edit", args=[change.pk])).context["form"]
    assert edited["place"].value() == "区党校"


def test_a_colleague_s_draft_is_not_overwritten_unseen(project: PlanItem, district: District) -> None:
    first = asked(project, district.owner, people="60")
    wanted = put_into(PlanItem.objects.get(pk=project.pk), {"people": "70"})
    new = ProjectChange(item=project, batch=project.batch, unit=project.unit, what=CHANGE)
    with pytest.raises(Conflict):
        save_change(change=new, wanted=wanted, reason="报名多", actor=district.colleague, version=0)
    again = asked(project, district.owner, people="60")
    assert again.pk == first.pk
    assert ProjectChange.objects.count() == 1


def test_a_field_that_was_changed_meanwhile_is_not_changed_over_it(project: PlanItem, district: District) -> None:
    first, second = prepared(project, district, people="60"), None
    second = prepared(project, district, people="70")
    decide(first, district.approver)
    sweep()
    with pytest.raises(Refused, match="项目的每期人数已经变更过"):
        decide(second, district.approver, document_number="泉洛政人社〔2026〕17号")
    other = prepared(project, district, place="区党校")
    decide(other, district.approver, document_number="泉洛政人社〔2026〕17号")
    project.refresh_from_db()
    assert (project.people, project.place) == (60, "区党校")


def test_the_bureau_proposes_itself_and_the_unit_hears_of_it(
    client: Any, project: PlanItem, district: District
) -> None:
    change = asked(project, district.handler, reason="超出核定资质")
    assert change.by_bureau
    client.force_login(district.owner)
    assert client.get(change.get_absolute_url()).status_code == 404
    attach(case=change, material="decision", upload=a_scan(), actor=district.handler)
    fire(change, "propose", actor=district.handler)
    assert client.get(change.get_absolute_url()).status_code == 200
    assert Notice.objects.filter(recipient=district.owner, title__contains="已由区人社局提出").exists()
    with pytest.raises(Refused, match="只有"):
        fire(change, "decide", actor=district.handler, data=DECIDED)
    decide(change, district.approver)
    assert change.state == "decided"


# --- the decision -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"decision": " "}, "请填决定的文号或会议纪要"),
        ({"decided_on": date(2099, 1, 4)}, "决定日期在今天之后"),
        ({"decided_on": date(2026, 4, 3)}, "发文日期早于决定日期"),
        ({"document_number": "泉洛政人社〔2025〕16号"}, "2026 年下一个未用的是 泉洛政人社〔2026〕16号"),
        ({"document_number": "泉洛政人社〔2026〕15号"}, "已用于"),
        ({"note": ""}, "请写明理由"),
    ],
)
def test_what_is_wrong_with_a_decision_is_said_on_the_page_and_without_it(
    client: Any, project: PlanItem, district: District, data: dict[str, Any], said: str
) -> None:
    change = prepared(project, district)
    with pytest.raises(Refused, match=said.replace("〔", ".").replace("〕", ".")):
        decide(change, district.approver, **{"note": "设备未到位", **data})
    client.force_login(district.approver)
    answer = client.post(act_on(change, "decide"), {**DECIDED, "note": "设备未到位", **data})
    assert answer.status_code == 422
    project.refresh_from_db()
    assert project.state == "published"
    assert the_document(project).number == "泉洛政人社〔2026〕15号"


def test_there_is_no_decision_without_its_file_nor_by_who_prepared_it(project: PlanItem, district: District) -> None:
    change = asked(project, district.owner)
    fire(change, "submit", actor=district.owner)
    fire(change, "check", actor=district.handler)
    with pytest.raises(Refused, match="还缺材料：决定文件"):
        decide(change, district.approver)
    attach(case=change, material="decision", upload=a_scan(), actor=district.handler)
    district.handler.assignments.update(role="bureau_approver")
    with pytest.raises(Refused, match="须为两人"):
        decide(change, district.fresh(district.handler))


def test_one_list_is_issued_after_the_other(project: PlanItem, district: District) -> None:
    decide(prepared(project, district, people="60"), district.approver)
    second = prepared(project, district, place="区党校")
    with pytest.raises(Refused, match="泉洛政人社〔2026〕16号 还没有生成"):
        decide(second, district.approver, document_number="泉洛政人社〔2026〕17号")
    sweep()
    decide(second, district.approver, document_number="泉洛政人社〔2026〕17号")


def test_a_corrected_list_still_says_what_was_decided(project: PlanItem, district: District) -> None:
    change = prepared(project, district)
    decide(change, district.approver)
    sweep()
    right = {"document_number": "泉洛政人社〔2026〕18号", "published_on": date(2026, 4, 3)}
    fire(project.batch, "republish", actor=district.approver, note="文号有误", data=right)
    change.refresh_from_db()
    new = the_document(project)
    assert change.document_number == new.number == "泉洛政人社〔2026〕18号"
    assert "撤销项目2026-JH-001" in papers.build(new)["adjusted"][0]


def test_only_what_is_published_is_changed(client: Any, project: PlanItem, district: District) -> None:
    change = prepared(project, district)
    other = prepared(project, district, people="60")
    decide(change, district.approver)
    sweep()
    with pytest.raises(Refused, match="项目现在是“已撤销”"):
        decide(other, district.approver, document_number="泉洛政人社〔2026〕17号")
    fire(other, "refuse", actor=district.approver, note="项目已撤销")
    client.force_login(district.owner)
    page = client.get(reverse("plans:change_item", args=[project.pk]), follow=True).content.decode()
    assert "只有已公布的项目可以变更或撤销" in page
    with pytest.raises(NotPossible, match="已撤销"):
        asked(project, district.owner, people="60")


def test_a_neighbour_neither_asks_nor_sees(client: Any, project: PlanItem, district: District) -> None:
    change = prepared(project, district)
    client.force_login(district.neighbour)
    for name, pk in (("change_item", project.pk), ("withdraw_item", project.pk), ("projectchange", change.pk)):
        assert client.get(reverse(f"plans:{name}", args=[pk])).status_code == 404


# --- two at once ------------------------------------------------------------------------------------------------------


def test_whoever_decides_on_the_document_of_before_is_told_of_the_new_one(
    client: Any, project: PlanItem, district: District
) -> None:
    other = PlanItem.objects.select_related("unit", "plan", "batch").get(number="2026-JH-002")
    first, second = prepared(project, district), prepared(other, district)
    client.force_login(district.approver)
    assert 'value="泉洛政人社〔2026〕15号"' in client.get(act_on(second, "decide")).content.decode()
    decide(first, district.approver)
    sweep()
    typed = {
        **DECIDED,
        "document_number": "泉洛政人社〔2026〕17号",
        "note": "不办",
        "replaces": "泉洛政人社〔2026〕15号",
    }
    answer = client.post(act_on(second, "decide"), typed)
    assert answer.status_code == 422
    assert "您打开本页之后，泉洛政人社〔2026〕15号 已改以 泉洛政人社〔2026〕16号 发文" in answer.content.decode()
    second.refresh_from_db()
    assert second.state == "checked"


@pytest.mark.django_db(transaction=True)
@pytest.mark.real_services
def test_two_officers_change_one_publication_and_one_wins(project: PlanItem, district: District) -> None:
    other = PlanItem.objects.select_related("unit", "plan", "batch").get(number="2026-JH-002")
    changes = [prepared(project, district), prepared(other, district)]
    read = {"replaces": "泉洛政人社〔2026〕15号"}

    def deciding(n: int) -> Any:
        def one() -> str:
            try:
                number = f"泉洛政人社〔2026〕{16 + n}号"
                decide(changes[n], district.fresh(district.approver), document_number=number, **read)
            except NotPossible as refused:
                return str(refused)
            return "decided"

        return one

    said = in_parallel([deciding(0), deciding(1)])
    assert said.count("decided") == 1
    (told,) = (each for each in said if each != "decided")
    assert "这次没有办理" in told or "还没有生成" in told
    assert Event.objects.filter(name="amend").count() == 1
    assert Paper.objects.of(project.batch).standing().count() == 1
    assert PlanItem.objects.filter(state="withdrawn").count() == 1


def test_deciding_asks_the_database_as_often_for_many(project: PlanItem, district: District) -> None:
    counted = []
    for n, count in enumerate((1, 3, 30)):
        item = an_item(project.plan, PlanItem.State.PUBLISHED, batch=project.batch, number=f"2026-JH-1{n}")
        change = prepared(item, district)
        for more in range(count):
            an_item(project.plan, PlanItem.State.PUBLISHED, batch=project.batch, number=f"2026-JH-9{n}{more}")
        number, actor = f"泉洛政人社〔2026〕{16 + n}号", district.fresh(district.approver)
        with CaptureQueriesContext(connection) as captured:
            decide(change, actor, document_number=number)
        counted.append(len(captured))
        sweep()
    assert counted[1] == counted[2]


def test_its_pages_ask_the_database_as_often_for_many(client: Any, project: PlanItem, district: District) -> None:
    client.force_login(district.handler)
    change = prepared(project, district)
    counted = []
    for sessions in (range(1, 4), range(4, 31)):
        for session in sessions:
            opened(project, 20, "approved", session)
            asked(an_item(project.plan, "published", batch=project.batch, number=f"N{session}"), district.owner)
        pages = (change.get_absolute_url(), reverse("plans:changes"), project.get_absolute_url())
        with CaptureQueriesContext(connection) as captured:
            counts = []
            for page in pages:
                before = len(captured)
                assert client.get(page).status_code == 200
                counts.append(len(captured) - before)
        counted.append(counts)
    assert counted[0] == counted[1]
    case, listing, item = counted[0]
    assert case <= 20
    assert listing <= 12
    assert item <= 20


def test_a_draft_of_before_is_gone_on_with(project: PlanItem, district: District) -> None:
    draft = asked(project, district.owner)
    assert draft_of(project, WITHDRAWAL, district.colleague).pk == draft.pk
    assert draft_of(project, CHANGE, district.colleague).pk is None
    assert draft_of(project, WITHDRAWAL, district.handler).pk is None
