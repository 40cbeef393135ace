"""Pinyin of names for search: every reading of a heteronym, and its initials (仇 is qiu and chou)."""

from __future__ import annotations

from itertools import islice, product

from pypinyin import Style, pinyin

MOST_READINGS = 12  # a name of three heteronyms has dozens; the first ones are the usual ones


def readings(name: str) -> tuple[str, str]:
    """All readings of a name and all initials, each joined by blanks: ("wang xiaoming" -> "wangxiaoming", "wxm")."""
    letters = "".join(ch for ch in name if ch.isalpha())
    # The stubs know of no `errors` that gives readings of its own; a sign without pinyin stands for itself.
    choices = pinyin(
        letters,
        style=Style.NORMAL,
        heteronym=True,
        errors=lambda text: [[ch] for ch in text],  # type: ignore[arg-type,return-value]
    )
    spelt = [tuple(words) for words in islice(product(*map(dict.fromkeys, choices)), MOST_READINGS)]
    whole = dict.fromkeys("".join(words).lower() for words in spelt)
    initials = dict.fromkeys("".join(word[0] for word in words if word).lower() for words in spelt)
    return " ".join(whole)[:300], " ".join(initials)[:100]
