"""The cells of 附件1 as units write them: periods, counts, amounts, fees, whom to call. Pure: a cell in, values out.

Every function raises UnreadableCellError, which says what is wrong and how to mend it.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from luojiang_ce.sheets.cells import Value, as_text, clean_text, without_blanks
from luojiang_ce.sheets.definitions import Column
from luojiang_ce.sheets.months import in_figures, ordinary
from luojiang_ce.sheets.problems import UnreadableCellError
from luojiang_ce.sheets.times import read_day
from verification.choices import Measure

# What stands in a cell that is left empty.
NOTHING = ("", "/", "\\", "-", "--", "—", "——", "无", "空")

MOST = 10_000  # people or sessions that a class may have: more is a slip of the key

_YEAR = r"(?:(?P<year{0}>(?:19|20)[0-9]{{2}})[-./年]|(?P<short{0}>[0-9]{{2}})年)?"
_MONTH = r"(?P<month{0}>[0-9]{{1,2}})[-./月]"
_DAY = r"(?P<day{0}>[0-9]{{1,2}})[日号]?"
_TO = r"(?:至|到|[-~～—]+)"
_ONE_DAY = re.compile((_YEAR + _MONTH + _DAY).format(1))
_PERIOD = re.compile(
    (_YEAR + _MONTH + _DAY).format(1) + rf"(?:{_TO}(?:(?:" + (_YEAR + _MONTH).format(2) + r")?" + _DAY.format(2) + "))?"
)
_TWO_LINES = re.compile(r"(?<=[日号0-9])\s*\n\s*(?=[0-9])")
_COMPACT = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})(?![0-9])")
# What stands beside the days: weekdays and remarks in brackets, times of day, how many days it is.
_BESIDE_DAYS = re.compile(
    r"[（(\[【][^）)\]】]*[）)\]】]|(?:星期|礼拜|周)[一二三四五六日天]|[上下中]午|晚上|全天|[0-2]?[0-9][:时点][0-5]?[0-9]?分?"
    r"|[,，、；;]?(?:共|计|历时|为期)?[0-9]+(?:\.[0-9])?天|^(?:自|从|拟于|拟定于|于)|开始|结束|起(?=至|到|$)|止$|[。；;，,]$"
)
_HOW_PERIOD = "请写明开始和结束是哪一天，如 2026年3月2日至6日"

_SCALE = {"万": Decimal(10_000), "千": Decimal(1000), "": Decimal(1)}
_NUMBER = r"(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
_COUNT = re.compile(
    rf"(?:每期|每班|每次|约|共|各|限)*{_NUMBER}(?:人次|人|名|位|期|个|班|次|场)*(?:左右|以内)?(?:[/每](?:期|班|次))?"
)
_DAYS = re.compile(rf"(?:每期|共)?{_NUMBER}(?:个?工作日|天|日)?(?P<half>半)?(?:[/每](?:期|班|次))?")
_AMOUNT = re.compile(rf"{_NUMBER}(?:个)?(?P<measure>学时|课时|学分|分)?")
_MONEY = re.compile(rf"[¥￥约]*{_NUMBER}(?P<scale>万|千)?(?:元|圆|块)?(?:人民币)?(?:整)?(?:[/每](?:人|期|班|生|位))*")
_OF_SUBJECT = re.compile(rf"(?P<subject>公共|公需|专业)(?:科目)?[:：]?{_NUMBER}(?:个)?(?P<measure>学时|课时|学分)?")
_BESIDE_AMOUNTS = re.compile(r"[、,，;；/+和\s]*")

_FREE = re.compile(r"(?:不收费|否|免费|不收取(?:费用|任何费用)?|无收费|无|不|0(?:\.0+)?元?(?:/人)?|×|✗)[。]?")
_FREE_AT_ALL = re.compile(r"^(?:否|不收费|免费|不收取)")
_CHARGES = re.compile(r"^(?:是|收费|收取|有偿|√|✓|Y)?(?:[,，、:：;；]|标准|为|每人|按)*")
_FEE = re.compile(r"[¥￥]?(?P<number>[0-9][0-9,]*(?:\.[0-9]+)?)(?:元(?:[/每](?:人|生|位|期))*|[/每]人)")
_LABELS = re.compile(r"(?:收费标准|收费批准文号|批准文号|收费文号|文号|标准|依据|批文)[:：为]?")
_NOT_SAID = re.compile("(?:标准|批准文号)未填[，,]?")
_EDGES = "，,、;；:：。（）() \n\t"
_PHONE = re.compile(r"[（(]?\+?[0-9][0-9\s()（）\-－—–转+]{5,}[0-9]")


class Fee(NamedTuple):
    """Whether a class charges, how much a person, by which approval; what is not said is None, or empty."""

    charges: bool
    fee: Decimal | None = None
    document: str = ""


def says_nothing(value: Value | None) -> bool:
    """Is the cell empty, or does only a dash stand in it?"""
    return without_blanks(as_text(value)) in NOTHING


def period(value: Value, *, year: int, epoch_1904: bool) -> tuple[date, date]:
    """From when to when; a year that is not written is that of the plan, and the next one where a class runs on."""
    if not isinstance(value, str):
        day = read_day(value, epoch_1904=epoch_1904, within=(date(year, 1, 1), date(year, 12, 31)))
        return day, day
    text = re.sub(r"\s+", "", _TWO_LINES.sub("至", in_figures(ordinary(value))))
    text = re.sub(r"\s+", "", _BESIDE_DAYS.sub("", _COMPACT.sub(r"\1-\2-\3", text)))
    found = _PERIOD.fullmatch(text)
    if found is None:
        if len(_ONE_DAY.findall(text)) > 2 or len(re.findall(_TO, text)) > 1:
            raise UnreadableCellError("这一格里有几段时间", "请只写第一期的起止，如 2026年3月2日至6日，其余写在备注")
        raise UnreadableCellError("认不出起止是哪两天", _HOW_PERIOD)
    first = _day(_year(found, 1) or year, found["month1"], found["day1"])
    if not found["day2"]:
        return first, first
    month = found["month2"] or found["month1"]
    runs_on = int(month) < first.month
    last = _day(_year(found, 2) or first.year + runs_on, month, found["day2"])
    if last < first:
        raise UnreadableCellError("结束早于开始", _HOW_PERIOD)
    return first, last


def _year(found: re.Match[str], part: int) -> int | None:
    written = found[f"year{part}"] or (f"20{short}" if (short := found[f"short{part}"]) else None)
    return int(written) if written else None


def _day(year: int, month: str, day: str) -> date:
    try:
        return date(year, int(month), int(day))
    except ValueError:
        raise UnreadableCellError(f"没有 {year}年{int(month)}月{int(day)}日 这一天", "请核对月份和日子") from None


def count(value: Value) -> int:
    """A whole number: 50, 50人, 每期50人, 2期."""
    found = _COUNT.fullmatch(_in_one_line(value))
    number = _number(found) if found else None
    if number is None or number != int(number):
        raise UnreadableCellError("不是一个整数", "请只填一个整数，如 50")
    if number > MOST:
        raise UnreadableCellError("数目太大", "请核对这一格")
    return int(number)


def days(value: Value) -> Decimal:
    """3, 3天, 2.5天, 半天, 两天半."""
    text = _in_one_line(value).replace("两", "2").replace("半天", "0.5天") if isinstance(value, str) else value
    found = _DAYS.fullmatch(_in_one_line(text).replace("天0.5天", "天半"))
    if found is None:
        raise UnreadableCellError("不是天数", "请填天数，如 3 或 2.5")
    return _number(found) + (Decimal("0.5") if found["half"] else 0)


def amount(value: Value) -> tuple[Decimal, str]:
    """Hours or credits, and which of them where it is said: 16, 16学时, 5学分."""
    found = _AMOUNT.fullmatch(_in_one_line(value))
    if found is None:
        raise UnreadableCellError("不是学时（学分）", "请填数字，如 16")
    return _number(found), _measure(found["measure"])


def amounts(value: Value) -> tuple[dict[str, Decimal], str]:
    """The amounts in one cell by subject (公共8、专业16学时), an unnamed one under an empty word; and their measure."""
    text = _in_one_line(value)
    found = list(_OF_SUBJECT.finditer(text))
    if found and not _BESIDE_AMOUNTS.sub("", _OF_SUBJECT.sub("", text)):
        measures = [_measure(each["measure"]) for each in found]
        said = {each["subject"].replace("公需", "公共"): _number(each) for each in found}
        return said, next(filter(None, measures), "")
    number, measure = amount(value)
    return {"": number}, measure


def money(value: Value) -> Decimal:
    """Yuan: 18000, 18,000元, 1.8万元."""
    found = _MONEY.fullmatch(_in_one_line(value))
    if found is None:
        raise UnreadableCellError("不是金额", "请填数字，如 18000")
    return _number(found) * _SCALE[found["scale"] or ""]


def fee(value: Value) -> Fee:
    """不收费; 收费 300 元/人，泉发改〔2026〕1号; 300; 是. What is neither an amount nor a yes or no is its approval."""
    text = as_text(value).strip()
    plain = _NOT_SAID.sub("", without_blanks(text).replace("／", "/"))
    if _FREE.fullmatch(plain):
        return Fee(False)
    if re.fullmatch(r"[0-9][0-9,]*(?:\.[0-9]+)?", plain):
        return Fee(True, Decimal(plain.replace(",", "")))
    found = _FEE.search(plain)
    rest = plain[: found.start()] + "，" + plain[found.end() :] if found else plain
    charges = _CHARGES.match(rest)
    document = _LABELS.sub("", rest[charges.end() :] if charges else rest).strip(_EDGES)
    if _FREE_AT_ALL.match(plain):
        return Fee(False, Decimal(found["number"].replace(",", "")) if found else None)
    if not found and document and not re.search("[0-9〔〕\\[\\]号文]", document):
        raise UnreadableCellError("认不出是否收费", "请填 不收费，或 收费 300 元/人，泉发改〔2026〕1号")
    return Fee(True, Decimal(found["number"].replace(",", "")) if found else None, document)


def contact(value: Value) -> tuple[str, str]:
    """A name and a telephone number in one cell; either may be missing."""
    text = clean_text(as_text(value))
    found = _PHONE.search(text)
    if found is None:
        return text.strip(_EDGES), ""
    name = re.sub(r"(?:联系)?电话[:：]?|手机[:：]?|联系人[:：]?", "", f"{text[: found.start()]} {text[found.end() :]}")
    return " ".join(name.strip(_EDGES).split()), found[0].strip()


def choice(column: Column, value: Value) -> str:
    """The word of the form that is meant: as it stands, as it is also called, or the only one that is named."""
    text = without_blanks(as_text(value))
    if known := column.choice(text):
        return known
    named = {word for word in column.choices if word in text}
    named |= {word for spelling, word in column.choice_spellings if spelling in text}
    if len(named) != 1:
        what = f"一格里有{'、'.join(sorted(named))}" if named else "没有这个选项"
        raise UnreadableCellError(what, f"请从 {'、'.join(column.choices)} 中选一个")
    return named.pop()


def _in_one_line(value: Value) -> str:
    return without_blanks(in_figures(ordinary(as_text(value))))


def _number(found: re.Match[str]) -> Decimal:
    return Decimal(found["number"].replace(",", ""))


def _measure(word: str | None) -> str:
    return {"学分": Measure.CREDITS, "分": Measure.CREDITS, None: ""}.get(word, Measure.HOURS)
