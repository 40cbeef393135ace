"""The structure of a PDF, by which it is read aloud and copied in order (PDF/UA-1): mended, and kept when files are
split or joined.

WeasyPrint writes the tree. It says nothing of the scope of heads, calls tables also what is only laid out so, and
leaves the numbers of pages marked but outside of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

_MARKED = re.compile(rb"/\w+\s*<<\s*/MCID (\d+)\s*>>\s*BDC")
_LAID_OUT = {"/Table": Name.Div, "/TR": Name.Div, "/TD": Name.Div, "/THead": Name.Div, "/TBody": Name.Div}


def mend_tags(pdf: Pdf) -> None:
    """What WeasyPrint's tree lacks."""
    root = pdf.Root.StructTreeRoot
    inside = set()
    for element in _below(root):
        inside.add(element.objgen)
        kind = str(element.S)
        if kind == "/Table" and not any(str(each.S) == "/TH" for each in _below(element)):
            _no_table(element)
        elif kind == "/TH":
            element.A.Scope = Name.Column
    for page, owners in zip(pdf.pages, _owners(root), strict=True):
        _leave_out(pdf, page, owners, inside)


def with_own_tree(pdf: Pdf, source: Pdf, pages: Sequence[pikepdf.Page]) -> None:
    """Give a file that was made of these pages of the source their part of its tree."""
    tree, top = _new_tree(source)
    wanted = {page.objgen for page in pages}
    theirs = [element for element in source.Root.StructTreeRoot.K[0].K if element.Pg.objgen in wanted]
    _hang(top, theirs)
    owners = dict(_numbered(source.Root.StructTreeRoot))
    for number, page in enumerate(pages):
        _number(tree, number, owners[int(page.StructParents)])
    pdf.Root.StructTreeRoot = pdf.copy_foreign(tree)
    for number, page in enumerate(pdf.pages):
        page.StructParents = number
    _declare(pdf)


def add_tree(pdf: Pdf, part: Pdf) -> None:
    """Hang the tree of a part, whose pages are the last of the file, into the tree of the file."""
    if "/StructTreeRoot" not in pdf.Root:
        pdf.Root.StructTreeRoot, _ = _new_tree(pdf)
        _declare(pdf)
    root, more = pdf.Root.StructTreeRoot, pdf.copy_foreign(part.Root.StructTreeRoot)
    _hang(root.K[0], more.K[0].K)
    begin = len(pdf.pages) - len(part.pages)
    for number, owners in _numbered(more):
        _number(root, begin + number, owners)
    for number in range(begin, len(pdf.pages)):
        pdf.pages[number].StructParents = number


def _declare(pdf: Pdf) -> None:
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _new_tree(pdf: Pdf) -> tuple[Object, Object]:
    """An empty tree, and the element that stands for the whole document."""
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    tree.ParentTree = pdf.make_indirect(Dictionary(Nums=Array()))
    top = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=tree, K=Array()))
    tree.K = Array([top])
    return tree, top


def _hang(top: Object, elements: Sequence[Object] | Object) -> None:
    for element in elements:
        element.P = top
        top.K.append(element)


def _number(tree: Object, number: int, owners: Object) -> None:
    numbers: Any = tree.ParentTree.Nums
    numbers.extend([number, owners])


def _numbered(root: Object) -> Iterator[tuple[int, Object]]:
    """The numbers of the pages, each with what owns its marked pieces."""
    flat = list(root.ParentTree.Nums)
    yield from ((int(number), owners) for number, owners in zip(flat[::2], flat[1::2], strict=True))


def _owners(root: Object) -> list[Object]:
    return [owners for _, owners in _numbered(root)]


def _below(element: Object) -> Iterator[Object]:
    """The elements of the tree below this one."""
    for kid in element.get("/K", ()):
        if isinstance(kid, Dictionary) and kid.get("/Type") == Name.StructElem:
            yield kid
            yield from _below(kid)


def _no_table(element: Object) -> None:
    """A table without heads is a way to lay out, and no table."""
    for each in (element, *_below(element)):
        if plain := _LAID_OUT.get(str(each.S)):
            each.S = plain
            for key in {"/A", "/ID"} & set(each.keys()):
                del each[key]


def _leave_out(pdf: Pdf, page: pikepdf.Page, owners: Object, inside: set[tuple[int, int]]) -> None:
    """What belongs to the page and not to the document (its number) is no content."""
    outside = {number for number, owner in enumerate(owners) if owner.objgen not in inside}
    if not outside:
        return
    for number in outside:
        owners[number] = None
    drawn = page.Contents.read_bytes()
    page.Contents = pdf.make_stream(_MARKED.sub(lambda found: _artifact(found, outside), drawn))


def _artifact(found: re.Match[bytes], outside: set[int]) -> bytes:
    return b"/Artifact BMC" if int(found[1]) in outside else found[0]
