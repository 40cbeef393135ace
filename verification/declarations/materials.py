"""The evidence that a declaration needs, by form of learning (notice 二(一) 2 to 7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.materials import Material
from verification.choices import Form

DEGREE, PAPER, SELF_STUDY, TRANSFER = (form.value for form in (Form.DEGREE, Form.PAPER, Form.SELF_STUDY, Form.TRANSFER))


def _never(case: Any) -> bool:
    return False


def _attended(case: Any) -> bool:
    """Somebody held it and the unit sent the person there: no degree, paper or study of one's own."""
    return case.form not in (DEGREE, PAPER, SELF_STUDY, TRANSFER)


def _is_degree(case: Any) -> bool:
    return bool(case.form == DEGREE)


def is_degree_under_way(case: Any) -> bool:
    """Nobody has a diploma yet: the year is declared with its marks."""
    return _is_degree(case) and bool(case.date_to > clock.today())


def _is_paper(case: Any) -> bool:
    return bool(case.form == PAPER)


def _is_approved(case: Any) -> bool:
    """Its approval is declared by number, so that the reviewer can read it."""
    return case.form in (Form.SKILLS, Form.ELSEWHERE)


# Each with the test of whether the declaration has a place for it at all.
_MATERIALS: tuple[tuple[Callable[[Any], bool], Material], ...] = (
    # notice 二(一)2
    (_attended, Material("notice", "相关培训通知文件", "主办单位的通知、邀请函或文件", "二(一)2")),
    # notice 二(一)3
    (_attended, Material("consent", "单位同意参加的报名情况", "须经单位同意并加盖公章", "二(一)3")),
    (_attended, Material("proof", "学时（学分）证明", "结业证书、学时证明、学习记录或会议证明", "二(一)7")),
    # notice 二(一)5
    (_is_degree, Material("admission", "录取通知书", "", "二(一)5")),
    (
        lambda case: _is_degree(case) and not is_degree_under_way(case),
        Material("marks", "毕业证书或当年度科目成绩合格证书", "", "二(一)5"),
    ),
    (is_degree_under_way, Material("marks", "当年度科目成绩合格证书", "计入年度通过的科目，院校盖章", "二(一)5")),
    # notice 二(一)4, and 二(一)5 for a degree
    (
        lambda case: case.paid or _is_degree(case),
        Material("voucher", "缴费凭证", "需缴费的项目和在职学历、学位教育须附", "二(一)4"),
    ),
    # notice 二(一)6
    (_is_paper, Material("confirmation", "论文确认件", "个人事先办好的确认手续，确认日期与所填一致", "二(一)6")),
    (_is_paper, Material("paper", "论文刊载页", "刊物封面、目录和正文首页", "二(一)7", required=_never)),
    # notice 一(四): 经核准的技能培训; 一(五)1: 按照分级管理原则
    (
        _is_approved,
        Material("approval", "批准（核准）文件", "写明班名、时间、学时的文件；公布在网上的附截图", "一(四)"),
    ),
    (
        lambda case: case.form == TRANSFER,
        Material("transfer", "转出地区的学时证明", "转出地区人社部门验证过的证书页或盖章的学时证明", "二(一)7"),
    ),
    # notice 一(四): 有考核
    (
        lambda case: case.form == SELF_STUDY,
        Material("result", "考核结果", "按备案的方式考核的成绩或评语，单位盖章", "一(四)"),
    ),
    # notice 二(一)7
    (lambda case: True, Material("other", "其他佐证材料", "", "二(一)7", required=_never)),
)


def materials(case: Any) -> Sequence[Material]:
    """The checklist of this declaration."""
    return [material for applies, material in _MATERIALS if applies(case)]


def evidence_of(form: str) -> str:
    """What this form of learning has to be proved with, in a line: before anything is typed."""
    asked = Sample(form, clock.today())
    return "、".join(material.title for material in materials(asked) if material.required(asked))


@dataclass(frozen=True)
class Sample:
    """Stands for a declaration that is not written yet: free of charge, and over."""

    form: str
    date_to: date
    paid: bool = False
