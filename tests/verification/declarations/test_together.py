"""The same learning declared once for many people: each with a declaration of their own, who cannot have it named."""

import re
from datetime import date, datetime
from itertools import pairwise

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.clock import SHANGHAI
from luojiang_ce.files.models import Attachment
from luojiang_ce.home.templatetags.home import tick
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from tests.documents import PDF
from tests.factories import person_in
from tests.luojiang_ce.workflow.test_undo import undo_key
from tests.queries import statements
from tests.units.cases import leave_of
from tests.units.views.helpers import browser
from units.pasted_names import people_named
from verification.declarations.models import Declaration

from .cases import declaration_of, with_evidence
from .test_pages import typed

pytestmark = pytest.mark.django_db
MANY = reverse("declarations:new_many")
NAMES = ("仇远", "莫知之", "温如故")


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), tick=True):
        yield


@pytest.fixture
def clerk(district):
    return browser(district.owner)


def sent(names="", people=(), **changes):
    learning = {"form": "conference", "title": "植保学术年会", "date_from": "2026-05-06", "date_to": "2026-05-07"}
    facts = {**typed(_Nobody, **(learning | changes)), "names": names, "do": "submit"}
    del facts["person"]
    return {**facts, "people": [person.pk for person in people]}


class _Nobody:
    pk = 0


def staff(unit, *names):
    return [person_in(unit, name) for name in names]


def whole_inserts(queries):
    """One statement each: SQLite takes 999 values at a time, so that 30 rows of 40 columns come in two parts."""
    return [q for before, q in pairwise(["", *queries]) if not (q.startswith("INSERT") and q[:60] == before[:60])]


class TestDeclaring:
    def test_each_gets_a_draft_of_their_own(self, clerk, district):
        people = staff(district.unit, *NAMES)
        answer = clerk.post(MANY, sent("\n".join(NAMES)))
        cases = list(Declaration.objects.order_by("pk"))
        assert answer.headers["Location"] == reverse("declarations:together", args=[cases[0].pk])
        assert {case.person for case in cases} == set(people)
        assert {(case.state, case.unit, case.measure, case.created_by) for case in cases} == {
            ("draft", district.unit, "hours", district.owner)
        }
        assert [[event.name for event in history(case)] for case in cases] == [["created"]] * 3

    def test_people_ticked_in_their_list_come_along(self, clerk, district):
        people = staff(district.unit, *NAMES)
        assert MANY in clerk.get(reverse("people:list")).content.decode()
        assert MANY not in browser(district.handler).get(reverse("people:list")).content.decode()
        page = clerk.post(MANY, {"cases": [tick(person) for person in people[:2]]})
        html = page.content.decode()
        assert page.status_code == 200
        boxes = re.findall(r'name="people" value="(\d+)"[^>]*checked', html)
        assert set(boxes) == {str(person.pk) for person in people[:2]}
        assert people[2].name not in html
        clerk.post(MANY, sent(people=people[:2], names=people[2].name))
        assert Declaration.objects.count() == 3

    def test_the_ticks_of_the_list_go_when_the_drafts_are_there(self, clerk, district):
        people = staff(district.unit, *NAMES)
        came = {"back": "/people/?page=2", "copy": "ticks0001"}
        html = clerk.post(MANY, {"cases": [tick(person) for person in people], **came}).content.decode()
        for wrong in (html, clerk.post(MANY, {**sent(people=people, amount="0"), **came}).content.decode()):
            assert 'name="copy" value="ticks0001"' in wrong
            assert 'name="back" value="/people/?page=2"' in wrong
            assert 'href="/people/?page=2"' in wrong, "returning leads to the list"
        assert "saved-ticks0001" in clerk.post(MANY, {**sent(people=people), **came}).cookies
        assert "//example.com" not in clerk.post(MANY, {"back": "//example.com"}).content.decode()

    def test_who_cannot_have_it_is_named_and_the_others_go(self, clerk, district):
        people = staff(district.unit, *NAMES, "傅以宁")
        declared, away, new, fine = people
        other = declaration_of(
            district.unit, declared, title="植保学术年会", form="conference", date_from=date(2026, 5, 6), amount=4
        )
        leave_of(district, "approved", person=away, starts_on=date(2026, 5, 1), ends_on=date(2026, 8, 1))
        new.employments.update(started_on=date(2026, 6, 1))
        answer = clerk.post(MANY, sent("、".join(person.name for person in people[:3]) + "\n傅以宁"))
        assert [case.person for case in Declaration.objects.exclude(pk=other.pk)] == [fine]
        told = clerk.get(answer.headers["Location"]).content.decode()
        assert "已建立 1 件草稿" in told
        assert "没有给这 3 人建立" in told
        assert f"仇远：已有同一项目的申报 {other.number}" in told
        assert "莫知之：2026年5月1日–2026年8月1日 长期离岗" in told
        assert "病假" not in told
        assert "温如故：2026年6月1日才到本单位" in told

    def test_hours_or_credits_are_those_of_the_person(self, clerk, district):
        person_in(district.unit, "仇远", category="medical")
        person_in(district.unit, "莫知之")
        clerk.post(MANY, sent("仇远\n莫知之", subject="class_2"))
        case = Declaration.objects.get()
        assert (case.person.name, case.measure) == ("仇远", "credits")

    def test_where_nobody_can_nothing_typed_is_lost(self, clerk, district):
        person_in(district.unit, "仇远")
        clerk.post(MANY, sent("仇远"))
        answer = clerk.post(MANY, sent("仇远", amount="9"))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "一件也没有建立" in html
        assert "植保学术年会" in html

    def test_a_second_click_makes_nothing_twice(self, clerk, district):
        staff(district.unit, *NAMES)
        first = clerk.post(MANY, sent("\n".join(NAMES)))
        second = clerk.post(MANY, sent("\n".join(NAMES)))
        assert first.headers["Location"] == second.headers["Location"]
        assert Declaration.objects.count() == 3

    def test_namesakes_are_asked(self, clerk, district):
        one, two = staff(district.unit, "仇远", "仇远")
        person_in(district.unit, "莫知之")
        answer = clerk.post(MANY, sent("仇远\n莫知之"))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "“仇远”有 2 人同名，请勾选是哪一位" in html
        assert all(f'name="people" value="{person.pk}"' in html for person in (one, two))
        clerk.post(MANY, sent("仇远\n莫知之", people=[two]))
        assert {case.person.name for case in Declaration.objects.all()} == {"仇远", "莫知之"}
        assert not Declaration.objects.filter(person=one).exists()

    def test_names_of_nobody_here_are_told_and_say_nothing_of_others(self, clerk, district):
        stranger = person_in(district.neighbour_unit, "孟归鸿")
        answer = clerk.post(MANY, sent("孟归鸿、查无此人", amount="0"))
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "不是本单位在册人员的姓名：“孟归鸿”、“查无此人”" in html
        assert "应大于 0" in html
        assert clerk.post(MANY, sent(people=[stranger])).status_code == 422
        assert clerk.post(MANY, {**sent(), "people": ["x", "²"]}).status_code == 422
        assert not Declaration.objects.exists()

    def test_nobody_at_all_is_said(self, clerk, district):
        assert "请粘贴姓名，或在“人员”名单里勾选" in clerk.post(MANY, sent()).content.decode()

    def test_as_many_queries_for_30_as_for_3(self, clerk, district):
        counts = []
        for number, title in ((3, "甲会"), (30, "乙会")):
            people = [person_in(district.unit) for _ in range(number)]
            with statements() as queries:
                assert clerk.post(MANY, sent(people=people, title=title)).status_code == 302
            counts.append(whole_inserts(queries))
        assert len(counts[0]) == len(counts[1]), "\n".join(q[:150] for q in counts[1])


@pytest.mark.parametrize(
    ("pasted", "people", "unknown"),
    [
        ("仇远\n莫知之", [1, 2], []),
        ("仇远、莫知之，艾力·买买提", [1, 2, 3], []),
        ("仇 远\t莫知之\r\n", [1, 2], []),
        ("仇远 莫知之", [1, 2], []),
        ("艾力•买买提;艾力.买买提", [3], []),
        ("John  Smith", [4], []),
        ("\u200b仇远\ufeff", [1], []),
        ("仇远\n仇远", [1], []),
        ("王某\n仇远 李某", [1], ["王某", "李某"]),
        (" \n、，", [], []),
    ],
)
def test_names_as_they_are_pasted(pasted, people, unknown):
    known = [(1, "仇远"), (2, "莫知之"), (3, "艾力·买买提"), (4, "John Smith")]
    found = people_named(pasted, known)
    assert (sorted(set(found.people)), found.unknown, found.namesakes) == (people, unknown, {})


class TestTogether:
    @pytest.fixture
    def cases(self, clerk, district):
        staff(district.unit, *NAMES)
        clerk.post(MANY, sent("\n".join(NAMES)))
        return list(Declaration.objects.order_by("pk"))

    def upload(self, clerk, case, code, name="证明.pdf", content=PDF):
        url = reverse("declarations:together_files", args=[case.pk, code])
        return clerk.post(url, {"files": [SimpleUploadedFile(name, content + code.encode())]})

    def test_one_file_is_stored_once_and_belongs_to_each(self, clerk, cases):
        answer = self.upload(clerk, cases[0], "proof")
        files = list(Attachment.objects.all())
        assert {file.case_id for file in files} == {case.pk for case in cases}
        assert len({file.file.name for file in files}) == 1
        assert len({file.uid for file in files}) == 3
        assert [history(case).first().name for case in cases] == ["file_added"] * 3
        assert "已上传：证明.pdf（3 件）" in clerk.get(answer.headers["Location"]).content.decode()
        again = self.upload(clerk, cases[1], "proof", name="又一份.pdf")
        assert Attachment.objects.count() == 3, "the same file is kept once"
        assert (
            "没有重复保存“又一份.pdf”：与已有的“证明.pdf”内容相同"
            in clerk.get(again.headers["Location"]).content.decode()
        )
        assert b"".join(clerk.get(reverse("files:download", args=[files[2].uid])).streaming_content).startswith(b"%PDF")

    def test_what_is_removed_from_one_stays_with_the_others(self, clerk, cases):
        self.upload(clerk, cases[0], "proof")
        one = Attachment.objects.of(cases[0]).get()
        clerk.post(reverse("files:remove", args=[one.uid]))
        assert [Attachment.objects.of(case).count() for case in cases] == [0, 1, 1]
        page = clerk.get(reverse("declarations:together", args=[cases[0].pk])).content.decode()
        assert f"还缺：{cases[0].person.name}" in page
        left = Attachment.objects.of(cases[1]).get()
        clerk.post(reverse("declarations:together_files", args=[cases[0].pk, "proof"]), {"remove": str(left.uid)})
        assert not Attachment.objects.filter(removed_at=None).exists()
        assert history(cases[2]).first().name == "file_removed"

    def test_a_degrees_years_are_proved_each_by_its_own_marks(self, clerk, district):
        learned = {"form": "degree", "title": "农学硕士", "date_from": date(2025, 9, 1), "date_to": date(2028, 6, 30)}
        person = person_in(district.unit)
        before, now = (declaration_of(district.unit, person, year=year, **learned) for year in (2025, 2026))
        self.upload(clerk, before, "marks", "2025成绩.pdf")
        page = clerk.get(reverse("declarations:together", args=[before.pk])).content.decode()
        assert not Attachment.objects.of(now).exists()
        assert f'value="{tick(before)}"' in page
        assert f'value="{tick(now)}"' not in page

    def test_what_was_paid_for_asks_for_other_evidence(self, clerk, cases):
        Declaration.objects.filter(pk=cases[0].pk).update(paid=True)
        self.upload(clerk, cases[0], "voucher")
        assert [file.case_id for file in Attachment.objects.all()] == [cases[0].pk]
        assert self.upload(clerk, cases[1], "voucher").status_code == 404
        page = clerk.get(reverse("declarations:together", args=[cases[1].pk])).content.decode()
        assert cases[0].person.name not in page

    def test_what_is_removed_from_all_is_put_back_on_all(self, clerk, cases, district):
        self.upload(clerk, cases[0], "proof")
        url = reverse("declarations:together_files", args=[cases[0].pk, "proof"])
        gone = clerk.post(url, {"remove": str(Attachment.objects.first().uid)})
        page = clerk.get(gone.headers["Location"]).content.decode()
        assert "已从同一项目的 3 件申报中移除：证明.pdf" in page
        key = re.search(r'name="key" value="(\w+)"', page)[1]
        browser(district.colleague).post("/undo/", {"key": key})
        assert not Attachment.objects.filter(removed_at=None).exists()
        assert "已恢复：证明.pdf（3 件）" in clerk.post("/undo/", {"key": key}, follow=True).content.decode()
        assert [Attachment.objects.of(case).count() for case in cases] == [1, 1, 1]
        assert [history(case).first().name for case in cases] == ["file_restored"] * 3

    def test_what_was_submitted_meanwhile_is_not_touched_by_putting_back(self, clerk, cases, district):
        self.upload(clerk, cases[0], "other")
        url = reverse("declarations:together_files", args=[cases[0].pk, "other"])
        key = undo_key(clerk, clerk.post(url, {"remove": str(Attachment.objects.first().uid)}))
        Declaration.objects.filter(pk=cases[0].pk).update(state="submitted", first_submitted_at=clock.now())
        page = clerk.post("/undo/", {"key": key}, follow=True).content.decode()
        assert "已恢复：证明.pdf（2 件，另 1 件您现在不能改动）" in page
        assert [Attachment.objects.of(case).count() for case in cases] == [0, 1, 1]
        assert clerk.post("/undo/", {"key": key}).status_code == 302
        key = undo_key(
            clerk,
            clerk.post(
                url.replace(str(cases[0].pk), str(cases[1].pk)),
                {"remove": str(Attachment.objects.of(cases[1]).get().uid)},
            ),
        )
        Declaration.objects.update(state="submitted", first_submitted_at=clock.now())
        assert "不能恢复：您现在不能改动" in clerk.post("/undo/", {"key": key}, follow=True).content.decode()

    def test_putting_back_takes_as_many_queries_for_30_as_for_3(self, clerk, cases, district):
        url, counts = reverse("declarations:together_files", args=[cases[0].pk, "proof"]), []
        for more in (0, 27):
            if more:
                clerk.post(MANY, sent(people=[person_in(district.unit) for _ in range(more)]))
            self.upload(clerk, cases[0], "proof")
            with statements() as queries:
                gone = clerk.post(url, {"remove": str(Attachment.objects.filter(removed_at=None).first().uid)})
                key = undo_key(clerk, gone)
                assert clerk.post("/undo/", {"key": key}).status_code == 302
            counts.append(len(queries))
        assert Attachment.objects.filter(removed_at=None).count() == 30
        assert counts[0] == counts[1]

    def test_a_bad_file_is_named_and_nothing_else_is_asked_for(self, clerk, cases):
        answer = self.upload(clerk, cases[0], "proof", "程序.exe", b"MZ")
        assert "“程序.exe”不是可以接收的文件" in clerk.get(answer.headers["Location"]).content.decode()
        assert self.upload(clerk, cases[0], "marks").status_code == 404
        url = reverse("declarations:together_files", args=[cases[0].pk, "proof"])
        for wrong in ({}, {"remove": "x"}, {"remove": "²"}):
            assert clerk.post(url, wrong).status_code == 302
        assert not Attachment.objects.exists()

    def test_all_are_submitted_in_one_act(self, clerk, cases, district):
        for code in ("notice", "consent", "proof"):
            self.upload(clerk, cases[0], code)
        page = clerk.get(reverse("declarations:together", args=[cases[0].pk])).content.decode()
        keys = re.findall(r'name="cases" value="([^"]+)"', page)
        assert keys == [tick(case) for case in sorted(cases, key=lambda case: case.person.pinyin)]
        submit = reverse("home:many", args=["verification_declarations.declaration", "submit"])
        assert submit in page
        confirm = clerk.post(submit, {"cases": keys, "back": "/declarations/"}).content.decode()
        assert all(name in confirm for name in NAMES)
        clerk.post(submit, {"cases": keys, "back": "/declarations/", "do": "submit", "note": ""})
        assert {case.state for case in Declaration.objects.all()} == {"submitted"}
        assert "已提交 3 件" in clerk.get("/declarations/").content.decode()
        assert clerk.get(reverse("declarations:together", args=[cases[0].pk])).status_code == 404

    def test_only_what_is_with_the_unit_is_changed(self, clerk, cases, district):
        with_evidence(cases[0], district.owner)
        fire(cases[0], "submit", actor=district.owner)
        self.upload(clerk, cases[1], "other")
        assert not Attachment.objects.of(cases[0]).filter(material="other").exists()
        assert Attachment.objects.of(cases[2]).filter(material="other").exists()

    def test_the_case_leads_to_the_others(self, clerk, cases, district):
        page = clerk.get(cases[0].get_absolute_url()).content.decode()
        assert reverse("declarations:together", args=[cases[0].pk]) in page
        assert "同一项目 3 件" in page
        neighbour = browser(district.neighbour)
        for name, more in (("together", []), ("together_files", ["proof"])):
            url = reverse(f"declarations:{name}", args=[cases[0].pk, *more])
            assert {neighbour.get(url).status_code, neighbour.post(url).status_code} <= {404, 405}
        assert self.upload(neighbour, cases[0], "proof").status_code == 404

    def test_as_many_queries_for_30_as_for_3(self, clerk, cases, district):
        page, counts = reverse("declarations:together", args=[cases[0].pk]), []
        for more in (0, 27):
            if more:
                clerk.post(MANY, sent(people=[person_in(district.unit) for _ in range(more)]))
            with statements() as queries:
                assert clerk.get(page).status_code == 200
                assert self.upload(clerk, cases[0], "proof", content=PDF + str(more).encode()).status_code == 302
            counts.append(len(queries))
        assert Declaration.objects.count() == 30
        assert counts[0] == counts[1]
