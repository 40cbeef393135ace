"""Bytes as text for a QR code: the letters that its dense mode has and an address keeps as they are.

As RFC 9285 (base 45), without the blank and the per cent sign, which browsers rewrite in an address: three letters for
two bytes, two for a last single one. static/js/proof/statement.js reads the same.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-/"
_BASE = len(ALPHABET)
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}


def encode(content: bytes) -> str:
    """The text of these bytes."""
    return "".join(_letters(content[i : i + 2]) for i in range(0, len(content), 2))


def decode(text: str) -> bytes:
    """The bytes behind a text; ValueError where it is none of ours."""
    return b"".join(_bytes(text[i : i + 3]) for i in range(0, len(text), 3))


def _letters(pair: bytes) -> str:
    value, letters = int.from_bytes(pair, "big"), ""
    for _ in range(len(pair) + 1):
        value, digit = divmod(value, _BASE)
        letters = ALPHABET[digit] + letters
    return letters


def _bytes(letters: str) -> bytes:
    if len(letters) == 1 or set(letters) - _VALUE.keys():
        raise ValueError("not a text of ours")
    value = 0
    for letter in letters:
        value = value * _BASE + _VALUE[letter]
    try:
        return value.to_bytes(len(letters) - 1, "big")
    except OverflowError as too_much:
        raise ValueError("not a text of ours") from too_much
