"""ID numbers: what they say, how they are masked, encrypted at rest and looked up (domain.md §6).

GB 11643: 17 digits and a check digit; area code not checked, so 81…, 82…, 83… (港澳台居民居住证) pass.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from stdnum.iso7064 import mod_11_2

from luojiang_ce.id_shapes import mask as mask
from luojiang_ce.sealing.columns import Column
from luojiang_ce.sealing.ring import NONCE_BYTES, Key

# What is typed for the X at the end: ×, Roman tens, Cyrillic and Greek letters, signs of multiplication, a star.
_LIKE_X = "×ⅩⅹХхΧχ✕✖⨯╳☓*＊∗⁎✗✘"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
SIX = 6  # of its end are typed by whoever holds the document, where nobody is signed in


def has_sound_check_digit(number: str) -> bool:
    """17 digits and a digit or X, and the check digit is right."""
    return bool(_SHAPE.fullmatch(number)) and bool(mod_11_2.is_valid(number))


def why_unsound(number: str) -> tuple[str, str]:
    """What is wrong with 18 characters that are no sound number, and how to mend it: a × or О is named by its place."""
    for place, character in enumerate(number, 1):
        if place == len(number) and character in _LIKE_X:
            return f"号码最后一位是“{character}”，不是字母 X", "请改成大写英文字母 X"
        if not (character.isascii() and character.isdigit()) and (character != "X" or place < len(number)):
            wanted = "数字" if place < len(number) else "数字或字母 X"
            return f"号码第 {place} 位是“{character}”，不是{wanted}", "请对照证件改正这一位"
    return "号码校验不符，至少有一位抄错", "请对照证件逐位核对"


def meant_as_x(number: str) -> str:
    """The number with an X at its end, where a sign stands there that is typed for one."""
    return f"{number[:-1]}X" if number[-1:] and number[-1] in _LIKE_X else number


def birth_date(number: str) -> date | None:
    """The birth date inside an 18-character number, None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> str:
    """男 or 女 by the 17th digit."""
    return "男" if int(number[16]) % 2 else "女"


def lookup_hash(text: str) -> str:
    """Keyed hash for equality (a whole number) and for look-up by the last four."""
    return hmac.new(settings.ID_LOOKUP_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def _of_before(key: Key, sealed: bytes, id_hash: str) -> bytes:
    """Numbers were bound to nothing: one that lies in another's row is told by the look-up hash there."""
    number = AESGCM(key.secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
    if lookup_hash(number.decode()) != id_hash:
        raise InvalidTag
    return number


# A number is bound to the look-up hash beside it: known before there is a row, one person's alone, and never changed
# without the number itself.
SEALED = Column("units.person.id_sealed", "证件号码", _of_before)
