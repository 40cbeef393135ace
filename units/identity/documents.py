"""ID documents as they are typed: which kinds are taken, what a number says about its holder (product.md U2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from luojiang_ce.sheets.cells import clean_id
from units.identity import id_numbers

RESIDENT, PERMIT, PASSPORT = "resident", "permit", "passport"
_PERMIT_AREAS = ("81", "82", "83")  # 港、澳、台居民居住证
_PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,17}")


class BadDocument(ValueError):
    """The number cannot be taken; the message says what is wrong and how to mend it."""


@dataclass(frozen=True)
class Document:
    """A sound document. `birth` and `sex` (男 or 女) are what the number itself says; a passport says neither."""

    kind: str
    number: str
    birth: date | None = None
    sex: str = ""


def tidy(text: str) -> str:
    """A number without blanks and in capitals: full-width digits and a small x become what was meant."""
    return clean_id(text).upper()


def kind_of(number: str) -> str:
    """Which kind an 18-character number is: a permit's begins with 81, 82 or 83."""
    return PERMIT if number.startswith(_PERMIT_AREAS) else RESIDENT


def read_document(kind: str, text: str, *, today: date) -> Document:
    """The document behind what was typed; raises BadDocument. `today` bounds the birth date."""
    number = tidy(text)
    if kind == PASSPORT:
        if id_numbers.has_sound_check_digit(number):
            raise BadDocument("这是 18 位的居民身份证或居住证号码，请把证件类型改为“居民身份证”或“港澳台居民居住证”")
        if not _PASSPORT.fullmatch(number):
            raise BadDocument("护照号码应为 5 至 17 位字母和数字，请对照护照资料页核对")
        return Document(PASSPORT, number)
    if len(number) != 18:
        raise BadDocument(f"号码应为 18 位，现在是 {len(number)} 位，请对照证件补全或删去多余的字符")
    if not id_numbers.has_sound_check_digit(number):
        raise BadDocument("，".join(id_numbers.why_unsound(number)))
    if kind_of(number) != kind and kind == RESIDENT:
        raise BadDocument("81、82、83 开头的是港澳台居民居住证，请更改证件类型")
    if kind_of(number) != kind:
        raise BadDocument("港澳台居民居住证号码以 81、82 或 83 开头；这是居民身份证号码，请更改证件类型")
    birth = id_numbers.birth_date(number)
    if birth is None or birth > today:
        raise BadDocument("号码第 7 至 14 位不是有效的出生日期，请对照证件核对")
    return Document(kind, number, birth, id_numbers.sex(number))
