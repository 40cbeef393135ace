"""The roster: one definition for reading it, for its template and for exports."""

import re
from collections.abc import Mapping

from luojiang_ce.sheets.cells import Value, as_text, clean_id
from luojiang_ce.sheets.definitions import Column, SheetForm

MAX_PEOPLE = 50_000
LEVELS = ("初级", "中级", "副高级", "正高级")
CATEGORIES = ("一般", "卫生", "教师")


def _has_id_number(cells: Mapping[str, Value]) -> bool:
    """A person may stand in a row that begins with 负责人; what tells is a number of the old or new length."""
    return len(re.findall("[0-9]", clean_id(as_text(cells.get("id_number"))))) >= 15


ID_NUMBER = Column(
    "id_number",
    "身份证号",
    ("身份证号码", "公民身份号码", "证件号码", "身份证"),
    kind="id",
    width=22,
    required=True,
    help="18 位，按文本填写",
)
ROSTER = SheetForm(
    code="roster",
    title="专业技术人员花名册",
    sheet_name="花名册",
    columns=(
        Column("name", "姓名", ("名字", "人员姓名", "教师姓名"), kind="name", width=12, required=True),
        Column("sex", "性别", kind="choice", width=6, choices=("男", "女")),
        Column("birth", "出生年月", ("出生日期", "生日"), kind="month", width=12, help="如 1985-03"),
        ID_NUMBER,
        Column("category", "人员类别", ("类别",), kind="choice", width=10, choices=CATEGORIES),
        Column(
            "title",
            "专业技术职务",
            ("职称", "职务名称", "现任专业技术职务", "现任职称", "现职称", "专业技术职称"),
            width=18,
            help="如 高级工程师",
        ),
        Column(
            "level",
            "级别",
            ("职称级别", "职称等级"),
            kind="choice",
            width=10,
            choices=LEVELS,
            choice_spellings=(("副高", "副高级"), ("正高", "正高级")),
        ),
        Column("since", "任职时间", ("聘任时间", "取得时间"), kind="month", width=12, help="如 2015-03"),
        Column("series", "系列", ("职称系列", "专业技术职务系列", "系列名称"), width=14, help="如 中小学教师"),
        Column("tenure", "任职周期", ("任职周期起止", "任职周期（年度）"), width=14, help="卫生人员，如 2023-2027"),
        Column(
            "cycle",
            "教师五年周期",
            ("教师周期", "五年周期", "继续教育周期", "教师继续教育周期"),
            width=14,
            help="如 2023-2027",
        ),
        Column("certificate", "证书编号", ("继续教育证书编号", "证书号"), width=18),
        Column("department", "部门", ("科室", "岗位", "所在部门", "所在科室"), width=16),
        Column("note", "备注", width=20),
    ),
    instructions=(
        "每人一行，只有“姓名”“身份证号”必填，其余可以留空；留空的内容不会覆盖系统里已有的内容。",
        "身份证号一栏已设为文本格式，请直接录入 18 位号码；最后一位是 X 的，大小写均可。",
        "港澳台居民居住证（81、82、83 开头）和外国人永久居留身份证（18 位，9 开头）的号码填在“身份证号”一栏。",
        "“性别”“人员类别”“级别”请从下拉列表中选。",
        "“出生年月”“任职时间”填年和月，如 2015-03，也可以带日，如 2015-03-01。",
        "“任职周期”“教师五年周期”填起止年度，如 2023-2027；教师的为连续 5 年。与已登记的年份重叠的，请在人员页更正。",
        "导入不会让人离开、改名或调动，这些请在人员页面单独办理。",
    ),
    is_entry=_has_id_number,
)
