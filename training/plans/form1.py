"""附件1 as one definition: the screen table, the workbook and the PDF are made from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from luojiang_ce import clock
from luojiang_ce.sheets.cells import Value
from luojiang_ce.sheets.definitions import FOOT_WORDS, Column, HeadField, SheetForm
from luojiang_ce.workdays.text import full
from training.choices import Category, Form, Funding

from .models import Plan, PlanItem

# What units call our columns.
TITLES = ("培训班名", "班名", "培训班", "培训项目", "项目名称", "培训项目名称", "培训名称", "办班名称", "名称")
PERIODS = ("起止时间", "培训时间", "拟定时间", "起止日期", "拟办时间", "拟定起止日期", "办班时间", "时间")
FEES = ("是否收费、标准、批准文号", "收费情况", "收费标准及批准文号", "收费标准、批准文号", "收费情况及批准文号")
CONTACTS = ("联系人及电话", "联系人（电话）", "联系人/电话", "联系人", "联系方式")
STARTS = ("开始时间", "起", "开始", "开班日期", "开班时间", "起始日期", "起始时间", "拟定开始日期")
ENDS = ("结束时间", "止", "结束", "结业日期", "终止日期", "截止日期", "拟定结束日期")
_AMOUNT = "拟授学时（学分）"


def _amounts(*words: str) -> tuple[str, ...]:
    """How units head the amounts of a subject, also where the head has one line."""
    tails = ("科目", "学时", "学分", "（学时）", "（学分）", "学时（学分）", "科目学时", "科目（学时）")
    return tuple(each for word in words for each in (*(word + tail for tail in tails), _AMOUNT + word))


# What units write for our words; beside them a cell may say more (专业科目（学科知识）).
_CATEGORIES = (
    *(("公需", "公共"), ("公需科目", "公共"), ("公共科目", "公共"), ("专业科目", "专业")),
    *(("初任班", "初任"), ("初任培训", "初任"), ("研修班", "研修"), ("高级研修", "研修"), ("中级研修", "研修")),
)
_FORMS = (
    *(("集中面授", "面授"), ("集中培训", "面授"), ("现场", "面授"), ("线下", "面授"), ("线上", "远程")),
    *(("网络", "远程"), ("远程网络", "远程"), ("线上线下结合", "混合"), ("线上+线下", "混合"), ("面授+远程", "混合")),
)
_FUNDING = (
    *(("财政", "财政预算"), ("财政拨款", "财政预算"), ("财政资金", "财政预算"), ("区财政", "财政预算")),
    *(("自筹", "单位自筹"), ("单位经费", "单位自筹"), ("单位承担", "单位自筹"), ("上级补助", "上级拨款")),
    *(("上级资金", "上级拨款"), ("上级专项", "上级拨款"), ("自费", "学员缴费"), ("学员自费", "学员缴费")),
)
_FEET = (
    *("填报单位", "单位意见", "主管部门意见", "区人社局审核意见", "区人社局意见", "区人力资源和社会保障局审核意见"),
    *("区人力资源和社会保障局意见", "协调小组意见", "区治理整顿培训办班工作协调小组意见", "反腐败领导小组办公室意见"),
    *("区委反腐败领导小组办公室意见", "单位（盖章）", "单位(盖章)", "审核意见", "领导签字"),
)


def _says_a_class(cells: Mapping[str, Value]) -> bool:
    """A class whose name begins like a foot (负责人研修班) has more than a name and sums."""
    return "title" in cells and any(key in cells for key in ("period", "starts", "content", "audience", "category"))


FORM1 = SheetForm(
    code="附件1",
    title="区直机关事业单位培训办班计划登记表",
    orientation="landscape",
    head=(HeadField("year", "计划年度"),),
    columns=(
        Column("organiser", "主办单位", ("主办", "举办单位", "主办部门"), width=14),
        Column("co_organiser", "承办（协办）单位", ("承办单位", "协办单位", "承办、协办单位", "承办"), width=12),
        Column("title", "培训班名称", TITLES, width=16, required=True),
        Column("basis", "办班依据（文件名、文号）", ("办班依据", "依据", "举办依据", "文件依据"), width=15),
        Column("content", "培训内容（主要课程）", ("培训内容", "主要内容", "主要课程", "内容"), width=18),
        Column(
            "category",
            "科目类别",
            ("类别", "培训类别", "科目"),
            kind="choice",
            width=6,
            choices=tuple(Category.labels),
            choice_spellings=_CATEGORIES,
        ),
        Column("audience", "培训对象", ("对象", "参训对象", "参加对象"), width=12),
        Column("sessions", "期数", ("培训期数", "班次", "期次", "期数（期）"), kind="integer", width=4),
        Column(
            "people",
            "每期人数",
            ("人数", "培训人数", "每期人数（人）", "人数（人）", "每期培训人数", "人数/期"),
            kind="integer",
            width=5,
        ),
        Column(
            "period",
            "拟定起止时间",
            PERIODS,
            width=23,
            help="如 2026年3月2日至6日；没有写年份的，按计划年度",
        ),
        Column("days", "天数", ("培训天数", "每期天数", "天数（天）"), kind="number", width=4),
        Column("place", "地点", ("培训地点", "办班地点"), width=10),
        Column(
            "form",
            "培训形式",
            ("形式", "培训方式", "办班形式"),
            kind="choice",
            width=6,
            choices=tuple(Form.labels),
            choice_spellings=_FORMS,
        ),
        Column(
            "public_amount",
            "公共",
            ("公需", *_amounts("公共", "公需")),
            kind="number",
            width=5,
            group=_AMOUNT,
        ),
        Column("professional_amount", "专业", _amounts("专业"), kind="number", width=5, group=_AMOUNT),
        Column(
            "funding",
            "经费来源",
            ("资金来源", "经费渠道"),
            kind="choice",
            width=9,
            choices=tuple(Funding.labels),
            choice_spellings=_FUNDING,
        ),
        Column("budget", "经费预算（元）", ("经费预算", "预算", "预算（元）", "经费（元）"), kind="number", width=8),
        Column(
            "fee",
            "是否收费、标准（元/人）、批准文号",
            FEES,
            width=12,
            help="如 不收费；收费 300 元/人，泉发改〔2026〕1号",
        ),
        Column("lecturers", "拟请师资", ("师资", "拟聘师资", "授课教师", "拟请教师"), width=10),
        Column("contact", "联系人、电话", CONTACTS, width=14),
        Column("note", "备注", ("说明",), width=8),
    ),
    foot=(
        HeadField("unit", "填报单位（盖章）"),
        HeadField("leader", "单位负责人"),
        HeadField("filler", "填表人"),
        HeadField("phone", "电话"),
        HeadField("date", "填报日期"),
    ),
    foot_words=(*FOOT_WORDS, *_FEET),
    is_entry=_says_a_class,
    instructions=(
        "一行一个培训班；多期的班只写一行，期数写在“期数”里",
        "可以先填一部分：导入以后还缺什么，报送前会列出",
        "收费的班须写收费标准和批准文号（通知 三2）",
    ),
)

# What is read besides: columns that units split in two or three, or sum up in one.
FORM1_READ = replace(
    FORM1,
    columns=(
        Column("ordinal", "序号", ("编号", "行号", "No", "NO", "no", "№")),
        *FORM1.columns,
        Column(
            "starts",
            "开始日期",
            STARTS,
        ),
        Column("ends", "结束日期", ENDS),
        Column("amounts", _AMOUNT, ("拟授学时", "学时", "学分", "学时（学分）", "拟授学分", "培训学时", "总学时")),
        Column("budget_10k", "经费预算（万元）", ("预算（万元）", "经费（万元）", "预算万元")),
        Column("charges", "是否收费", ("收费",)),
        Column("standard", "收费标准（元/人）", ("收费标准", "标准", "标准（元/人）", "收费（元/人）")),
        Column("fee_document", "收费批准文号", ("批准文号", "收费文号", "收费批文", "收费依据")),
        Column("phone", "电话", ("联系电话", "电话号码", "手机", "手机号码")),
    ),
    parts={
        "period": ("starts", "ends"),
        "amounts": ("public_amount", "professional_amount"),
        "fee": ("charges", "standard", "fee_document"),
        "contact": ("contact", "phone"),
    },
)

# The boxes for opinions on paper; notice 一(五)1: 区人社局审核，两家同意后公布
OPINIONS = ("单位意见", "区人社局审核意见", "协调小组意见", "反腐败领导小组办公室意见")


def row_of(item: PlanItem) -> dict[str, Any]:
    """One item as the columns of 附件1; choices as their Chinese words."""
    row: dict[str, Any] = {column.key: getattr(item, column.key, "") for column in FORM1.columns}
    for key in ("category", "form", "funding"):
        row[key] = getattr(item, f"get_{key}_display")()
    row["period"] = "至".join(full(day) for day in (item.starts_on, item.ends_on) if day)
    row["fee"] = fee_in_words(item)
    row["contact"] = f"{item.contact} {item.phone}".strip()
    return row


def fee_in_words(item: PlanItem) -> str:
    """Whether it charges, how much, by which approval; what is missing is said, never left to be guessed."""
    if not item.charges:
        return "不收费" if item.fee is None else f"不收费（填了 {_yuan(item.fee)} 元/人）"
    fee = "标准未填" if item.fee is None else f"{_yuan(item.fee)} 元/人"
    return f"收费 {fee}，{item.fee_document or '批准文号未填'}"


def _yuan(amount: Decimal) -> str:
    return f"{amount:.2f}".removesuffix(".00")


def cell_text(value: Any) -> str:
    """A cell of a row as screens show it: figures without idle zeros."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str("" if value is None else value)


def line_of(item: PlanItem) -> str:
    """A row on one line for the history, without whom to call."""
    cells = (cell for key, cell in row_of(item).items() if key != "contact" and cell not in (None, ""))
    return f"第 {item.position} 行 {'，'.join(map(str, cells))}"


def rows_of(items: Iterable[PlanItem]) -> list[dict[str, Any]]:
    """Items as rows of 附件1, in the order given."""
    return [row_of(item) for item in items]


def head_of(plan: Plan) -> dict[str, Any]:
    """The values of the head and foot fields."""
    filed = plan.first_submitted_at
    return {
        "year": plan.year,
        "unit": plan.unit.name,
        "leader": plan.leader,
        "filler": plan.filler,
        "phone": plan.phone,
        "date": clock.local(filed).date() if filed else "",
    }
