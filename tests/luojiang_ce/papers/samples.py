"""Papers as the apps will make them, about units and persons: one of each style, with texts as long as real ones."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from luojiang_ce.jobs.services import run
from luojiang_ce.papers.form_pdf import OpinionBox, form_context
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.papers.public import masked_name
from luojiang_ce.papers.services import request_paper
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workflow import case_kind
from tests.conftest import District
from units.models import Person, Unit

SEAL_NAME = "洛江区人力资源和社会保障局职业能力培训专用章"
ISSUER = "泉州市洛江区人力资源和社会保障局"

ROSTER = SheetForm(
    code="附件4",
    title="洛江区专业技术人员继续教育培训证书发放、验证花名册",
    orientation="landscape",
    head=(
        HeadField("unit", "单位名称（盖章）"),
        HeadField("authority", "主管部门"),
        HeadField("year", "验证年度"),
        HeadField("filler", "填报人"),
        HeadField("phone", "电话"),
        HeadField("date", "日期"),
        HeadField("count", "人数"),
    ),
    columns=(
        Column("name", "姓名", kind="name", width=8),
        Column("sex", "性别", width=3),
        Column("birth", "出生年月", width=7),
        Column("id_number", "身份证号", kind="id", width=19),
        Column("department", "部门/岗位", width=9),
        Column("series", "系列", width=5),
        Column("title", "专业技术职务、级别、任职时间", width=14),
        Column("certificate", "证书编号", width=12),
        Column("action", "办理类别", kind="choice", width=5),
        Column("verification", "名称、时间、主办单位", width=22, group="培训项目"),
        Column("public", "公共", kind="number", width=5, group="学时"),
        Column("professional", "专业", kind="number", width=5, group="学时"),
        Column("first", "Ⅰ类", kind="number", width=5, group="卫生学分"),
        Column("second", "Ⅱ类", kind="number", width=5, group="卫生学分"),
        Column("general", "全科", kind="number", width=5, group="卫生学分"),
        Column("remote", "其中远程", kind="number", width=5, group="卫生学分"),
        Column("total", "合计", kind="number", width=6),
        Column("met", "是否达标", kind="choice", width=5),
        Column("evidence", "佐证材料", width=8),
        Column("why", "未达标原因", width=8),
        Column("result", "验证结果", kind="choice", width=5),
        Column("received", "领取人签名", width=8),
        Column("note", "备注", width=6),
    ),
    foot=(HeadField("leader", "单位负责人"), HeadField("filler", "填表人"), HeadField("date", "填报日期")),
)
NAMES = ("温知故", "王小明", "欧阳𬭎", "林䶮", "陈㛃", "阿依古丽·买买提", "曾仇", "许明")


def roster_row(number: int) -> dict[str, Any]:
    """A row of 附件4, with a long training and, now and then, a rare character."""
    return {
        "name": NAMES[number % len(NAMES)],
        "sex": "男" if number % 2 else "女",
        "birth": "1985-03",
        "id_number": "999999********1234",
        "department": "农技推广股",
        "series": "农业",
        "title": "农艺师、中级、2015-03",
        "certificate": f"LJ2016{number:05d}",
        "action": "验证",
        "verification": "设施蔬菜生产技术培训班，2026年4月13日至17日，洛江区青麓农业技术推广中心",
        "public": Decimal("30.0"),
        "professional": Decimal("64.5"),
        "total": Decimal("94.5"),
        "met": "是",
        "result": "合格",
    }


def boxes() -> list[OpinionBox]:
    """The three boxes under 附件4."""
    return [
        OpinionBox("单位意见", "情况属实，同意报送。"),
        OpinionBox("主管部门初审意见（卫健、教育）"),
        OpinionBox("区人社局验证意见", "经审核，验证合格。"),
    ]


def letter(paper: Paper) -> dict[str, Any]:
    unit = Unit.objects.get(pk=paper.case_id)
    text = "根据《泉州市人力资源和社会保障局关于规范开展专业技术人员继续教育培训工作的通知》要求，经研究，通知如下："
    return {
        "issuer": ISSUER,
        "to": unit.name,
        "heading": "关于准予举办设施蔬菜生产技术培训班的通知",
        "paragraphs": [text, "同意你单位按照备案的课程表和师资开班，核准公共科目12学时、专业科目28学时。" * 3] * 2,
        "enclosures": ["洛江区专业技术人员继续教育培训班课程表", "学员花名册"],
        "copy_to": "区委组织部，区教育局，区卫生健康局",
        "printed_by": "洛江区人力资源和社会保障局办公室",
    }


def letter_facts(paper: Paper) -> list[tuple[str, object]]:
    return [
        ("事项", "准予开班"),
        ("单位", Unit.objects.get(pk=paper.case_id).name),
        ("核准学时", "公共 12.0，专业 28.0"),
    ]


def row(requirement: str, required: Any, reached: Any, met: Any, note: str = "") -> SimpleNamespace:
    return SimpleNamespace(
        requirement=requirement, required=required, reached=reached, counted=reached, met=met, note=note
    )


def page(paper: Paper) -> dict[str, Any]:
    person = Person.objects.get(pk=paper.subject_id)
    return {
        "issuer": ISSUER,
        "heading": "专业技术人员继续教育年度验证结果",
        "name": person.name,
        "facts": [
            ("身份证号", person.masked_id),
            ("单　　位", Unit.objects.get(pk=paper.case_id).name),
            ("专业技术职务", "农艺师（中级）"),
            ("证书编号", "LJ201600018"),
            ("验证年度", f"{paper.year - 1} 年度"),
        ],
        "verdict": [
            row("年度总学时", Decimal(90), Decimal("94.5"), True),
            row("专业科目", Decimal(60), Decimal("64.5"), True),
            row("公共科目", None, Decimal("30"), None, "省定比重未设定，仅作提示"),
        ],
        "statement": f"{person.name}同志{paper.year - 1}年度继续教育经审核，共94.5学时，验证合格。",
        "remark": "验证依据：泉洛政人社〔2017〕27号。",
    }


def page_facts(paper: Paper) -> dict[str, object]:
    person = Person.objects.get(pk=paper.subject_id)
    return {
        "姓名": masked_name(person.name),
        "单位": Unit.objects.get(pk=paper.case_id).name,
        "年度": f"{paper.year - 1} 年度",
        "学时": "94.5（专业 64.5）",
        "结果": "验证合格",
    }


def roster(paper: Paper) -> dict[str, Any]:
    unit = Unit.objects.get(pk=paper.case_id)
    head = {"unit": unit.name, "authority": "洛江区农业农村局", "year": paper.year - 1, "filler": "许明", "count": 30}
    rows = [roster_row(number) for number in range(30)]
    return form_context(ROSTER, rows, head=head, foot={"leader": "温知故"}, boxes=boxes()) | {"issuer": ISSUER}


def roster_facts(paper: Paper) -> dict[str, object]:
    return {"单位": Unit.objects.get(pk=paper.case_id).name, "人数": 30}


LETTER = PaperKind(
    key="sample.letter",
    title="准予开班通知",
    case_model=Unit,
    template="papers/print/official.html",
    style="official",
    version="1",
    build=letter,
    public_facts=letter_facts,
    number_format="洛人社培〔{year}〕{seq}号",
)
PAGE = PaperKind(
    key="sample.page",
    title="继续教育验证证明",
    case_model=Unit,
    subject_model=Person,
    in_order=("pinyin", "pk"),
    template="papers/print/person_page.html",
    style="page",
    version="1",
    build=page,
    public_facts=page_facts,
    number_format="洛人社验〔{year}〕{seq:05d}号",
)
LIST = PaperKind(
    key="sample.roster",
    title="验证花名册",
    case_model=Unit,
    template="papers/print/form.html",
    style="form",
    version="1",
    build=roster,
    public_facts=roster_facts,
    number_format="洛人社册〔{year}〕{seq:04d}号",
)
TYPED = PaperKind(
    key="sample.typed",
    title="培训项目公布文件",
    case_model=Unit,
    template="papers/print/official.html",
    style="official",
    version="1",
    build=letter,
    public_facts=letter_facts,
)


def register_paper(paper: PaperKind) -> None:
    """A further kind of paper of a kind of case, until the test is over (the folder's conftest)."""
    known, key = case_kind._kinds, paper.case_model._meta.label_lower
    known[key] = replace(known[key], papers=(*known[key].papers, paper))


def register_samples() -> None:
    """Make the sample kinds known."""
    for kind in (LETTER, PAGE, LIST, TYPED):
        register_paper(kind)


def seal_of(owner: Unit, **changes: Any) -> Seal:
    """The seal of the notice, drawn with 样章 across it, in use since the notice."""
    values = {
        "name": SEAL_NAME,
        "purpose": "verification",
        "owner_type": "units.unit",
        "owner_id": owner.pk,
        "arc_text": "洛江区人力资源和社会保障局",
        "line_text": "职业能力培训专用章",
        "provider": Seal.Provider.DRAWN,
        "demo": True,
    }
    return Seal.objects.create(**(values | changes))


def bureau_seal(district: District) -> Seal:
    return seal_of(district.bureau)


def issued_letter(district: District, **options: Any) -> Paper:
    """A letter to the unit, rendered and stamped."""
    register_samples()
    seal = options.pop("seal", None) or Seal.objects.filter(purpose="verification").first() or bureau_seal(district)
    paper = request_paper(
        "sample.letter", district.unit, actor=district.keeper, approver=district.approver, seal=seal, **options
    )
    return made(paper)


def issued_page(district: District, person: Person) -> Paper:
    """A page about a person of the unit, rendered and stamped."""
    register_samples()
    seal = Seal.objects.filter(purpose="verification").first() or bureau_seal(district)
    paper = request_paper("sample.page", district.unit, actor=district.keeper, subject=person, seal=seal)
    return made(paper)


def made(paper: Paper) -> Paper:
    """The paper after its job has run here, without a worker."""
    run(paper.job_id)
    paper.refresh_from_db()
    return paper
