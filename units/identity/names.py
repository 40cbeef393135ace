"""Names of persons: tidied, and which characters they may hold."""

import unicodedata

from luojiang_ce.sheets.cleaning import clean_name

# Python's Unicode tables may be older than the newest Chinese characters; these two planes hold nothing else.
_NEW_HAN = range(0x20000, 0x40000)


def tidy_name(name: str) -> str:
    """One kind of middle dot, no blanks beside Chinese characters; rare characters stay."""
    return clean_name(name)


def is_valid_name(name: str) -> bool:
    """Letters of any script with their marks, ·, full stop, blanks, a hyphen or apostrophe between Latin letters."""
    return bool(name) and all(_may_stand(name, place) for place in range(len(name)))


def _may_stand(name: str, place: int) -> bool:
    character = name[place]
    if character in "·. ":
        return True
    if character in "-'’":
        return _is_latin(_base_before(name, place)) and _is_latin(name[place + 1 : place + 2])
    return unicodedata.category(character)[0] in "LM" or ord(character) in _NEW_HAN


def _base_before(name: str, place: int) -> str:
    """The letter before that place, its marks passed over."""
    before = name[:place]
    while before and unicodedata.combining(before[-1]):
        before = before[:-1]
    return before[-1:]


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN") if character else False
