"""ID documents as they are typed: which kinds are taken, what a number says about its holder (product.md U2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from luojiang_ce.sheets.cells import clean_id
from units.identity import id_numbers

RESIDENT, PERMIT, RESIDENCE, PASSPORT = "resident", "permit", "residence", "passport"
LABELS = {
    RESIDENT: "居民身份证",
    PERMIT: "港澳台居民居住证",
    RESIDENCE: "外国人永久居留身份证",
    PASSPORT: "护照",
}
_PERMIT_AREAS = ("81", "82", "83")  # 港、澳、台居民居住证
# 外国人永久居留身份证, GA 2102-2023: 9, the province that took the application, the country's three digits, then as GB
# 11643. Before December 2023: the country's three letters and twelve digits, without a check digit.
_RESIDENCE = re.compile(r"9(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])[0-9]{14}[0-9X]")
_OLD_RESIDENCE = re.compile(r"[A-Z]{3}[0-9]{12}")
_PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,17}")
_LENGTH = 18


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
    """Which kind an 18-character number is: a permit begins with 81, 82 or 83, a foreigner's with 9 and a province."""
    if _RESIDENCE.fullmatch(number):
        return RESIDENCE
    return PERMIT if number.startswith(_PERMIT_AREAS) else RESIDENT


def says_birth_and_sex(kind: str, number: str) -> bool:
    """Does the number itself say when its holder was born, and the sex? A passport's and the old foreigner's do not."""
    return kind != PASSPORT and len(number) == _LENGTH


def read_document(kind: str, text: str, *, today: date) -> Document:
    """The document behind what was typed; raises BadDocument. `today` bounds the birth date."""
    number = tidy(text)
    if kind == PASSPORT:
        return _passport(number)
    if kind == RESIDENCE and len(number) != _LENGTH:
        return _old_residence(number)
    return _like_resident(kind, number, today)


def _passport(number: str) -> Document:
    if id_numbers.has_sound_check_digit(number):
        raise BadDocument(f"这是 18 位的{LABELS[kind_of(number)]}号码，请更改证件类型")
    if not _PASSPORT.fullmatch(number):
        raise BadDocument("护照号码应为 5 至 17 位字母和数字，请对照护照资料页核对")
    return Document(PASSPORT, number)


def _old_residence(number: str) -> Document:
    """Its six digits of a birth date lack the century and are not read: whoever registers it fills the date in."""
    if not _OLD_RESIDENCE.fullmatch(number):
        raise BadDocument(
            f"号码应为 18 位（9 开头）；旧版证件为 15 位，3 位字母加 12 位数字。现在是 {len(number)} 位，请对照证件核对"
        )
    return Document(RESIDENCE, number)


def _like_resident(kind: str, number: str, today: date) -> Document:
    if len(number) != _LENGTH:
        raise BadDocument(f"号码应为 18 位，现在是 {len(number)} 位，请对照证件补全或删去多余的字符")
    if not id_numbers.has_sound_check_digit(number):
        raise BadDocument("，".join(id_numbers.why_unsound(number)))
    if (meant := kind_of(number)) != kind:
        raise BadDocument(f"这是{LABELS[meant]}号码，请更改证件类型")
    birth = id_numbers.birth_date(number)
    if birth is None or birth > today:
        raise BadDocument("号码第 7 至 14 位不是有效的出生日期，请对照证件核对")
    return Document(kind, number, birth, id_numbers.sex(number))
