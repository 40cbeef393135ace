"""What a file is by its content, and whether it holds what runs, hides or never ends. Asked in the process of `reader`:
it asks no setting and imports no model."""

from __future__ import annotations

import re
import resource
from collections.abc import Callable, Sequence
from typing import Any

from luojiang_ce.uploads import compound, packages, pdfs, pictures
from luojiang_ce.uploads.dangers import EICAR, Refused
from luojiang_ce.uploads.places import Kind

_BLANK = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
_HEAD = 1024  # bytes within which a PDF may begin
MOST_MEMORY = 280_000_000  # bytes of the process, that one of 20 MB takes; pictures take more
_PAGE = re.compile(rb"<(!doctype|html|table|body|head|meta|div|style|\?xml|!--)", re.IGNORECASE)
_LOOKS: dict[Kind, Callable[[bytes], Any]] = {
    Kind.PDF: pdfs.look,
    Kind.OLE: compound.look,
    Kind.WORD: packages.look,
    Kind.EXCEL: packages.look,
    Kind.SLIDES: packages.look,
}


def inspect(
    content: bytes, kinds: Sequence[str], own_reader: bool, others: bool, blank: bool
) -> tuple[dict[str, Any], bytes]:
    """`kind`: what it is, empty where that is not among `kinds`; `refused`: why it is not taken, else empty; of a
    picture besides `taken`, the camera's time as it wrote it, and the picture drawn anew. `others`: are other kinds
    told of too, by the place's own reader? `blank`: is it asked whether there is a line in it?"""
    try:
        return _inspected(content, kinds, own_reader, others, blank)
    except Refused as refused:
        return {"kind": "", "refused": str(refused)}, b""


def _inspected(
    content: bytes, kinds: Sequence[str], own_reader: bool, others: bool, blank: bool
) -> tuple[dict[str, Any], bytes]:
    if EICAR in content:
        raise Refused("带有病毒测试特征（EICAR），没有收下。请用杀毒软件检查这台电脑，换成没有问题的文件再上传")
    kind = kind_of(content)
    is_taken = kind in kinds
    if is_taken and kind in (Kind.JPEG, Kind.PNG):
        return pictures.redrawn(content, kind, blank)
    # A PDF of ours is told by its bytes, whatever it holds; what is refused anyhow costs nothing.
    if kind in _LOOKS and (is_taken or others) and not (own_reader and kind is Kind.PDF):
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
        _LOOKS[kind](content)
    return {"kind": kind if is_taken else "", "refused": ""}, b""


def kind_of(content: bytes) -> Kind | None:
    """What a file is; None for what is nowhere taken."""
    if content.startswith(packages.BEGINS):  # first: what lies unpacked in an archive may begin like anything
        return packages.kind_of(content)
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if content.startswith(compound.BEGINS):
        return Kind.OLE
    head = content[:_HEAD].lstrip(_BLANK)
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    if _PAGE.match(head):
        return Kind.PAGE
    if head.startswith(b"{\\rtf"):
        return None
    if head.startswith(b"{"):
        return Kind.JSON
    return Kind.TEXT if head and b"\0\0" not in head else None
