"""Values that rows keep as JSON, in Chinese words and lines, so that the readable page needs neither this system nor a
programmer. What only screens and programs use stays out; it stands in 表单.xml. Without the database: what is said
depends on the value and on the words that apps have registered.

A key that has no words yet is shown as 其他: its value is not lost. What is the same wherever it is kept stands here;
apps add their own words, and what their codes mean (`register_words`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

OTHER = "其他"
MACHINES_ONLY = "供程序核对的内容，原文见“表单.xml”"
# Of screens (css), of the database (ids), of signatures; `outcome` is said by `label`.
OF_MACHINES = frozenset(
    {"css", "meaning", "outcome", "unit_id", "unset", "payload", "protected", "signature", "salt", "digest"}
    | {"x", "y", "kty", "crv", "use", "issuer", "code", "rule_set"}
)
_words: dict[str, str] = {
    "absences": "外出、病假", "after": "之后", "alg": "签名算法", "amount": "数量", "amounts": "学时（学分）",
    "basis": "判定依据", "before": "之前", "category": "人员类别", "conclusion": "结论", "counted": "计入",
    "course": "课程", "cycle": "教师周期", "date": "日期", "dated": "日期", "department": "部门", "district": "地区",
    "document": "依据文件", "entries": "学时记录", "figures": "所用的年度学时设定", "form": "学习形式",
    "forms": "学习形式", "from": "自", "institution_level": "医疗机构级别", "intensive": "集中脱产", "keys": "公钥",
    "kid": "密钥编号", "label": "结论", "level": "级别", "masked_id": "证件号码", "measure": "计量",
    "name": "姓名（名称）",
    "notes": "说明", "organiser": "施教机构", "origins": "来源", "paid": "收费", "paper": "文书", "path": "验证类别",
    "person": "人员", "reached": "取得", "reason": "原因", "remark": "备注", "required": "应有", "rows": "各项要求",
    "rule": "达标规则", "rule_title": "达标规则", "rules": "判定规则", "series": "系列", "sex": "性别",
    "since": "任职时间", "source": "出处", "span": "时间", "days": "时间", "stamped": "已盖章", "subject": "科目",
    "sums": "学时（学分）合计", "tenure": "任职周期", "title": "名称", "to": "至", "total": "合计", "trainings": "培训",
    "unit": "单位", "until": "有效至", "verdict": "达标情况", "verification": "验证情况", "waiver": "审批结论",
    "withdrawn": "作废日期",
    "year": "年度", "years": "各年度",
}  # fmt: skip
# What a key is called in one place alone.
_words_within: dict[tuple[str, str], str] = {
    ("facts", "title"): "专业技术职务", ("person", "title"): "专业技术职务", ("rows", "title"): "要求",
    ("person", "name"): "姓名", ("verification", "label"): "情况",
}  # fmt: skip
# What codes mean, by the key or the field under which they stand.
_codes: dict[str, Mapping[str, str]] = {}


def register_words(
    words: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[str, str]] | None = None,
    within: Mapping[str, Mapping[str, str]] | None = None,
) -> None:
    """Say what keys are called and what codes mean, once in the app's `ready()`. `within`: by the key or field under
    which they stand, where elsewhere they are called otherwise."""
    _words.update(words or {})
    _codes.update(codes or {})
    _words_within.update({(outer, key): word for outer, told in (within or {}).items() for key, word in told.items()})


_SPANS = frozenset({"cycle", "tenure"})  # first and last year


def lines_of(name: str, value: Any) -> list[str]:
    """What a field holds, line by line; nothing where it says nothing. `name`: of the field."""
    if not value:
        return []
    return list(_lines(name, value)) or [MACHINES_ONLY]


def _lines(key: str, value: Any) -> Iterator[str]:
    """A value with everything below it: what is plain on one line, each row of a list and each part on its own."""
    if isinstance(value, Mapping):
        yield from _parts(key, value)
    elif _is_plain_list(value):
        yield from filter(None, [_said(key, value)])
    elif isinstance(value, list):
        for number, each in enumerate(value, 1):
            first, *others = [*_lines(key, each)] or [""]
            yield from filter(None, [f"{number}. {first}" if first else "", *(f"　{other}" for other in others)])
    else:
        yield from filter(None, [_said(key, value)])


def _parts(within: str, told: Mapping[str, Any]) -> Iterator[str]:
    known = {key: value for key, value in told.items() if key not in OF_MACHINES}
    plain = {key: _said(key, value) for key, value in known.items() if _is_plain(value) or _is_plain_list(value)}
    if said := "；".join(f"{word_of(key, within)}：{text}" for key, text in plain.items() if text):
        yield said
    for key in (key for key in known if key not in plain):
        below = list(_lines(key, known[key]))
        if len(below) == 1:
            yield f"{word_of(key, within)}：{below[0]}"
        elif below:
            yield f"{word_of(key, within)}："
            yield from (f"　{each}" for each in below)


def word_of(key: str, within: str = "") -> str:
    """What people call a key; years and other words of people stand for themselves."""
    told = _words_within.get((within, key)) or _words.get(key)
    return told or (OTHER if any(each.isascii() and each.isalpha() for each in key) else key)


def _is_plain(value: Any) -> bool:
    return not isinstance(value, (Mapping, list, tuple))


def _is_plain_list(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(map(_is_plain, value))


def _said(key: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (list, tuple)):
        between = "—" if key in _SPANS else "、"
        return between.join(filter(None, (_said(key, each) for each in value)))
    return _codes.get(key, {}).get(str(value), str(value))
