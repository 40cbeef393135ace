"""How papers lie on their sheets: no page holds only a signature, a seal or a code, however many rows there are."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pikepdf
import pytest

from luojiang_ce.papers import rendering
from luojiang_ce.papers.form_pdf import OFFICIAL_WIDTH_MM, OpinionBox, _a_line, form_context, form_printable
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.rendering import lay_out, render, render_each
from luojiang_ce.sheets.definitions import SheetForm
from tests.luojiang_ce.papers.list_papers import (
    CHECK,
    DAY,
    HOSTILE,
    LIST_PAPERS,
    PAPER,
    SEALED,
    STAMP,
    USUAL,
    Filling,
    person,
    rows_of,
)
from tests.luojiang_ce.papers.reading import word, words
from tests.luojiang_ce.papers.ruler import sheets
from tests.luojiang_ce.papers.samples import ISSUER
from tests.luojiang_ce.papers.sheets_of_boxes import laid_out, says_something
from training.classes.form2 import FORM2
from training.plans.form1 import FORM1
from training.plans.papers import PROJECTS
from training.recognition.papers import CREDITS_SHEET, HOURS_SHEET, ROSTER
from verification.batches.form4 import FORM4

pytestmark = pytest.mark.thorough
SIZES = (1, 8, 10, 30, 300)
ROW = re.compile(r"第(\d{4})行")


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
    if "印发" in pages[-1] and not ROW.search(pages[-1]):
        assert len(pages) % 2 == 0, "the 版记 has a page for itself where that is the back of the last sheet"
        pages.pop()
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


BOTH = "泉州市洛江区教育局"  # at the end of a cycle two organs stamp a teacher's page
WHY = "2026年度继续教育未达到规定要求，经审批同意通过验证。理由：" + "经核实长期外派支教、病假。" * 23  # 300 characters


class TestOneSheet:
    """The page of a person: one sheet at any number of trainings, the whole list overleaf where it does not fit."""

    @pytest.mark.parametrize("count", [0, 1, 5, 15, 40, 120])
    @pytest.mark.parametrize("filling", [USUAL, HOSTILE], ids=["usual", "long"])
    @pytest.mark.parametrize("second", ["", BOTH], ids=["one seal", "two seals"])
    def test_everything_that_is_sealed_stands_on_one_sheet(self, count: int, filling: Filling, second: str) -> None:
        (page,) = person(count, filling, rows=7 if filling is HOSTILE else 3, notes=2, second=second)
        if filling is HOSTILE:
            page = replace(page, context={**page.context, "statement": WHY})
        first, *overleaf = pages_of(render(page).content)
        for said in (CHECK.code, WHY[-9:] if filling is HOSTILE else "准予验证", "样章", "2026年11月29日", second):
            assert said in first
        shown = [int(n) for n in ROW.findall(first)]
        assert shown == list(range(1, len(shown) + 1))
        assert bool(overleaf) == (len(shown) < count)
        if overleaf:
            assert re.search(f"[等共]{count}项，全部明细见背面附页", first)
            assert [int(n) for n in ROW.findall("".join(overleaf))] == list(range(1, count + 1))
        assert all(ROW.search(page) and PAPER.number in page for page in overleaf)
        assert all(f"第{nth}页" in page for nth, page in enumerate((first, *overleaf), 1))

    def test_fifteen_trainings_stand_on_the_sheet(self) -> None:
        (page,) = pages_of(render(person(15)[0]).content)
        assert len(ROW.findall(page)) == 15

    def test_as_many_as_fit_means_that_one_more_would_not(self) -> None:
        most = next(count for count in range(15, 40) if len(pages_of(render(person(count)[0]).content)) > 1) - 1
        first = pages_of(render(person(most + 1)[0]).content)[0]
        # The line that says how many there are takes the place of one.
        assert most - 1 <= len(ROW.findall(first)) <= most

    def test_code_and_seal_stand_side_by_side_and_the_seal_over_issuer_and_date(self) -> None:
        content = render(person(40)[0]).content
        code, mark, issuer = (word(content, text) for text in (CHECK.code, "样章", ISSUER))
        day = next(w for w in words(content) if w.text == "2026年11月29日" and w.x > 100)
        assert code.x < issuer.x < mark.x
        top = mark.y - 112 / 200 * 40
        assert top < code.y < top + 40
        assert top < issuer.y < day.y < top + 40

    def test_sheets_written_together_keep_their_own_pages(self) -> None:
        together = [pages_of(each.content) for each in render_each([person(n)[0] for n in (1, 40, 2)])]
        assert [len(pages) for pages in together][::2] == [1, 1]
        assert len(ROW.findall("".join(together[1][1:]))) == 40


@pytest.mark.parametrize("filling", [USUAL, HOSTILE], ids=["usual", "long"])
def test_no_seal_of_a_form_lies_over_whoever_handled_it(filling: Filling) -> None:
    for key in ("verification_roster", "direct_roster"):
        (form,) = LIST_PAPERS[key](1, filling)
        page = sheets(render(form).content)[-1]
        (seal,) = {(round(c.left), round(c.right)) for c in page.circles if c.width > 35}
        handler = page.line("办理人")
        assert not (seal[0] < handler.end and handler.start < seal[1]), (key, seal, handler.start, handler.end)


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


@pytest.mark.parametrize(
    ("title", "room", "a_line"),
    [
        ("授课教师", 3, 2),
        ("未达标原因", 4, 4),
        ("领取人签名", 3, 3),
        ("部门/岗位", 4, 4),
        ("每期人数", 1, 1),
        ("出生年月", 4, 0),
        ("经费预算（元）", 3, 0),
    ],
)
def test_the_lines_of_a_column_title_are_as_long_as_each_other(title: str, room: int, a_line: int) -> None:
    assert _a_line(title, room) == a_line


@pytest.mark.parametrize("key", ["inspections.record", "record_attestation"])
def test_a_page_that_fits_on_one_sheet_set_densely_is_one_sheet(key: str) -> None:
    sheets_of = (LIST_PAPERS[key](count)[0] for count in range(1, 40))
    printable = next(each for each in sheets_of if len(laid_out(each).pages) == 2)
    (page,) = lay_out(printable, {}).pages
    assert says_something(page)
