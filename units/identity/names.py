"""Names of persons: which characters they may hold, and their pinyin for search (仇 is qiu and chou)."""

from __future__ import annotations

import re
import unicodedata
from itertools import islice, product

from pypinyin import Style, pinyin

from luojiang_ce.sheets.characters import NEW_HAN, name_key

from .surnames import SURNAMES, surname_length

_UNREADABLE = "\ufffd"  # stands for bytes that are no character
_SHOWN = 5
_LEFT = re.compile("退休|离职|辞职|调出|调离|去世|病故")  # what unit lists write behind the name of who is not there
MOST_READINGS = 12  # a name of three heteronyms has dozens; the first ones are the usual ones


def is_valid_name(name: str) -> bool:
    """Letters of any script with their marks, ·, full stop, blanks, a hyphen or apostrophe between Latin letters."""
    return bool(name) and all(_may_stand(name, place) for place in range(len(name)))


def why_invalid(name: str) -> tuple[str, str]:
    """What stands in a name that may not, and how to mend it; digits are not repeated, they may be an ID number's."""
    wrong = [name[place] for place in range(len(name)) if not _may_stand(name, place)]
    if _UNREADABLE in wrong:
        return "姓名里有读不出的字符（�）", "文件在这里坏了，请对照证件重新填写姓名"
    if _LEFT.search(name):  # without the brackets the fact would be lost: somebody gone would be there
        return "姓名后面注明了已离开", "已退休、离开的人不要导入，请删去这一行；系统里有的，在人员页登记离开"
    shown = "、".join(dict.fromkeys("数字" if each.isdigit() else f"“{each}”" for each in wrong[:_SHOWN]))
    return f"姓名里有不该有的字符：{shown}", "请去掉数字、括号等符号，只留姓名；外文姓名的各部分用“·”或空格隔开"


def is_same_name(one: str, other: str) -> bool:
    """Do two cleaned names mean the same? The shape of a dot or dash makes no other name."""
    return name_key(one) == name_key(other)


def _may_stand(name: str, place: int) -> bool:
    character = name[place]
    if character in "·. ":
        return True
    if character in "-'’":
        return _is_latin(_base_before(name, place)) and _is_latin(name[place + 1 : place + 2])
    return unicodedata.category(character)[0] in "LM" or ord(character) in NEW_HAN


def _base_before(name: str, place: int) -> str:
    """The letter before that place, its marks passed over."""
    before = name[:place]
    while before and unicodedata.combining(before[-1]):
        before = before[:-1]
    return before[-1:]


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN") if character else False


def readings(name: str) -> tuple[str, str]:
    """All readings of a name and all initials, each joined by blanks: ("wang xiaoming" -> "wangxiaoming", "wxm").

    Every reading of the surname comes before a second one of the given name. In front stands what lists are ordered by:
    the surname's usual reading and the surname itself (wang0王), then the rest, so that no family is torn apart.
    """
    letters = "".join(ch for ch in name if ch.isalpha())
    length = surname_length(letters)
    family, given = _surname_choices(letters[:length]), _choices(letters[length:])
    every = ((*first, *rest) for rest in product(*given) for first in product(*family))
    spelt = list(islice(every, MOST_READINGS))
    whole = dict.fromkeys("".join(words).lower() for words in spelt)
    initials = dict.fromkeys("".join(word[0] for word in words if word).lower() for words in spelt)
    key = [f"{''.join(spelt[0][:length])}0{letters[:length]}{''.join(spelt[0][length:])}".lower()] if length else []
    return " ".join([*key, *whole])[:300], " ".join(initials)[:100]


def _surname_choices(surname: str) -> list[list[str]]:
    """The readings of each character of a surname, the one that it has as a surname first."""
    usual = SURNAMES.get(surname, "").split()
    return [
        [*dict.fromkeys([*(usual[place : place + 1] if len(surname) > 1 else usual), *every])]
        for place, every in enumerate(_choices(surname))
    ]


def _choices(letters: str) -> list[list[str]]:
    """The readings of each character, the one that it has in these words first."""
    # The stubs know of no `errors` that gives readings of its own.
    here = pinyin(letters, style=Style.NORMAL, errors=_as_itself)  # type: ignore[arg-type]
    alone = pinyin(list(letters), style=Style.NORMAL, heteronym=True, errors=_as_itself)  # type: ignore[arg-type]
    return [[*dict.fromkeys([*one, *every])] for one, every in zip(here, alone, strict=True)]


def _as_itself(text: str) -> list[list[str]]:
    """A sign without pinyin stands for itself."""
    return [[ch] for ch in text]
