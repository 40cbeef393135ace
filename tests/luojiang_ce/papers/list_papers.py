"""Every paper that is no official document, with as many rows as one likes: usual ones, and the longest that people
type. Made without a database, by the templates and forms of the product.

`LIST_PAPERS` is by key of paper kind or printout; the walk over what is registered finds whatever is left out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

from luojiang_ce.papers.content import Check, Stamp, qr_svg
from luojiang_ce.papers.form_pdf import TEMPLATE, OpinionBox, form_context
from luojiang_ce.papers.kinds import paper_kinds
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import _printouts
from luojiang_ce.papers.registerbook import OF_A_SEAL
from luojiang_ce.papers.seals import SealShape, seal_svg
from luojiang_ce.sheets.definitions import Column, SheetForm
from tests.luojiang_ce.papers.samples import ISSUER, SEAL_NAME
from tests.training.attendance.photographs.printed import pages_for
from training.classes.changes.printing import FORM as CHANGE
from training.classes.form2 import FORM2, Fact
from training.classes.form3 import FORM3
from training.inspections.draws.reading import STEPS
from training.plans.form1 import FORM1, OPINIONS
from training.recognition.papers import HOURS_SHEET, ROSTER
from verification.batches.form4 import FORM4
from verification.batches.letters import LONG_REASON
from verification.batches.models import Material
from verification.booklets.page import COLUMNS, FOOT, HEAD
from verification.counter.bookings import DAY as DAY_SHEET
from verification.cycles.entries import PROOF
from verification.direct.papers import LIST as PASS_LIST
from verification.own_record import printing as slips
from verification.record import papers as attestations

DAY = date(2026, 11, 29)
PAPER = SimpleNamespace(number="洛人社验〔2026〕00001号", title="验证单", dated=DAY)
SHAPE = SealShape(SEAL_NAME, "洛江区人力资源和社会保障局", "职业能力培训专用章", demo=True)
STAMP = Stamp(seal_svg(SHAPE), SEAL_NAME, "", 20.0)
ADDRESS = "https://jxjy.luojiang.example/check/"
CHECK = Check("7K3Q-WD82-MX4P", f"{ADDRESS}7K3Q-WD82-MX4P/", ADDRESS, qr_svg(ADDRESS * 9), side=24.85)
SEALED = {"paper": PAPER, "stamp": STAMP, "check": CHECK}

NAME, LONG_NAME = "温知故", "阿布都热合曼·买买提吐尔逊·依明江尼亚孜"
UNIT = "洛江区青麓农业技术推广中心"
LONG_UNIT = "泉州市洛江区万安街道社区卫生服务中心（泉州市洛江区万安街道妇幼保健计划生育服务中心）分院第二门诊部"
TITLE = "设施蔬菜生产技术培训班"
LONG_TITLE = "2026年泉州市洛江区乡村振兴战略背景下设施蔬菜绿色高效生产与农产品质量安全检测（PCR、GC-MS/MS）高级研修班"
PHONE, LONG_PHONE = "0595-00000000", "0595-00000000转8001、13000000000"
SPAN = "2026年4月13日至17日"


@dataclass(frozen=True)
class Filling:
    """What rows say: as people usually fill them in, or as much as the fields take."""

    name: str = NAME
    unit: str = UNIT
    title: str = TITLE
    phone: str = PHONE
    text: str = f"{TITLE}，{SPAN}，{UNIT}"
    said: str = "同意。"
    figure: Decimal = Decimal("12.5")

    def cell(self, column: Column, longest: str) -> Any:
        """What stands in a column of a form."""
        if column.kind in ("number", "integer"):
            return self.figure if column.kind == "number" else int(self.figure)
        by_kind = {"name": self.name, "id": "350504********1234", "month": "1985-03", "date": DAY}
        if column.kind in by_kind:
            return by_kind[column.kind]
        if column.choices:
            return max(column.choices, key=len)
        if column.key == longest:
            return self.text
        return "" if self is USUAL else self.title if column.width >= 10 else "正高级，2026年12月起"


USUAL = Filling()
HOSTILE = Filling(
    LONG_NAME,
    LONG_UNIT,
    LONG_TITLE,
    LONG_PHONE,
    "；".join([f"{LONG_TITLE}，2026年12月13日至2027年1月17日，{LONG_UNIT}"] * 3),
    "经核对，" + "材料不齐、名称与公布的项目不一致，须补正后再报。" * 40,
    Decimal("1234567.25"),
)


def rows_of(form: SheetForm, count: int, filling: Filling = USUAL) -> list[dict[str, Any]]:
    """Rows of a form; the longest text says which row it is."""
    longest = max((c for c in form.columns if c.kind == "text"), key=lambda c: c.width).key
    row = {column.key: filling.cell(column, longest) for column in form.columns}
    return [{**row, longest: f"第{n:04d}行{row[longest]}"} for n in range(1, count + 1)]


def sheet(
    form: SheetForm,
    count: int,
    filling: Filling = USUAL,
    *,
    boxes: Sequence[str] = (),
    stamped: str = "",
    paper: bool = False,
    issuer: str = "",
    template: str = TEMPLATE,
    **extra: Any,
) -> list[Printable]:
    """A form of the notice or a list: opinions that stand in it, the last one stamped where `stamped` says so."""
    opinions = [OpinionBox(title, filling.said, filling.name, DAY) for title in boxes]
    if stamped:
        opinions.append(OpinionBox(stamped, filling.said, filling.name, DAY, STAMP, ISSUER))
    lines = {field.key: _line(field.title, filling) for field in (*form.head, *form.foot)}
    context = form_context(form, rows_of(form, count, filling), head=lines, foot=lines, boxes=opinions, **extra)
    sealed = {**SEALED, "issuer": issuer} if paper else {}
    return [Printable(template, {**context, **sealed}, "form", form.title)]


def _line(title: str, filling: Filling) -> str:
    said = {"姓名": filling.name, "单位": filling.unit, "电话": filling.phone, "日期": "2026年11月29日"}
    return next((text for word, text in said.items() if word in title), filling.title)


def person(
    count: int,
    filling: Filling = USUAL,
    *,
    rows: int = 3,
    notes: int = 1,
    statement: str = "",
    second: str = "",
    medical: bool = False,
) -> list[Printable]:
    """A person's page of a verified year with so many trainings; `second`: the other organ that stamps it."""
    amounts = (
        {"class_1": "4", "class_2": "8.25", "general_practice": "2"}
        if medical
        else {"public": "4", "professional": "8"}
    )
    trainings = [
        {"title": f"第{n:04d}行{filling.title}", "days": SPAN, "organiser": filling.unit, "amounts": amounts}
        for n in range(1, count + 1)
    ]
    required = SimpleNamespace(
        title="年度总学时", notes=["按规定计入"] * notes, required="90", reached="94", counted="94", conclusion="达到"
    )
    facts = {"sex": "男", "masked_id": "350504********34"}
    context = {
        "heading": "2026年度专业技术人员继续教育验证单",
        "name": filling.name,
        "record": SimpleNamespace(year=2026, person=SimpleNamespace(**facts), kinds="验证"),
        "frozen": {"unit": filling.unit},
        "title_line": "农艺师，中级",
        "amounts": "公共科目 30 学时，专业科目 64.5 学时，合计 94.5 学时",
        "is_medical": medical,
        "verdict": SimpleNamespace(
            rows=[required] * rows, remark="", document="泉洛政人社〔2017〕27号", rule_title="规则"
        ),
        "trainings": trainings,
        "statement": statement or "经查验，2026年度继续教育达到规定要求，准予验证。",
        "issuer": ISSUER,
        "second_issuer": second,
        "second_stamp": STAMP if second else None,
        **SEALED,
    }
    return [Printable("verification_batches/print/person.html", context, "page", "验证单", "trainings")]


def told(count: int, filling: Filling = USUAL) -> list[Printable]:
    """A page about one person without trainings: a letter of the counter, or of the bureau's own training. Its reason
    is as many lines long as `count` says."""
    facts = [
        ("证件号码", "350504********34"),
        ("工作单位", filling.unit),
        ("不合格的理由", "须由单位说明的情况。" * 3 * count),
    ]
    context = {
        "heading": "年度验证不合格通知书",
        "name": filling.name,
        "dense": 30 * count > LONG_REASON,
        "facts": facts,
        "statement": "经查验，2026年度继续教育未通过验证，理由如上。对结论有疑问的，由单位到区人社局柜台说明。" * 2,
        "remark": f"送：{filling.unit}。年度验证不接受个人申请，由单位统一专人办理（通知 二(三)1）。",
        "issuer": ISSUER,
        **SEALED,
    }
    return [Printable("papers/print/person_page.html", context, "page", "通知书")]


def form2(count: int, filling: Filling = USUAL) -> list[Printable]:
    """附件2 with the fields above its table of lecturers."""
    labels = (
        "期次",
        "科目类别",
        "天数",
        "地点",
        "教材/讲义",
        "考核方式",
        "是否收费、标准",
        "经费来源",
        "负责人",
        "联系人",
    )
    wide = [
        Fact("教学", label, filling.text * 2, wide=True) for label in ("培训班名称", "培训对象", "培训目的", "主要内容")
    ]
    facts = [*wide, *(Fact("班级", label, filling.title) for label in labels)]
    boxes = ("申办单位意见", "业务主管部门意见", "区人社局承办股室意见", "区人社局意见")
    return sheet(FORM2, count, filling, boxes=boxes, template="training_classes/print/form2.html", facts=facts)


def recognised(count: int, filling: Filling = USUAL, form: SheetForm = HOURS_SHEET) -> list[Printable]:
    """The sheet of a recognition, with a correction."""
    why = [("洛人社更〔2026〕3号", DAY, filling.said)]
    return sheet(
        form, count, filling,
        boxes=("区人社局经办审核意见", "区人社局审批意见"), paper=True, issuer=ISSUER,
        template="training_recognition/print/sheet.html",
        totals=[("公共科目", Decimal(4))], people=count, measure="学时", corrections=why,
        replaced="洛人社学认〔2026〕1号", half_days=[],
    )  # fmt: skip


def visit(count: int, filling: Filling = USUAL) -> list[Printable]:
    """The record of a visit with so many findings."""
    finding = SimpleNamespace(get_kind_display="未按计划实施", text=filling.text, clause="通知 一(五)4")
    found = [
        (SimpleNamespace(**{**vars(finding), "text": f"第{n:04d}行{filling.text}"}), "4月13日上午")
        for n in range(1, count + 1)
    ]
    return [visited(found, "情况属实。" if filling is USUAL else filling.said * 2, filling)]


def visited(found: Sequence[Any], statement: str, filling: Filling) -> Printable:
    """The record of a visit with these findings and this statement of the unit."""
    sent = datetime(2026, 4, 13, 10, 30)
    on_site = SimpleNamespace(
        filed=SimpleNamespace(enrolled=40), present=38, signed=37, proxies=1, note=filling.text, statement=statement,
        signer_post="副主任", refused=False, refusal="", sent_at=sent, saved_by=SimpleNamespace(name=filling.name),
    )  # fmt: skip
    case = SimpleNamespace(
        number="LJJC-2026-0001", subject=filling.title, provider=filling.unit, place=filling.unit,
        application=SimpleNamespace(number="LJ-2026-0001"),
    )  # fmt: skip
    context = {
        "case": case, "sheet": on_site, "when": "2026年4月13日（星期一） 10:00", "half_day": "上午",
        "inspectors": f"{filling.name}、{NAME}", "questions": [("是否按课程表授课", filling.title, "是")] * 9,
        "findings": found, "signatures": [(filling.name, part, PIXEL) for part in ("检查人", "检查人", "单位负责人")],
        "photographs": 9, "document": "泉洛政人社〔2017〕27号",
    }  # fmt: skip
    return Printable("training_inspections/print/record.html", context, "page", "现场检查记录")


# One dot, in place of a signature that was drawn.
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


def draw(count: int, filling: Filling = USUAL) -> list[Printable]:
    """The record of a draw from a list of so many classes."""
    number = SimpleNamespace(counter=7, value=12, shares=88)
    taken = SimpleNamespace(number=number, day_number=number, inspector_numbers=[number] * 2)
    subject = [
        SimpleNamespace(name=f"第{n:04d}行{filling.title}", number="LJ-2026-0001", unit=filling.unit)
        for n in range(1, count + 1)
    ]
    people = [filling.name, NAME]
    shown = [
        SimpleNamespace(
            place=n, subject=each, after="LJJC-2026-0001", day="2026年4月13日", inspectors=people, taken=taken
        )
        for n, each in enumerate(subject[: count // 10 + 1], 1)
    ]
    at, weight = datetime(2026, 4, 10, 9, 30), SimpleNamespace(weight=2, why=["收费"], due=True)
    context = {
        "case": SimpleNamespace(
            number="LJCQ-2026-0001", size=count, count=len(shown), of_classes=True, created_at=at,
            drawn_at=at + timedelta(hours=2), digest="9f" * 32, seed="0123456789abcdef" * 4,
        ),
        "about": [("抽查事项", "培训班现场检查"), ("范围", filling.text)], "pair": 2,
        "rows": [SimpleNamespace(subject=each, row=weight) for each in subject],
        "left_out": [SimpleNamespace(subject=each, why="已检查") for each in subject[:3]],
        "inspectors": [(name, 2) for name in people], "shown": shown, "steps": STEPS,
        "history": [(at, "抽取", filling.name), (at, "公布名单", filling.name)],
    }  # fmt: skip
    return [Printable("training_draws/print/record.html", context, "page", "随机抽查记录")]


def cover(count: int, filling: Filling = USUAL) -> list[Printable]:
    """The sheet on top of what a unit brings."""
    batch = SimpleNamespace(
        number="LJYZ-2026-0001", unit=SimpleNamespace(name=filling.unit), year=2026, sequence=1,
        get_path_display="卫生系列", filler=filling.name, phone=filling.phone,
    )  # fmt: skip
    day = datetime(2027, 3, 1, 9, 30)
    slot = SimpleNamespace(date=day.date(), starts_at=day, ends_at=day, place=filling.unit)
    context = {
        "title": "年度验证材料封面", "batch": batch, "people": count, "seat": SimpleNamespace(slot=slot, seat=3),
        "materials": [(n, each.label, n % 2) for n, each in enumerate(Material, 1)], "qr": qr_svg(ADDRESS),
    }  # fmt: skip
    return [Printable("verification_batches/print/cover.html", context, "page", "年度验证材料封面")]


def slip(count: int, filling: Filling = USUAL) -> list[Printable]:
    """Slips for people to read their own record."""
    job = SimpleNamespace(unit=SimpleNamespace(name=filling.unit), department=filling.title[:30])
    about = SimpleNamespace(person=SimpleNamespace(name=filling.name, job=job), last_day=DAY)
    url = f"{ADDRESS}own/{'k' * 43}/"
    return slips.sheets_of([SimpleNamespace(slip=about, code="7K3QWD82", url=url)] * count)


def signing(count: int, filling: Filling = USUAL) -> list[Printable]:
    """The sign-in sheet of a half-day."""
    head = {
        "training": filling.title, "date": "2026年4月13日（星期一）", "half": "上午 08:30–11:30", "place": filling.unit,
        "teacher": filling.name, "keeper": filling.name,
    }  # fmt: skip
    return pages_for([filling.name] * count, head, filling.unit)


def booklet(count: int, filling: Filling = USUAL) -> list[Printable]:
    """A year's page of a booklet."""
    form = SheetForm("证书登记页", "《福建省专业技术人员继续教育证书》登记页", COLUMNS, head=HEAD, foot=FOOT)
    return sheet(form, count, filling)


def attested(count: int, filling: Filling = USUAL) -> list[Printable]:
    """The record of two years for an application, with so many trainings in the second."""
    trainings = [
        {
            "title": f"第{n:04d}行{filling.title}", "organiser": filling.unit, "from": "2026-04-13", "to": "2026-04-17",
            "form": "class", "measure": "hours", "subject": "professional", "amount": "8.00", "intensive": False,
            "course": "", "origins": [],
        }
        for n in range(1, count + 1)
    ]  # fmt: skip
    figures = {"required": "90", "reached": "94", "counted": "94", "conclusion": "达到", "source": "通知 一(三)1"}
    verdict = {"label": "达标", "remark": "", "rows": [{"title": "年度总学时", "notes": ["按规定计入"], **figures}]}
    told = {
        "rule": {"code": "general-2017", "title": "规则", "document": "泉洛政人社〔2017〕27号"}, "verdict": verdict,
        "verification": {"label": "已验证盖章", "paper": PAPER.number, "dated": "2027-01-06"}, "waiver": "",
        "absences": [], "basis": "按报送时登记的情况（一般人员）判定",
    }  # fmt: skip
    known = {"sex": "男", "masked_id": "350504********34", "title": "农艺师"}
    about = {**known, "name": filling.name, "unit": filling.unit}
    years = [{**told, "year": 2025, "entries": trainings[:1]}, {**told, "year": 2026, "entries": trainings}]
    context = {
        **attestations.shown({"person": about, "years": years}),
        "heading": "专业技术人员继续教育情况证明",
        "case": SimpleNamespace(years="2025、2026", purpose=filling.title),
        "statement": "以上为2026年11月29日本系统所载2025、2026年度继续教育情况。",
        "remark": "未设定、未判定的，通知没有规定或没有登记，不作推定。",
        "issuer": ISSUER,
        **SEALED,
    }
    return [Printable("record/print/attestation.html", context, "page", "继续教育情况证明")]


Maker = Callable[..., list[Printable]]
FORM4_BOXES = ("单位意见", "主管部门初审意见")
STAMPED4 = partial(sheet, FORM4, boxes=FORM4_BOXES, stamped="区人社局验证意见", paper=True)
LIST_PAPERS: Mapping[str, Maker] = {
    "verification_person": person,
    "education_person": partial(person, second="泉州市洛江区教育局"),
    "verification_roster": STAMPED4,
    "education_roster": STAMPED4,
    "verification_supplement": told,
    "verification_failed": told,
    "verification_refusal": told,
    "direct_person": told,
    "direct_roster": partial(sheet, PASS_LIST, boxes=["区人社局经办意见"], stamped="区人社局验证意见", paper=True),
    "recognition_sheet": recognised,
    "record_attestation": attested,
    "plans.form1": partial(sheet, FORM1, boxes=OPINIONS),
    "classes.form2": form2,
    "classes.form3": partial(sheet, FORM3),
    "changes.form": partial(sheet, CHANGE, boxes=("施教机构意见", "区人社局承办股室意见", "区人社局意见")),
    "attendance.sheets": signing,
    "recognition.roster": partial(sheet, ROSTER),
    "batches.form4": partial(sheet, FORM4, boxes=(*FORM4_BOXES, "区人社局验证意见")),
    "counter.cover": cover,
    "counter.day": partial(sheet, DAY_SHEET),
    "booklets.pages": booklet,
    "cycles.proof": partial(sheet, PROOF, boxes=("培训机构证明", "任职学校登记")),
    "inspections.record": visit,
    "draws.record": draw,
    "seal_register": partial(sheet, OF_A_SEAL),
    "own_record.slips": slip,
}

# Each of their pages is made by itself, with its own lines to sign or to cut.
BY_THE_PAGE = {"attendance.sheets", "own_record.slips"}
LONGEST_NOTE = 33  # lines of `told`: a step's note has at most 1,000 characters
# Papers that stay below 400 whatever people type.
MOST_OF = {
    **dict.fromkeys(
        ("verification_supplement", "verification_failed", "verification_refusal", "direct_person"), LONGEST_NOTE
    ),
    "counter.cover": 1,
}


def registered() -> set[str]:
    """The keys of what is printed and is no official document."""
    papers = {key for key, kind in paper_kinds().items() if kind.style != "official" and not key.startswith("sample.")}
    return papers | set(_printouts) | {slips.JOB}
