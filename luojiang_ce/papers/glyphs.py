"""Which characters the fonts of this machine draw. Asked before a number is given: a box in a name is no name.

The fonts that Debian has hold few of the characters beyond the basic plane, which names of people do use.
"""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable
from html import unescape

from luojiang_ce.refusals import NotPossible

log = logging.getLogger(__name__)
_COMMON = range(0x4E00, 0x9FA6)  # in every Chinese font
_UNSEEN = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"}
_BLANK = '<u class="by-hand">\u3000</u>'  # room to write the character by hand
_drawn: set[str] = set()  # what is missing is looked for anew: a font may have come
_NOT_TEXT = re.compile(r"<(style|svg|title)\b.*?</\1>|<[^>]*>", re.DOTALL)
ANY = "*"  # of `by_hand`: whatever the fonts lack, where the act asks nobody
AROUND = 8  # letters that are quoted on either side of a character
WHAT_TO_DO = (
    "请先与证件核对写法，写错的先改正；没有写错的，请系统管理员安装收有此字的字体"
    "（如 花园明朝 HanaMinB、天珩全字库 TH-Tshyn）后再办；急用的，可勾选留空，盖章后手写"
)
PATIENCE = 10  # seconds for one question; a machine under load, or whose cache of fonts is being made, takes long


class FontsSilent(NotPossible):
    """The fonts could not be asked, so nobody knows whether a character would be a box."""


def undrawable(text: str) -> list[str]:
    """The characters of a text that no installed font draws, each once, in their order. Raises FontsSilent."""
    rare = dict.fromkeys(character for character in text if character > "\u02ff" and ord(character) not in _COMMON)
    return [character for character in rare if not _is_drawn(character)]


def refusals(texts: Iterable[str], by_hand: str = "") -> list[str]:
    """Why a paper with these texts is not issued as it stands, and what to do; a sentence for each such text. What is
    left to be written `by_hand` is no reason. Raises FontsSilent."""
    if by_hand == ANY:
        return []
    found = {text: [each for each in undrawable(text) if each not in by_hand] for text in texts}
    return [_refusal(text, missing) for text, missing in found.items() if missing]


def refusals_of_sheet(html: str) -> list[str]:
    """The same of a whole sheet: each character with the words around it. Raises FontsSilent."""
    text = re.sub(r"\s+", "", unescape(_NOT_TEXT.sub("", html)))
    found = ((character, text.index(character)) for character in undrawable(text))
    return [_refusal(text[max(0, at - AROUND) : at + AROUND], [character]) for character, at in found]


def _refusal(text: str, missing: list[str]) -> str:
    return f"“{text}”中的{named(missing)}本机字体印不出来，还没有编号、用印。{WHAT_TO_DO}"


def named(characters: Iterable[str]) -> str:
    """Characters as whoever cannot see them finds them."""
    return "、".join(f"“{character}”（U+{ord(character):04X}）" for character in characters)


def with_blanks(html: str, by_hand: str = ANY) -> str:
    """The text of a paper with room to write by hand where one of these characters cannot be drawn. Where the fonts
    cannot be asked it stays as it is: what is issued is looked at once more when it is rendered."""
    try:
        missing = undrawable(html)
    except FontsSilent:
        missing = []
    for character in missing if by_hand == ANY else (each for each in missing if each in by_hand):
        html = html.replace(character, _BLANK)
    return html


def _is_drawn(character: str) -> bool:
    if character in _drawn or unicodedata.category(character) in _UNSEEN or _is_variation(character):
        return True
    listing = shutil.which("fc-list")
    if listing is None:
        log.warning("fc-list is not installed: whether the fonts draw U+%04X is not known", ord(character))
        return True
    command = [listing, f":charset={ord(character):x}", "file"]
    try:
        found = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE).stdout.strip()  # noqa: S603
    except (subprocess.TimeoutExpired, OSError) as silent:
        log.warning("fc-list did not say whether the fonts draw U+%04X", ord(character), exc_info=True)
        raise FontsSilent(
            f"现在查不出本机字体能不能印出“{character}”（U+{ord(character):04X}），还没有编号、用印。请过几分钟再办；"
            "再不行的，请系统管理员在服务器上运行 fc-cache 后核对字体"
        ) from silent
    if found:
        _drawn.add(character)
    return bool(found)


def _is_variation(character: str) -> bool:
    """Variation selectors choose a form of the character before; they are not drawn themselves."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
