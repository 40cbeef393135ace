"""Numbers as strangers type them into an address or a form."""

_DIGITS = 18  # what a database's whole number holds


def whole_number(text: str) -> int | None:
    """The number behind plain digits; None for anything else: a superscript ², a minus, more than a row id can be."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def whole_numbers(texts: list[str]) -> list[int]:
    """Those of the texts that are numbers; the others are left out."""
    return [number for text in texts if (number := whole_number(text)) is not None]
