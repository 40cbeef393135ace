"""The structure of a PDF, by which it is read aloud and copied in order (PDF/UA-1): mended, and kept when files are
split or joined.

WeasyPrint writes the tree. It says nothing of the scope of heads, calls tables also what is only laid out so, and
leaves the numbers of pages marked but outside of the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

_MARKED = re.compile(rb"/\w+\s*<<\s*/MCID (\d+)\s*>>\s*BDC")
_LAID_OUT = {"/Table": Name.Div, "/TR": Name.Div, "/TD": Name.Div, "/THead": Name.Div, "/TBody": Name.Div}


def mend_tags(pdf: Pdf) -> None:
    """What WeasyPrint's tree lacks."""
    root = pdf.Root.StructTreeRoot
    owners, inside = _owners(root), set()
    for element in _below(root):
        inside.add(element.objgen)
        kind = str(element.S)
        if kind == "/Table" and not any(str(each.S) == "/TH" for each in _below(element)):
            _no_table(element)
        elif kind in ("/TH", "/TD"):
            _head_by_scope(element)
    for page in pdf.pages:
        _leave_out(pdf, page, owners[int(page.StructParents)], inside)


def with_own_tree(pdf: Pdf, source: Pdf, pages: Sequence[pikepdf.Page]) -> None:
    """Give a file that was made of these pages of the source their part of its tree."""
    tree, top = _new_tree(source)
    wanted = {page.objgen for page in pages}
    theirs = [element for element in source.Root.StructTreeRoot.K[0].K if element.Pg.objgen in wanted]
    _hang(top, theirs)
    owners = _owners(source.Root.StructTreeRoot)
    for number, (holder, key) in enumerate(_numbered(pages)):
        _number(tree, number, owners[int(holder[key])])
    pdf.Root.StructTreeRoot = pdf.copy_foreign(tree)
    for number, (holder, key) in enumerate(_numbered(pdf.pages)):
        holder[key] = number
    _declare(pdf)


def add_tree(pdf: Pdf, part: Pdf) -> None:
    """Hang the tree of a part, whose pages are the last of the file, into the tree of the file."""
    if "/StructTreeRoot" not in pdf.Root:
        pdf.Root.StructTreeRoot, _ = _new_tree(pdf)
        _declare(pdf)
    root, more = pdf.Root.StructTreeRoot, pdf.copy_foreign(part.Root.StructTreeRoot)
    _hang(root.K[0], more.K[0].K)
    begin = _next_number(root)
    for number, owners in _owners(more).items():
        _number(root, begin + number, owners)
    for holder, key in _numbered(list(pdf.pages)[-len(part.pages) :]):
        holder[key] = begin + int(holder[key])


def add_blank(pdf: Pdf) -> None:
    """Of the last page, which is blank: that it belongs to the tree, and nothing of the tree is on it. Where there is
    no tree it stays outside as well."""
    if "/StructTreeRoot" in pdf.Root:
        root, page = pdf.Root.StructTreeRoot, pdf.pages[-1]
        page.StructParents, page.Tabs = _next_number(root), Name.S
        _number(root, _next_number(root), Array())


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
    tree.ParentTreeNextKey = number + 1


def _next_number(tree: Object) -> int:
    return int(tree.get("/ParentTreeNextKey", 0))


def _numbered(pages: Iterable[pikepdf.Page]) -> Iterator[tuple[Object, str]]:
    """What of these pages the tree has by a number, each with the key of that: the pages, and the links on them."""
    for page in pages:
        links = ((each, "/StructParent") for each in page.get("/Annots", ()))
        yield from ((holder, key) for holder, key in ((page.obj, "/StructParents"), *links) if key in holder)


def _owners(root: Object) -> dict[int, Object]:
    """What owns the marked pieces of a page, or a link, by their numbers."""
    flat = list(root.ParentTree.Nums)
    return {int(number): owners for number, owners in zip(flat[::2], flat[1::2], strict=True)}


def _below(element: Object) -> Iterator[Object]:
    """The elements of the tree below this one."""
    for kid in element.get("/K", ()):
        if isinstance(kid, Dictionary) and kid.get("/Type") == Name.StructElem:
            yield kid
            yield from _below(kid)


def _head_by_scope(cell: Object) -> None:
    """A head outside of the head of its table is that of its row. Scopes say it all; the names of heads by which
    WeasyPrint says it too are taken from the place in a table, which are the same on each page and in each file, and
    head a value by every head of its row."""
    if cell.S == Name.TH:
        cell.A.Scope = Name.Column if Name.THead == cell.P.P.S else Name.Row
    names: tuple[tuple[Any, str], ...] = ((cell, "/ID"), (cell.get("/A", {}), "/Headers"))
    for holder, key in names:
        if key in holder:
            del holder[key]


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
    page.Contents = pdf.make_stream(
        _MARKED.sub(lambda found: b"/Artifact BMC" if int(found[1]) in outside else found[0], drawn)
    )
