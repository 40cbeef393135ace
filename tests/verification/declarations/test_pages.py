"""The pages of declarations: form, list, case, start page."""

import re
from datetime import datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.clock import SHANGHAI
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.models import Event
from tests.documents import PDF
from tests.factories import account_with, person_in
from tests.queries import statements
from tests.todos import todos
from verification.declarations.models import Declaration
from verification.declarations.services import save_declaration
from verification.ledger.registry import on_their_way

from .cases import declaration_of, in_state, with_evidence

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
LIST, NEW = "/declarations/", "/declarations/new/remote/"


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), tick=True):
        yield


@pytest.fixture
def clerk(client, district):
    client.force_login(district.owner, backend=BACKEND)
    return client


def typed(person, **changes) -> dict[str, str]:
    """What the form is filled in with."""
    facts = {
        "person": person.pk,
        "form": "remote",
        "title": "专业技术人员网络课程",
        "organiser": "福建省测试网络学院",
        "date_from": "2026-05-06",
        "date_to": "2026-05-29",
        "year": "2026",
        "subject": "professional",
        "amount": "12.5",
        "basis": "学习平台出具的学时证明",
        **changes,
    }
    return {key: str(value) for key, value in facts.items() if value is not None}


def _shown(html: str) -> set[str]:
    """The names of the fields that a page asks for."""
    fields = set(re.findall(r'<(?:input|select|textarea)[^>]*name="(\w+)"', html))
    return fields - set(re.findall(r'type="hidden" name="(\w+)"', html))


class TestForm:
    def test_keeps_a_draft_of_the_unit(self, clerk, district):
        person = person_in(district.unit)
        answer = clerk.post(NEW, typed(person))
        case = Declaration.objects.get()
        assert answer.headers["Location"] == case.get_absolute_url()
        assert (case.unit, case.created_by, case.measure, str(case.amount)) == (
            district.unit,
            district.owner,
            "hours",
            "12.5",
        )
        assert case.number == f"SB-2026-{case.pk:05d}"
        assert [event.name for event in Event.objects.all()] == ["created"]

    def test_credits_follow_from_the_subject(self, clerk, district):
        person = person_in(district.unit, category="medical")
        clerk.post(NEW, typed(person, subject="class_2"))
        assert Declaration.objects.get().measure == "credits"

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"title": ""}, "请填写这一项"),
            ({"amount": "0"}, "应大于 0"),
            ({"amount": "-3"}, "应大于 0"),
            ({"amount": "4.25"}, "小数"),
            ({"date_to": "2026-05-01"}, "结束日期早于开始日期"),
            ({"date_to": "2026-12-31"}, "学习还没有结束"),
            ({"year": "2025"}, "计入年度应在其中"),
            ({"subject": "class_1"}, "一般人员，按学时计"),
            ({"course": "师德修养"}, "不是中小学教师"),
            ({"form": "class"}, "form"),
            ({"form": "self_study"}, "请选已核准的自学备案"),
            ({"form": "paper"}, "论文须事先办好确认手续"),
            ({"form": "paper", "confirmed_on": "2026-12-01"}, "确认日期在今天之后"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, clerk, district, changes, says):
        answer = clerk.post(NEW, typed(person_in(district.unit), **changes))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert says in html
        assert "lj-errors" in html
        assert "福建省测试网络学院" in html
        assert not Declaration.objects.exists()

    @pytest.mark.notice("二(一)5")
    def test_a_degree_under_way_is_declared_year_by_year(self, clerk, district):
        person = person_in(district.unit)
        degree = {"form": "degree", "title": "农业硕士（在职）", "date_from": "2025-09-01", "date_to": "2028-06-30"}
        for year in ("2025", "2026"):
            assert clerk.post(NEW, typed(person, **degree, year=year)).status_code == 302
        page = clerk.get(Declaration.objects.first().get_absolute_url()).content.decode()
        assert "在读，结束日期为预计" in page
        for changes, says in (
            ({"year": "2027"}, "2027 年还没有到，还没有当年度的科目成绩"),
            ({"year": "2026"}, "不要重复申报"),
            ({"date_from": "2026-12-01"}, "学习还没有开始"),
        ):
            answer = clerk.post(NEW, typed(person, **{**degree, **changes}))
            assert (answer.status_code, says in answer.content.decode()) == (422, True)
        assert Declaration.objects.count() == 2

    @pytest.mark.notice("一(四)")
    def test_self_study_waits_for_its_filing(self, clerk, district):
        html = clerk.post(NEW, typed(person_in(district.unit), form="self_study")).content.decode()
        assert "核准备案（通知 一(四)）" in html

    def test_asks_for_the_form_of_learning_first_and_then_for_what_it_asks(self, clerk, district):
        person = person_in(district.unit)
        page = clerk.get("/declarations/new/", {"person": person.pk}).content.decode()
        assert f'href="/declarations/new/paper/?person={person.pk}"' in page
        assert "论文确认件" in page
        assert clerk.get("/declarations/new/class/").status_code == 404
        asked = {
            form: clerk.get(f"/declarations/new/{form}/").content.decode() for form in ("remote", "paper", "self_study")
        }
        shown = {form: _shown(html) for form, html in asked.items()}
        assert {"confirmed_on", "serial", "authorship"} == shown["paper"] - shown["remote"]
        assert {"filing"} == shown["self_study"] - shown["remote"]
        assert {"title", "organiser", "paid", "subject", "basis", "organiser_unit"} == shown["remote"] - shown[
            "self_study"
        ]

    def test_what_is_not_asked_is_kept_out_whatever_was_sent(self, clerk, district):
        """Hidden fields of another form of learning, even with nonsense in them."""
        clerk.post(NEW, typed(person_in(district.unit), intensive="on", confirmed_on="2026-99-99"))
        case = Declaration.objects.get()
        assert (case.intensive, case.confirmed_on) == (False, None)

    def test_says_everything_at_once(self, clerk, district):
        answer = clerk.post(NEW, typed(person_in(district.unit), amount="0", date_to="2026-05-01", organiser=""))
        assert "有 3 处要改" in answer.content.decode()

    def test_people_of_another_unit_cannot_be_chosen(self, clerk, district):
        stranger = person_in(district.neighbour_unit, "孟归鸿")
        assert stranger.name not in clerk.get(NEW).content.decode()
        assert clerk.post(NEW, typed(stranger)).status_code == 422
        assert not Declaration.objects.exists()

    def test_the_same_thing_is_declared_once(self, clerk, district):
        person = person_in(district.unit)
        clerk.post(NEW, typed(person))
        assert "不要重复申报" in clerk.post(NEW, typed(person)).content.decode()
        fire(Declaration.objects.get(), "withdraw", actor=district.owner)
        assert clerk.post(NEW, typed(person)).status_code == 302

    def test_a_link_can_choose_the_person(self, clerk, district):
        person = person_in(district.unit)
        chosen = clerk.get(NEW, {"person": person.pk}).content.decode()
        assert f'<option value="{person.pk}" selected>' in chosen
        assert clerk.get(NEW, {"person": "0 or 1"}).status_code == 200

    def test_changing_is_possible_while_it_is_with_the_unit(self, clerk, district):
        for state, status in (("draft", 200), ("returned", 200), ("submitted", 404), ("accepted", 404)):
            case = in_state(district, state)
            assert clerk.get(f"{LIST}{case.pk}/edit/").status_code == status
        case = Declaration.objects.filter(state="returned").get()
        clerk.post(f"{LIST}{case.pk}/edit/", typed(case.person, amount="8", version=case.version))
        case.refresh_from_db()
        assert (str(case.amount), case.state) == ("8.0", "returned")
        assert [event.name for event in Event.objects.filter(case_id=case.pk)] == ["edited"]

    def test_a_paper_that_is_none_any_more_loses_its_confirmation(self, clerk, district):
        person = person_in(district.unit)
        paper = {"form": "paper", "confirmed_on": "2026-04-01", "serial": "1000-0003", "authorship": "first"}
        clerk.post(NEW, typed(person, **paper))
        case = Declaration.objects.get()
        assert case.confirmed_on
        clerk.post(f"{LIST}{case.pk}/edit/", typed(person, version=case.version))
        case.refresh_from_db()
        assert case.confirmed_on is None


class TestDatabase:
    @pytest.mark.parametrize(
        "facts",
        [
            {"amount": 0},
            {"subject": "class_1"},
            {"form": "paper"},
            {"form": "self_study"},
            {"date_to": "2026-01-01"},
            {"state": "x"},
        ],
    )
    def test_keeps_out_what_cannot_be(self, district, facts):
        with pytest.raises(IntegrityError), transaction.atomic():
            declaration_of(district.unit, **facts)


class TestCase:
    def test_the_whole_way_by_hand(self, clerk, district, client):
        """The unit types, uploads and submits; the handler accepts; the page says so."""
        clerk.post(NEW, typed(person_in(district.unit)))
        case = Declaration.objects.get()
        address = case.get_absolute_url()
        html = clerk.get(address).content.decode()
        assert "现在不能提交审核：还缺材料：" in html
        for title in ("相关培训通知文件", "单位同意参加的报名情况", "学时（学分）证明"):  # each a link to its place
            assert re.search(f'<a href="{address}#material-[a-z_]+">{title}</a>', html)
        for code in ("notice", "consent", "proof"):
            from django.core.files.uploadedfile import SimpleUploadedFile

            scan = SimpleUploadedFile(f"{code}.pdf", PDF + code.encode())
            clerk.post(f"/files/to/verification_declarations.declaration/{case.pk}/{code}/", {"files": scan})
        acts = f"/cases/verification_declarations.declaration/{case.pk}/"
        assert clerk.post(f"{acts}submit/", {"note": ""}).status_code == 302
        client.force_login(district.handler, backend=BACKEND)
        assert "本局剩 5 个工作日" in client.get(address).content.decode()
        assert client.post(f"{acts}accept/", {"note": ""}).status_code == 302
        html = client.get(address).content.decode()
        assert "已认可" in html
        assert "撤销认可" not in html  # for the approver only

    def test_shows_how_the_person_stands(self, client, district):
        case = with_evidence(in_state(district, "submitted"), district.owner)
        fire(case, "accept", actor=district.handler)
        client.force_login(district.handler, backend=BACKEND)
        html = client.get(case.get_absolute_url()).content.decode()
        assert "差 48.0" in html  # of 60 professional hours
        assert case.person.id_number not in html

    def test_as_many_queries_with_30_events_as_with_3(self, client, district):
        case, counts = with_evidence(in_state(district, "submitted"), district.owner), []
        for number in (1, 9):
            for again in range(number):
                items = [{"where": "折算依据", "wrong": "没有文号", "mend": "补写文号"}] * 2
                if counts or again:
                    fire(case, "allow_return", actor=district.approver, note="又有新问题")
                fire(case, "return", actor=district.handler, data={"items": items})
                fire(case, "resubmit", actor=district.owner)
            client.force_login(district.handler, backend=BACKEND)
            with statements() as queries:
                assert client.get(case.get_absolute_url()).status_code == 200
            assert len(queries) <= 20, queries
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestList:
    def test_shows_states_counts_and_the_reviewers_clock(self, client, district):
        in_state(district, "submitted")
        in_state(district, "accepted")
        client.force_login(district.handler, backend=BACKEND)
        html = client.get(LIST).content.decode()
        assert "剩 5 个工作日" in html
        assert '<span class="lj-state plain is-done">' in html
        assert html.count("<b>1</b>") == 2
        assert client.get(LIST, {"state": "accepted"}).content.decode().count('class="lj-no"') == 1

    def test_filters(self, clerk, district):
        declaration_of(district.unit, person_in(district.unit, "孟归鸿"), title="学术会议", form="conference")
        declaration_of(district.unit, year=2025, date_from="2025-05-06")
        for query in ({"q": "孟归"}, {"q": "mgh"}, {"q": "学术"}, {"form_of_learning": "conference"}):
            html = clerk.get(LIST, query).content.decode()
            assert "孟归鸿" in html
            assert html.count('class="lj-no"') == 1
        assert "孟归鸿" not in clerk.get(LIST, {"year": "2025"}).content.decode()
        assert clerk.get(LIST, {"state": "x", "year": "x", "page": "x"}).status_code == 200

    @pytest.mark.parametrize("who", ["owner", "handler"])
    def test_as_many_queries_for_30_as_for_3(self, client, district, who):
        client.force_login(getattr(district, who), backend=BACKEND)
        counts = []
        for number in (3, 27):
            for _ in range(number):
                in_state(district, "submitted")
            with statements() as queries:
                assert client.get(LIST).status_code == 200
            assert len(queries) <= 12, queries
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestElsewhere:
    def test_the_start_page_says_what_is_to_be_done(self, district):
        for state in ("draft", "returned", "submitted", "accepted"):
            in_state(district, state)
        own = {(todo.action_label, todo.mine) for todo in todos(district.fresh(district.owner), Declaration)}
        assert own == {("提交审核", True), ("补正", True), ("审核", False)}
        (queue,) = [todo for todo in todos(district.handler, Declaration) if todo.mine]
        assert (queue.action_label, queue.due.isoformat()) == ("审核", "2026-12-01")
        assert todos(district.system_admin, Declaration) == []

    def test_the_start_page_asks_as_often_for_many(self, district):
        counts = []
        for number in (3, 27):
            for _ in range(number):
                in_state(district, "submitted")
            handler = district.fresh(district.handler)
            with statements() as made:
                assert len(todos(handler, Declaration)) >= number
            counts.append(len(made))
        assert counts[0] == counts[1]

    def test_the_ledger_shows_what_is_on_its_way(self, client, district):
        case = in_state(district, "submitted")
        draft = declaration_of(district.unit, case.person, title="草稿中的课程")
        (awaited,) = on_their_way([case.person], 2026)[case.person_id]
        assert (awaited.amount, awaited.state, awaited.title) == (case.amount, "学时申报 待审核", case.title)
        assert on_their_way([case.person], 2025) == {}
        client.force_login(district.handler, backend=BACKEND)
        html = client.get(f"/ledger/people/{case.person_id}/").content.decode()
        assert case.title in html
        assert draft.title not in html

    def test_the_ledger_leads_a_clerk_to_a_new_declaration(self, client, district):
        person = person_in(district.unit)
        address, link = f"/ledger/people/{person.pk}/", f"/declarations/new/?person={person.pk}"
        for who, offered in ((district.owner, True), (district.handler, False)):
            client.force_login(who, backend=BACKEND)
            assert (link in client.get(address).content.decode()) is offered

    def test_files_can_be_changed_only_while_it_is_with_the_unit(self, client, district):
        case = in_state(district, "submitted")
        client.force_login(district.owner, backend=BACKEND)
        address = f"/files/to/verification_declarations.declaration/{case.pk}/proof/"
        assert client.post(address, {}).status_code == 404
        draft = in_state(district, "draft")
        assert client.post(address.replace(f"/{case.pk}/", f"/{draft.pk}/"), {}).status_code == 302

    def test_the_clock_of_the_tests_stands_in_november(self):
        assert clock.today().isoformat() == "2026-11-24"


class TestSavingWhatIsNoDraftAnyMore:
    """A form that was opened before a colleague submitted must not bring the draft back."""

    def stale(self, district) -> Declaration:
        case = with_evidence(declaration_of(district.unit), district.owner)
        stale = Declaration.objects.get(pk=case.pk)
        fire(case, "submit", actor=district.colleague)
        stale.title = "改过的名称"
        return stale

    def test_the_service_refuses_and_changes_nothing(self, district):
        stale = self.stale(district)
        with pytest.raises(NotPossible, match="待审核"):
            save_declaration(declaration=stale, unit=district.unit, actor=district.owner)
        stored = Declaration.objects.get(pk=stale.pk)
        assert (stored.state, stored.title) == ("submitted", "专业技术人员网络课程")
        assert stored.first_submitted_at is not None

    def test_the_workflows_columns_are_never_written(self, district):
        case = declaration_of(district.unit)
        stale = Declaration.objects.get(pk=case.pk)
        Declaration.objects.filter(pk=case.pk).update(state="returned", first_submitted_at=clock.now())
        stale.title = "改过的名称"
        save_declaration(declaration=stale, unit=district.unit, actor=district.owner)
        stored = Declaration.objects.get(pk=case.pk)
        assert (stored.state, stored.title) == ("returned", "改过的名称")
        assert stored.first_submitted_at is not None

    def test_another_units_clerk_cannot_save_it(self, district):
        with pytest.raises(PermissionDenied):
            save_declaration(declaration=declaration_of(district.unit), unit=district.unit, actor=district.neighbour)


@pytest.mark.django_db
def test_who_is_slower_is_told_who_decided_and_when_and_nothing_of_mending(client, district) -> None:
    case = with_evidence(declaration_of(district.unit), district.owner)
    fire(case, "submit", actor=district.owner)
    with clock.at(datetime(2026, 11, 24, 9, 5, tzinfo=SHANGHAI)):
        fire(case, "accept", actor=district.handler)
    client.force_login(account_with("bureau_handler", district.bureau), backend=BACKEND)
    address = reverse("workflow:act", args=["verification_declarations.declaration", case.pk, "return"])
    for reasons in ({"wrong_0": "缺证明"}, {}):
        answer = client.post(address, reasons)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f"{district.handler.name} 2026-11-24 09:05 " in page
        assert "改好才能提交" not in page
    assert 'value="缺证明"' in client.post(address, {"wrong_0": "缺证明"}).content.decode()
