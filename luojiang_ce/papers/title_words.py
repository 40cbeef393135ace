"""Where the lines of a title may end (GB/T 9704-2012 7.3.1: 回行词意完整, in the shape of a trapezoid or a diamond).

The words that no line parts are data: `fixtures/title_words.json`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, islice, pairwise

from luojiang_ce.reference import shipped_rows

DIGIT = 0.52  # width of a digit in a Song font, in characters
LINE = 20.0  # characters of 22 pt that fit across the text area
MOST_WAYS = 400  # to break a title that are compared: one of two or three lines has fewer
SHORTEST = 4.0  # a line of a title with fewer characters looks forgotten
_NUMBER = re.compile(r"（第?\d+[^）]{0,2}）|\d+(?:\.\d+)?(?:年度?|月|日|期|个|号)?|[A-Za-z]+")
_OPENS, _LEADS = "“‘《（〔", "和与及暨"  # what begins a line with what follows it
_CLOSES = "”’》）〕、，。：；的等"  # what no line begins with


def width_of(text: str) -> float:
    """The width of a text in characters: digits and Latin letters are narrow."""
    return sum(DIGIT if character.isascii() else 1.0 for character in text)


def pieces(title: str) -> list[str]:
    """A title in the pieces that no line end parts: words that are known, also where they overlap (高中级), numbers
    with what they count, and what lies between two of these; a single character stays with both its neighbours."""
    found: list[str] = []
    joined = True  # with what comes next: nothing was there yet, or it opens something
    for piece in _words(title):
        if found and (joined or piece[0] in _CLOSES or _is_lone(piece)):
            found[-1] += piece
        else:
            found.append(piece)
        joined = piece[-1] in _OPENS + _LEADS or _is_lone(piece)
    return found


def _is_lone(piece: str) -> bool:
    return len(piece) == 1 and piece not in _OPENS + _CLOSES + _LEADS and not piece.isdigit()


def title_lines(title: str) -> list[str]:
    """A title in its lines: as few as there can be, ending between words, none between two longer ones, as even as may
    be. What has too many characters without a known word is broken wherever it has to be."""
    parts = [part for piece in pieces(title) for part in _fitting(piece)]
    lines = max(1, int(-(-width_of(title) // LINE)))
    while lines < len(parts):
        if found := list(islice(_broken(parts, lines), MOST_WAYS)):
            return min(found, key=_ugliness)
        lines += 1
    return parts


def cut(title: str, lines: Sequence[str]) -> list[str] | None:
    """A title parted where the lines end that somebody typed, blanks at their ends left out; None where they do not
    say the same as the title."""
    typed = [line for line in map(_unspaced, lines) if line]
    if "".join(typed) != _unspaced(title):
        return None
    places = [at for at, character in enumerate(title) if not character.isspace()]
    ends = accumulate(map(len, typed), initial=0)
    return [title[places[begin] : places[end - 1] + 1] for begin, end in pairwise(ends)]


def lines_too_long(lines: Sequence[str]) -> list[str]:
    """Which of these lines do not fit across the text area, in Chinese."""
    return [
        f"第 {nth} 行约 {width_of(line):.0f} 个字宽，一行最多 {LINE:.0f} 个字，请再分一行"
        for nth, line in enumerate(lines, 1)
        if width_of(line) > LINE
    ]


def objections(lines: Sequence[str]) -> list[str]:
    """What there is to say, in Chinese, against a title in these lines (GB/T 9704-2012 7.3.1): a word that is parted,
    a line between two longer ones, one that looks forgotten. The words known are not all words there are."""
    return [*_parted(lines), *_misshapen(lines)]


def _parted(lines: Sequence[str]) -> Iterator[str]:
    ends = list(accumulate(map(len, pieces("".join(lines)))))
    for nth, end in enumerate(list(accumulate(map(len, lines)))[:-1], 1):
        if end not in ends:
            begin = max((each for each in ends if each < end), default=0)
            piece = "".join(lines)[begin : min(each for each in ends if each > end)]
            yield f"第 {nth} 行断在“{piece.strip(_OPENS + _CLOSES)}”中间，看来把词分开了"


def _misshapen(lines: Sequence[str]) -> Iterator[str]:
    widths = [width_of(line) for line in lines]
    for nth, (above, width, below) in enumerate(zip(widths, widths[1:], widths[2:], strict=False), 2):
        if above > width < below:
            yield f"第 {nth} 行比上下两行都短，不成梯形或菱形"
    for nth, width in enumerate(widths, 1):
        if width < SHORTEST and len(lines) > 1:
            yield f"第 {nth} 行“{lines[nth - 1]}”太短"


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _words(title: str) -> Iterator[str]:
    whole, edges = set[int](), {0, len(title)}  # where nothing ends, and where something does
    for at, character in enumerate(title):
        size = _size_at(title, at)
        whole.update(range(at + 1, at + size))
        if size or character in _OPENS + _CLOSES + _LEADS:
            edges |= {at, at + (size or 1)}
    ends = sorted(edges - whole)
    yield from (title[begin:end] for begin, end in pairwise(ends))


def _size_at(title: str, at: int) -> int:
    """How long the number or the longest known word is that begins here; 0 where none does."""
    if number := _NUMBER.match(title, at):
        return len(number[0])
    known, longest = _known()
    sizes = range(min(longest, len(title) - at), 1, -1)
    return next((size for size in sizes if title[at : at + size] in known), 0)


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], int]:
    words = frozenset(row["word"] for row in shipped_rows("title_words"))
    return words, max(map(len, words))


def _fitting(piece: str) -> Iterator[str]:
    while width_of(piece) > LINE:
        yield piece[: int(LINE)]
        piece = piece[int(LINE) :]
    yield piece


def _broken(parts: Sequence[str], lines: int) -> Iterator[list[str]]:
    """Every way to make so many lines of them that none is too long."""
    if lines == 1:
        if width_of("".join(parts)) <= LINE:
            yield ["".join(parts)]
        return
    most = len(parts) - lines + 1
    for end in range(most, 0, -1):
        first = "".join(parts[:end])
        if width_of(first) <= LINE and width_of("".join(parts[end:])) <= LINE * (lines - 1):
            yield from ([first, *rest] for rest in _broken(parts[end:], lines - 1))


def _ugliness(lines: Sequence[str]) -> tuple[int, float]:
    """How many lines are forgotten or shorter than both neighbours; then how uneven they are, a longer first line
    before a longer last one."""
    widths = [width_of(line) for line in lines]
    waists = sum(a > b < c for a, b, c in zip(widths, widths[1:], widths[2:], strict=False))
    short = sum(width < SHORTEST for width in widths)
    mean = sum(widths) / len(widths)
    return waists + short, sum((width - mean) ** 2 for width in widths) + (widths[0] < widths[-1])
