"""How papers lie on their sheets: no page holds only a signature, a seal or a code, however many rows there are."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pikepdf
import pytest

from luojiang_ce.papers import rendering
from luojiang_ce.papers.content import Check, Stamp, qr_svg
from luojiang_ce.papers.form_pdf import OFFICIAL_WIDTH_MM, OpinionBox, form_context, form_printable
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import render, render_each
from luojiang_ce.papers.seals import SealShape, seal_svg
from luojiang_ce.sheets.definitions import SheetForm
from tests.luojiang_ce.papers.reading import word, words
from tests.luojiang_ce.papers.ruler import in_seal, sheets, stand_ins
from tests.luojiang_ce.papers.samples import ISSUER, SEAL_NAME
from training.classes.form2 import FORM2
from training.plans.form1 import FORM1
from training.plans.papers import PROJECTS
from training.recognition.papers import CREDITS_SHEET, HOURS_SHEET, ROSTER
from verification.batches.form4 import FORM4

pytestmark = pytest.mark.thorough
DAY = date(2026, 11, 29)
PAPER = SimpleNamespace(number="洛人社验〔2026〕00001号", title="验证单", dated=DAY)
SHAPE = SealShape(SEAL_NAME, "洛江区人力资源和社会保障局", "职业能力培训专用章", demo=True)
STAMP = Stamp(seal_svg(SHAPE), SEAL_NAME, "", 20.0)
ADDRESS = "https://jxjy.luojiang.example/check/"
CHECK = Check("7K3Q-WD82-MX4P", f"{ADDRESS}7K3Q-WD82-MX4P/", ADDRESS, qr_svg(ADDRESS))
SEALED = {"paper": PAPER, "stamp": STAMP, "check": CHECK}
SIZES = (1, 8, 10, 30, 300)
ROW = re.compile(r"第(\d{4})行")


def rows_of(form: SheetForm, count: int) -> list[dict[str, Any]]:
    """Rows whose longest column says which they are, long enough for several lines."""
    longest = max((c for c in form.columns if c.kind == "text"), key=lambda c: c.width).key
    numbers = {column.key: Decimal("12.5") for column in form.columns if column.kind == "number"}
    names = {column.key: "温知故" for column in form.columns if column.kind == "name"}
    text = "设施蔬菜生产技术培训班，2026年4月13日至17日，洛江区青麓农业技术推广中心"
    return [{**numbers, **names, longest: f"第{n:04d}行{text}"} for n in range(1, count + 1)]


def sheet(form: SheetForm, count: int, *, template: str = "papers/print/form.html", issuer: str = "") -> Printable:
    stamped = OpinionBox("区人社局验证意见", "经验证，合格。", "许明", DAY, None if issuer else STAMP, ISSUER)
    boxes = [OpinionBox("单位意见"), OpinionBox("主管部门初审意见", "审核通过", "林清", DAY), stamped]
    context = form_context(form, rows_of(form, count), boxes=boxes)
    return Printable(template, {**context, "issuer": issuer, **SEALED}, "form", form.title)


def publication(count: int) -> Printable:
    table = form_context(PROJECTS, rows_of(PROJECTS, count), width_mm=OFFICIAL_WIDTH_MM)
    context = {
        "issuer": ISSUER,
        "to": "各乡镇（街道）",
        "batch": SimpleNamespace(year=2026),
        "projects": count,
        **table,
        "annex": "2026年度培训项目表",
        "enclosures": ["2026年度培训项目表"],
        "printed_by": ISSUER,
        **SEALED,
    }
    return Printable("training_plans/print/publication.html", context, "official", "公布培训项目的通知")


def recognition(form: SheetForm, count: int) -> Printable:
    made = sheet(form, count, template="training_recognition/print/sheet.html", issuer=ISSUER)
    more = {"totals": [("公共科目", Decimal(4))], "people": count, "measure": "学时"}
    return replace(made, context={**made.context, **more})


MAKERS = {
    "附件4": lambda count: sheet(FORM4, count),
    "附件1": lambda count: sheet(FORM1, count),
    "学时认定表": lambda count: recognition(HOURS_SHEET, count),
    "学分认定表": lambda count: recognition(CREDITS_SHEET, count),
    "花名册": lambda count: sheet(ROSTER, count),
    "公布": publication,
}


def pages_of(content: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        count = len(pdf.pages)
    return [re.sub(r"\s", "", "".join(w.text for w in words(content, page))) for page in range(count)]


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("name", MAKERS)
def test_every_page_of_a_paper_holds_rows_and_all_rows_are_there(name: str, count: int) -> None:
    pages = pages_of(render(MAKERS[name](count)).content)
    # An attachment follows the letter, whose last page is the signed one.
    letter = next(n for n, page in enumerate(pages) if page.startswith("附件")) if name == "公布" else 0
    assert all(ROW.search(page) for page in pages[letter:]), [bool(ROW.search(page)) for page in pages]
    assert [int(n) for n in ROW.findall("".join(pages))] == list(range(1, count + 1))
    assert CHECK.code in pages[letter - 1]


def test_every_page_holds_rows_wherever_the_table_happens_to_end() -> None:
    for count in range(1, 27):
        pages = pages_of(render(recognition(HOURS_SHEET, count)).content)
        assert all(ROW.search(page) for page in pages), count


@pytest.mark.notice("附件4")
@pytest.mark.parametrize("trainings", [1, 3, 10, 40])
def test_a_row_that_says_a_lot_goes_on_below_and_every_page_has_the_head(trainings: int) -> None:
    organiser = "洛江区万安街道社区卫生服务中心（洛江区万安街道妇幼保健计划生育服务中心）分院第二门诊部"
    said = "；".join(
        f"第{n:04d}行农产品质量安全检测培训班，2026年4月13日至17日，{organiser}" for n in range(1, trainings + 1)
    )
    rows = [{"name": "温知故", "trainings": said}, {"name": "许明", "trainings": "第0000行"}]
    context = form_context(FORM4, rows, boxes=[OpinionBox("区人社局验证意见", "", "", DAY, STAMP, ISSUER)])
    pages = pages_of(render(Printable("papers/print/form.html", {**context, **SEALED}, "form", "附件4")).content)
    assert all("身份证号" in page and ROW.search(page) for page in pages)
    # The first line of a part stands beside the middle of it, so the text is looked at row by row.
    assert "".join(line.cells[10].text for line in context["rows"]) == f"{said}第0000行"
    further = [line.cells[0].text for line in context["rows"]]
    assert further == ["1", *["1续"] * (len(further) - 2), "2"]
    assert (len(further) > 2) == (trainings >= 10)


@pytest.mark.parametrize("name", MAKERS)
def test_the_smallest_type_of_a_paper_is_9_points_and_copies_as_it_was_set(name: str) -> None:
    glyphs = [glyph for page in sheets(render(MAKERS[name](3)).content) for glyph in page.glyphs]
    sizes = {glyph.size: glyph.text for glyph in glyphs if not in_seal(glyph)}
    assert min(sizes) >= 8.99, sizes[min(sizes)]
    assert not stand_ins("".join(glyph.text for glyph in glyphs))


@pytest.mark.notice("附件1")
def test_a_figure_is_never_broken() -> None:
    figures = {"budget": Decimal("1234567890.55"), "days": Decimal("1234.5"), "sessions": 12345, "people": 1234567890}
    said = [w.text for w in words(render(form_printable(FORM1, [figures] * 2)).content)]
    for figure in figures.values():
        assert any(str(figure) in text.split() for text in said), figure


@pytest.mark.notice("一(五)1")
def test_a_long_publication_says_once_how_many_projects_there_are() -> None:
    text = "".join(pages_of(render(publication(230)).content))
    assert text.count("现将2026年度") == 1
    assert "共230个" in text


def test_a_list_laid_out_in_parts_ends_with_rows_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "PART_ROWS", 7)
    for count in (7, 8, 13, 14, 15, 20):
        pages = pages_of(render(sheet(FORM4, count)).content)
        assert all(ROW.search(page) for page in pages), count
        assert [int(n) for n in ROW.findall("".join(pages))] == list(range(1, count + 1))


@pytest.mark.notice("附件4")
def test_the_seal_of_a_stamped_box_lies_over_the_name_of_whose_seal_it_is_and_the_date() -> None:
    content = render(sheet(FORM4, 1)).content
    name, day, mark = (word(content, text) for text in (ISSUER, "2026年11月29日", "样章"))
    days = [w for w in words(content) if w.text == "2026年11月29日" and w.x > 200]
    middle = name.x + len(ISSUER) * name.size / 72 * 25.4 / 2
    seal = mark.x + mark.size / 72 * 25.4  # two characters
    assert middle == pytest.approx(seal, abs=1.5)
    top = mark.y - 112 / 200 * 40
    assert top < name.y < days[-1].y < top + 40
    assert day.y > 0


class TestOneSheet:
    """The page of a person: one sheet at any number of trainings, the whole list overleaf where it does not fit."""

    @staticmethod
    def page(count: int, *, notes: int = 1, statement: str = "准予验证。", rows: int = 3) -> Printable:
        trainings = [
            {
                "title": f"第{n:04d}行设施蔬菜生产技术培训班",
                "days": "2026年4月13日至17日",
                "organiser": "洛江区青麓农业技术推广中心",
                "amounts": {"public": "4", "professional": "8"},
            }
            for n in range(1, count + 1)
        ]
        required = [
            SimpleNamespace(
                title="年度总学时", notes=["按规定计入"] * notes, required="90", reached="94", counted="94",
                conclusion="达到",
            )
            for _ in range(rows)
        ]  # fmt: skip
        context = {
            "heading": "2026年度专业技术人员继续教育验证单",
            "name": "温知故",
            "record": SimpleNamespace(
                year=2026, person=SimpleNamespace(sex="男", masked_id="350504********34"), kinds="验证"
            ),
            "frozen": {"unit": "洛江区青麓农业技术推广中心"},
            "title_line": "农艺师，中级",
            "amounts": "合计 94.5 学时",
            "is_medical": False,
            "verdict": SimpleNamespace(rows=required, remark="", document="泉洛政人社〔2017〕27号", rule_title="规则"),
            "trainings": trainings,
            "statement": statement,
            "issuer": ISSUER,
            **SEALED,
        }
        return Printable("verification_batches/print/person.html", context, "page", "验证单", "trainings")

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_few_trainings_leave_nothing_for_overleaf(self, count: int) -> None:
        pages = pages_of(render(self.page(count)).content)
        assert len(pages) == 1
        assert len(ROW.findall(pages[0])) == count
        assert "背面" not in pages[0]

    @pytest.mark.parametrize("count", [10, 40, 120])
    def test_many_trainings_are_named_on_the_sheet_as_far_as_they_fit_and_all_overleaf(self, count: int) -> None:
        first, *overleaf = pages_of(render(self.page(count)).content)
        shown = [int(n) for n in ROW.findall(first)]
        assert shown == list(range(1, len(shown) + 1))
        if len(shown) < count:
            assert f"等{count}项，全部明细见背面附页" in first
            assert [int(n) for n in ROW.findall("".join(overleaf))] == list(range(1, count + 1))
        for said in (CHECK.code, "准予验证", "样章", "2026年11月29日"):
            assert said in first
        assert all(ROW.search(page) and PAPER.number in page for page in overleaf)
        assert all(f"第{nth}页" in page for nth, page in enumerate((first, *overleaf), 1))

    def test_as_many_as_fit_means_that_one_more_would_not(self) -> None:
        most = max(count for count in range(1, 20) if len(pages_of(render(self.page(count)).content)) == 1)
        first = pages_of(render(self.page(most + 1)).content)[0]
        # The line that says how many there are takes the place of one.
        assert most - 1 <= len(ROW.findall(first)) <= most
        assert most >= 5

    def test_a_long_reason_and_many_requirements_leave_no_page_with_the_seal_alone(self) -> None:
        for rows in (3, 6, 9):
            long = self.page(
                12, notes=3, rows=rows, statement="未达到规定要求，经审批同意通过验证。理由：" + "支教" * 140
            )
            pages = pages_of(render(long).content)
            sealed = next(page for page in pages if "样章" in page)
            assert "理由：支教" in sealed
            assert all(ROW.search(page) or "年度总学时" in page or "理由" in page for page in pages)

    def test_sheets_written_together_keep_their_own_pages(self) -> None:
        together = [pages_of(each.content) for each in render_each([self.page(1), self.page(40), self.page(2)])]
        assert [len(pages) for pages in together][::2] == [1, 1]
        assert len(ROW.findall("".join(together[1][1:]))) == 40


def test_what_a_file_says_of_itself_survives_splitting_and_joining() -> None:
    alone = render(sheet(ROSTER, 2, issuer=ISSUER)).content
    together = [each.content for each in render_each([sheet(ROSTER, 2, issuer=ISSUER)] * 2)]
    assert _said_of(alone)["Author"] == ISSUER
    assert _said_of(alone)["Subject"] == f"{PAPER.number}，核验码 {CHECK.code}"
    assert "CreationDate" in _said_of(alone)
    undated = [{k: v for k, v in _said_of(each).items() if not k.endswith("Date")} for each in (alone, *together)]
    assert undated[0] == undated[1] == undated[2]
    assert [sorted(_said_of(each)) for each in together] == [sorted(_said_of(alone))] * 2


def test_a_form_that_does_not_sign_with_its_issuers_name_says_who_made_it() -> None:
    made = sheet(ROSTER, 1)
    content = render(replace(made, context={**made.context, "author": ISSUER})).content
    assert _said_of(content)["Author"] == ISSUER


def _said_of(content: bytes) -> dict[str, str]:
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_metadata() as metadata:
        info = {key.removeprefix("/"): str(value) for key, value in pdf.docinfo.items()}
        return {**info, **{key.rsplit("}")[-1] + "@xmp": str(metadata[key]) for key in metadata if "Date" not in key}}


@pytest.mark.notice("附件2")
@pytest.mark.parametrize("times", [1, 5, 30])
def test_nothing_of_an_opinion_runs_into_who_signed_it(times: int) -> None:
    said = "与本系统年度计划中的同名班重复，" * times + "完"
    boxes = [
        OpinionBox("申办单位意见"),
        OpinionBox("业务主管部门意见", said, "许清言", DAY),
        OpinionBox("区人社局承办股室意见", "拟同意开班", "岳临川", DAY),
        OpinionBox("区人社局意见"),
    ]
    content = render(form_printable(FORM2, [{"name": "温知故"}], boxes=boxes)).content
    assert word(content, "完").y < word(content, "许清言").y - 4
    assert word(content, "区人社局意见").y < 280
    side_by_side = word(content, "申办单位意见").y == pytest.approx(word(content, "区人社局意见").y, abs=0.5)
    assert side_by_side == (times < 30)


@pytest.mark.notice("一(五)1")
@pytest.mark.parametrize(
    ("form", "period"), [(PROJECTS, "12月21日至12月31日"), (FORM1, "2026年12月21日至2026年12月31日")]
)
def test_a_period_is_broken_between_its_days(form: SheetForm, period: str) -> None:
    said = [each.text for each in words(render(form_printable(form, [{"period": period}])).content)]
    last = period.split("至")[1]
    assert any(last in text and text != period for text in said), said
