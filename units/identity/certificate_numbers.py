"""Numbers of certificates: how they are tidied, and the bureau's pattern of new ones, as typed and as kept."""

from __future__ import annotations

import re

from luojiang_ce.words import squeezed

LONGEST = 40  # characters of a number
MOST_DIGITS = 8
# Signs that `squeezed` may change: numbers kept before it was there have blanks and wide signs.
UNTIDY = "[^!-~\u3400-\u9fff〔〕]"

_TOKEN = re.compile(r"\{([^{}]*)\}")
_SEQUENCE = re.compile(rf"序号:([1-{MOST_DIGITS}])")


class BadPattern(ValueError):
    """A pattern that gives no numbers; says in Chinese why and how to write it."""


def read_pattern(typed: str) -> str:
    """`洛继教{年}{序号:5}` as a format of `year` and `seq`. Raises BadPattern."""
    said = squeezed(typed)
    parts = [str(part) for part in _TOKEN.findall(said)]
    sequences = [part for part in parts if _SEQUENCE.fullmatch(part)]
    if len(sequences) != 1 or any(part != "年" for part in parts if part not in sequences):
        raise BadPattern(
            f"请写明一处 {{序号:位数}}（1 至 {MOST_DIGITS} 位），年份写 {{年}}，例如 洛继教{{年}}{{序号:5}}"
        )
    if re.search(r"[{}]", _TOKEN.sub("", said)):
        raise BadPattern("花括号没有成对，请核对")
    pattern = _TOKEN.sub(lambda found: _kept(found[1]), said)
    if len(pattern.format(year=2000, seq=10**MOST_DIGITS - 1)) > LONGEST:
        raise BadPattern(f"编号会超过 {LONGEST} 个字，请缩短")
    return pattern


def typed_pattern(pattern: str) -> str:
    """A kept pattern as it is typed; nothing where none is set."""
    return re.sub(r"\{seq:0(\d)d\}", r"{序号:\1}", pattern).replace("{year}", "{年}")


def _kept(part: str) -> str:
    return "{year}" if part == "年" else f"{{seq:0{part[-1]}d}}"
