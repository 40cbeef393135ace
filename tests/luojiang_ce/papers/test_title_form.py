"""Before a document is issued its title is seen in lines, which may end elsewhere (GB/T 9704-2012 7.3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.issue_form import DocumentForm, IssueForm
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import request_paper
from luojiang_ce.papers.templatetags.papers_print import closed_up
from luojiang_ce.papers.title_words import cut, lines_too_long, objections, title_lines
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import case_kinds, kinds_with_a_table
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.views import form_for
from tests.conftest import District
from tests.luojiang_ce.papers.ruler import sheets
from tests.luojiang_ce.workflow.walk import collect
from tests.training.classes.factories import an_application
from tests.units.views.helpers import browser
from training.classes.models import ClassApplication
from units.seals import load_bureau_seals

SHORT = {"teaching_proof"}  # 授课证明: a title of four characters is not parted


def acts(form: type[IssueForm]) -> Iterator[tuple[str, str]]:
    """Every act that asks by such a form."""
    for kind, table in kinds_with_a_table():
        for transition in table.transitions:
            if issubclass(form_for(transition), form):
                yield kind.key, transition.name


def test_every_act_that_issues_documents_shows_the_title() -> None:
    official = {
        kind.key
        for kind in case_kinds()
        if {each.key for each in kind.papers if each.style == "official" and "sample" not in each.key} - SHORT
    }
    asked = [act for act in acts(IssueForm) if act[0] in official]
    assert len(asked) >= 6
    assert set(asked) <= set(acts(DocumentForm))


PRINTED = {
    ("training_classes.classapplication", "approve"): ("scope_passed",),
    ("training_classes.classapplication", "refuse"): ("note",),
    ("training_plans.planbatch", "publish"): ("document_number",),
    ("training_plans.planbatch", "republish"): ("document_number",),
    ("training_plans.projectchange", "decide"): ("document_number",),
    ("training_recognition.recognition", "recognise"): ("note",),
    ("training_recognition.recognition", "recognise_partly"): ("note",),
    ("training_recognition.recognitioncorrection", "correct"): ("note",),
}


def test_of_each_act_is_known_which_of_its_fields_are_printed() -> None:
    """The others may hold characters that no font draws."""
    printed = {
        (kind.key, transition.name): form_for(transition).printed
        for kind, table in kinds_with_a_table()
        for transition in table.transitions
        if issubclass(form_for(transition), IssueForm)
    }
    assert {act: fields for act, fields in printed.items() if fields} == PRINTED
    assert len(printed) > len(PRINTED)


WHO = {"tell": "handler"}


@pytest.mark.django_db
@pytest.mark.parametrize("act", [*acts(DocumentForm)], ids="-".join)
def test_the_document_bears_the_title_as_it_was_looked_at(act: tuple[str, str], district: District) -> None:
    load_bureau_seals()
    built, name = collect()[act[0]], act[1]
    transition = next(table for kind, table in kinds_with_a_table() if kind.key == act[0]).transition(name)
    case = built.build(district, transition.sources[0])
    data = {**built.data_for(name, district, case)}
    case.refresh_from_db()
    actor = getattr(district, WHO.get(name, "approver"))
    form: Any = form_for(transition)(case=case, actor=actor)
    shown = form.fields["title_lines"].initial
    before = set(Paper.objects.values_list("pk", flat=True))
    # One character at the beginning goes to a line of its own: nothing by sense would do so.
    typed = f"{form.title[:1]}\n{form.title[1:14]}\n{form.title[14:]}"
    fire(case, name, actor=actor, note="按办理情况", data={**data, "title_lines": typed})
    made = Paper.objects.exclude(pk__in=before).exclude(title_lines="").get()
    assert closed_up(made.title) == form.title == shown.replace("\n", "")
    assert made.title_lines == typed


class TestThePage:
    """An approver approves a class whose title is long."""

    TITLE = "设施蔬菜生产与病虫害绿色防控技术高级研修培训班"

    @pytest.fixture
    def case(self, district: District) -> ClassApplication:
        load_bureau_seals()
        case = an_application(district.unit, ClassApplication.State.CHECKED, opens_on=date(2027, 3, 1))
        ClassApplication.objects.filter(pk=case.pk).update(title=self.TITLE)
        case.refresh_from_db()
        return case

    def post(self, district: District, case: ClassApplication, typed: str, **more: str) -> Any:
        address = reverse("workflow:act", args=["training_classes.classapplication", case.pk, "approve"])
        return browser(district.approver).post(address, {"title_lines": typed, **more})

    def title(self, case: ClassApplication) -> str:
        return f"关于准予“{case}”开班的通知"

    def test_shows_the_lines_and_takes_them(self, district: District, case: ClassApplication) -> None:
        address = reverse("workflow:act", args=["training_classes.classapplication", case.pk, "approve"])
        shown = browser(district.approver).get(address).content.decode()
        lines = title_lines(self.title(case))
        assert "\n".join(lines) in shown
        assert len(lines) == 2
        wished = ["关于准予“设施蔬菜生产", "与病虫害绿色防控技术高级研修", "培训班（第1期）”开班的通知"]
        answer = self.post(district, case, "\r\n".join(f" {line}" for line in wished))
        assert answer.status_code == 302, answer.content.decode()
        sweep()
        paper = Paper.objects.of(case).get(kind="opening_notice")
        with paper.file.open() as file:
            sheet = sheets(file.read())[0]
        assert [line.text for line in sheet.lines if line.size == 22] == wished

    def test_a_word_that_is_parted_is_told_and_allowed(self, district: District, case: ClassApplication) -> None:
        title = self.title(case)
        typed = f"{title[:14]}\n{title[14:31]}\n{title[31:]}"
        answer = self.post(district, case, typed)
        assert answer.status_code == 422
        said = answer.content.decode()
        assert "第 1 行断在“与病虫害”中间" in said
        assert typed in said
        assert "标题就按所填的分行" in said
        assert not Paper.objects.exists()
        assert self.post(district, case, typed, title_as_typed="on").status_code == 302
        assert Paper.objects.get().title_lines == typed

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("关于准予\n“设施蔬菜”开班的通知", "不能改字"),
            ("{0}", "第 1 行约 39 个字宽，一行最多 20 个字"),
            ("关于\n{1}", "第 2 行约 37 个字宽"),
        ],
    )
    def test_other_words_and_lines_too_long_are_refused(
        self, district: District, case: ClassApplication, typed: str, said: str
    ) -> None:
        title = self.title(case)
        sent = typed.format(title, title[2:])
        answer = self.post(district, case, sent, title_as_typed="on")
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert sent in answer.content.decode()
        assert not Paper.objects.exists()

    def test_emptied_it_is_parted_by_sense(self, district: District, case: ClassApplication) -> None:
        assert self.post(district, case, " \r\n").status_code == 302
        assert Paper.objects.get().title_lines == ""


@pytest.mark.django_db
def test_lines_of_another_title_are_refused(district: District) -> None:
    with pytest.raises(NotPossible, match="标题现为“准予开班通知”"):
        request_paper("sample.letter", district.unit, actor=district.handler, title_lines="准予\n开课通知")
    assert not Paper.objects.exists()


@pytest.mark.parametrize(
    ("title", "typed", "lines"),
    [
        ("关于公布2026年度项目的通知", ["关于公布", "2026年度项目的通知"], ["关于公布", "2026年度项目的通知"]),
        ("学习 Python 语言的通知", ["学习", "", "Python语言的通知"], ["学习", "Python 语言的通知"]),
        ("关于公布", ["关于公布项目"], None),
        ("关于公布", ["布公", "关于"], None),
        ("关于公布", [], None),
    ],
)
def test_a_title_is_cut_where_the_typed_lines_end(title: str, typed: list[str], lines: list[str] | None) -> None:
    assert cut(title, typed) == lines


def test_what_a_clerk_would_object_to() -> None:
    assert objections(["关于公布", "培训项目的通知"]) == []
    assert objections(["关于公布培", "训项目的通知"]) == ["第 1 行断在“培训项目”中间，看来把词分开了"]
    assert objections(["关于进一步规范专业技术人员", "继续教育", "培训办班管理工作的通知"]) == [
        "第 2 行比上下两行都短，不成梯形或菱形"
    ]
    assert objections(["关于", "公布培训项目的通知"]) == ["第 1 行“关于”太短"]
    assert lines_too_long(["关于公布", "继" * 21]) == ["第 2 行约 21 个字宽，一行最多 20 个字，请再分一行"]
