"""Rules of PDF/A-3u and PDF/UA-1 as a validator holds them against a file. Each yields what is wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pikepdf
from lxml import etree

from tests.luojiang_ce.papers.reading import to_unicode

Faults = Iterator[str]
PAINTS = {"Tj", "TJ", "'", '"', "f", "F", "f*", "S", "s", "B", "B*", "b", "b*", "Do", "sh", "EI"}
CHILDREN = {
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "THead": {"TR"},
    "TBody": {"TR"},
    "TFoot": {"TR"},
    "TR": {"TH", "TD"},
    "L": {"LI", "L", "Caption"},
    "LI": {"Lbl", "LBody"},
}
WITHIN = {"TR": {"Table", "THead", "TBody", "TFoot"}, "TH": {"TR"}, "TD": {"TR"}, "LI": {"L"}}
# Radicals and compatibility forms that look like characters; private use; what stands for nothing.
LOOK_ALIKE = re.compile("[\u2e80-\u2fdf\ue000-\uf8ff\uf900-\ufaff\ufffd\u0000\ufeff\U000f0000-\U0010ffff]")


def dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary of the file, those of streams too, however deep."""
    for thing in pdf.objects:
        yield from _within(thing)


def _within(thing: Any, deep: int = 0) -> Iterator[Any]:
    if isinstance(thing, pikepdf.Stream | pikepdf.Dictionary):
        yield thing
        values = [value for _, value in thing.items()]
    else:
        values = list(thing) if isinstance(thing, pikepdf.Array) else []
    for value in values:
        if isinstance(value, pikepdf.Object) and not value.is_indirect and deep < 20:
            yield from _within(value, deep + 1)


def metadata(pdf: pikepdf.Pdf) -> Faults:
    """XMP says PDF/A-3u and PDF/UA-1, what the latter's names mean, and the same title as the file."""
    with pdf.open_metadata() as said:
        found = {name: said.get(name) for name in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part")}
        if list(found.values()) != ["3", "U", "1"]:
            yield f"{found}"
        if not said.get("dc:title") or said["dc:title"] != str(pdf.docinfo.get("/Title")):
            yield f"title {said.get('dc:title')} and {pdf.docinfo.get('/Title')}"
        if str(pdf.docinfo.get("/Producer")) != said.get("pdf:Producer"):
            yield "two producers"
    xmp = etree.fromstring(pdf.Root.Metadata.read_bytes())
    described = xmp.xpath("//*[local-name()='namespaceURI']/text()")
    if described != ["http://www.aiim.org/pdfua/ns/id/"]:
        yield f"schemas described: {described}"
    if "/Filter" in pdf.Root.Metadata:
        yield "the metadata are compressed"


def colours(pdf: pikepdf.Pdf) -> Faults:
    """One output intent with a profile, and no colour that needs another."""
    intents = pdf.Root.get("/OutputIntents", ())
    if len(intents) != 1 or str(intents[0].S) != "/GTS_PDFA1":
        yield f"{len(intents)} intents"
        return
    profile = intents[0].DestOutputProfile
    if int(profile.N) != 3 or profile.read_bytes()[36:40] != b"acsp":
        yield "no profile of three colours"
    for page in pdf.pages:
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in ("k", "K"):
                yield f"a colour of four inks: {operands}"


def fonts(pdf: pikepdf.Pdf) -> Faults:
    """Each embedded, and each of its codes is a character."""
    found = [each for each in dictionaries(pdf) if each.get("/Type") == pikepdf.Name.Font and "/BaseFont" in each]
    for font in found:
        kind, name = str(font.Subtype), str(font.BaseFont)
        if kind in ("/CIDFontType0", "/CIDFontType2"):
            if not {"/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys()):
                yield f"{name} is not embedded"
        elif kind != "/Type0" or "/ToUnicode" not in font:
            yield f"{name} ({kind}) says not what its codes mean"
        elif wrong := LOOK_ALIKE.findall("".join(to_unicode(font.ToUnicode.read_bytes().decode()).values())):
            yield f"{name} means {wrong}"
    if not found:
        yield "no font"


def forbidden(pdf: pikepdf.Pdf) -> Faults:
    """No script, no launching, no encryption, nothing attached, nothing that comes from outside."""
    if pdf.is_encrypted or "/Encrypt" in pdf.trailer:
        yield "encrypted"
    for each in dictionaries(pdf):
        keys = {"/JS", "/JavaScript", "/Launch", "/AA", "/XFA", "/EmbeddedFile", "/EF", "/F"} & set(each.keys())
        if keys - ({"/F"} if isinstance(each.get("/F"), int) else set()):
            yield f"{keys}"
        if str(each.get("/S")) in (
            "/JavaScript",
            "/Launch",
            "/ImportData",
            "/SubmitForm",
            "/GoToR",
            "/Movie",
            "/Sound",
        ):
            yield f"the action {each.S}"
        if "/LZWDecode" in str(each.get("/Filter", "")):
            yield "LZW"
    if "/OpenAction" in pdf.Root:
        yield "it acts when it is opened"


def transparency(pdf: pikepdf.Pdf) -> Faults:
    """A group that is transparent has a colour space, its own or the file's intent."""
    for each in dictionaries(pdf):
        group = each.get("/Group", pikepdf.Dictionary())
        spaces = "/CS" in group or "/OutputIntents" in pdf.Root
        if str(group.get("/S")) == "/Transparency" and not spaces:
            yield "a group without a colour space"
        if str(each.get("/BM", "/Normal")) not in ("/Normal", "/Compatible"):
            yield f"blended {each.BM}"


def catalogue(pdf: pikepdf.Pdf) -> Faults:
    """Marked, in Chinese, its title shown."""
    root = pdf.Root
    if not root.get("/MarkInfo", {}).get("/Marked"):
        yield "not marked"
    if str(root.get("/Lang")) != "zh-CN":
        yield f"language {root.get('/Lang')}"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "its title is not shown"
    if pdf.pdf_version != "1.7":
        yield f"PDF {pdf.pdf_version}"


def elements(pdf: pikepdf.Pdf) -> Iterator[tuple[Any, str]]:
    """The elements of the tree in the order of reading, each with the kind of its parent."""

    def below(element: Any, kind: str) -> Iterator[tuple[Any, str]]:
        for kid in element.get("/K", ()):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield kid, kind
                yield from below(kid, str(kid.S)[1:])

    yield from below(pdf.Root.StructTreeRoot, "root")


def marked(pdf: pikepdf.Pdf) -> Faults:
    """All that is drawn is in the tree, or marked as no content."""
    tree = {each.objgen for each, _ in elements(pdf)}
    flat = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    numbers = dict(zip(map(int, flat[::2]), flat[1::2], strict=True))
    for nth, page in enumerate(pdf.pages, 1):
        owners = list(numbers[int(page.StructParents)])
        if str(page.get("/Tabs")) != "/S":
            yield f"page {nth} has no order of tabs"
        yield from (f"page {nth}: {fault}" for fault in _drawn(page, owners, tree))


def _drawn(page: Any, owners: list[Any], tree: set[tuple[int, int]]) -> Faults:
    open_marks: list[str] = []
    seen = set()
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            open_marks.append(str(operands[0]))
            if name == "BDC" and "/MCID" in operands[1]:
                number = int(operands[1].MCID)
                seen.add(number)
                if number >= len(owners) or owners[number] is None or owners[number].objgen not in tree:
                    yield f"what is marked {number} is not in the tree"
                if "/Artifact" in open_marks:
                    yield f"what is marked {number} is within what is no content"
        elif name == "EMC":
            open_marks.pop()
        elif name in PAINTS and not open_marks:
            yield f"{name} is not marked"
    if lost := {number for number, owner in enumerate(owners) if owner is not None} - seen:
        yield f"the tree holds {lost}, which are not drawn"


def structure(pdf: pikepdf.Pdf) -> Faults:
    """Parents and children fit, figures say what they show, heads of tables what they head, heads follow in order."""
    pages = {page.objgen for page in pdf.pages}
    heads = []
    for element, parent in elements(pdf):
        kind = str(element.S)[1:]
        if "/Pg" in element and element.Pg.objgen not in pages:
            yield f"a {kind} on no page of the file"
        if parent in CHILDREN and kind not in CHILDREN[parent]:
            yield f"a {kind} within a {parent}"
        if kind in WITHIN and parent not in WITHIN[kind]:
            yield f"a {kind} within a {parent}"
        if kind == "Figure" and not str(element.get("/Alt", "")).strip():
            yield "a figure that says nothing"
        if kind == "TH" and str(element.get("/A", {}).get("/Scope", "")) not in ("/Column", "/Row", "/Both"):
            yield "a head without scope"
        if kind == "Table" and "/TH" not in {str(each.S) for each, _ in _under(element)}:
            yield "a table without heads"
        if re.fullmatch(r"H\d", kind):
            heads.append(int(kind[1]))
    if heads and heads[0] != 1:
        yield f"the first head is H{heads[0]}"
    yield from (f"H{after} after H{before}" for before, after in pairwise(heads) if after > before + 1)


def _under(element: Any) -> Iterator[tuple[Any, None]]:
    for kid in element.get("/K", ()):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid, None
            yield from _under(kid)


def heads_of_cells(pdf: pikepdf.Pdf) -> Faults:
    """Each cell of a table has a head: one to its left that heads rows, or one above that heads columns. No name is
    borne twice, and what cells call their heads is there."""
    for table in (each for each, _ in elements(pdf) if each.S == "/Table"):
        at = dict(_places(table))
        for (row, column), cell in at.items():
            left = [at[row, n] for n in range(column - 1, -1, -1) if (row, n) in at]
            above = [at[n, column] for n in range(row) if (n, column) in at]
            if str(cell.S) == "/TD" and not _heads(left, "/Row") and not _heads(above, "/Column"):
                yield f"a cell in row {row}, column {column} without a head"
    names = [bytes(each.ID) for each, _ in elements(pdf) if "/ID" in each]
    if len(names) != len(set(names)):
        yield "two elements of one name"
    if pointed := [each for each, _ in elements(pdf) for name in _headers(each) if name not in names]:
        yield f"{len(pointed)} cells whose heads are nowhere"


def _places(table: Any) -> Iterator[tuple[tuple[int, int], Any]]:
    """The cells of a table by row and column, at each of the places over which they go."""
    taken = set()
    for nth, row in enumerate(each for each, _ in _under(table) if each.S == "/TR"):
        column = 0
        for cell in row.K:
            while (nth, column) in taken:
                column += 1
            height, width = (int(cell.A.get(key, 1)) for key in ("/RowSpan", "/ColSpan"))
            places = [(nth + down, column + right) for down in range(height) for right in range(width)]
            taken.update(places)
            yield from ((place, cell) for place in places)


def _heads(cells: list[Any], scope: str) -> bool:
    return any(str(each.S) == "/TH" and str(each.A.get("/Scope", "")) == scope for each in cells)


def _headers(element: Any) -> list[bytes]:
    return [bytes(name) for name in element.get("/A", pikepdf.Dictionary()).get("/Headers", ())]


def annotations(pdf: pikepdf.Pdf) -> Faults:
    """What lies on the page is printed and in the tree; the field of a signature lies off it."""
    for page in pdf.pages:
        _, _, width, height = (float(each) for each in page.mediabox)
        for each in page.get("/Annots", ()):
            left, bottom, right, top = (float(side) for side in each.Rect)
            outside = right <= 0 or top <= 0 or left >= width or bottom >= height
            flags = int(each.get("/F", 0))
            if not flags & 4 or flags & (1 | 2 | 32):
                yield f"an annotation with the flags {flags}"
            if not outside and "/StructParent" not in each:
                yield f"an annotation at {left}, {bottom} that is not in the tree"


RULES: dict[str, Callable[[pikepdf.Pdf], Faults]] = {
    rule.__name__: rule
    for rule in (
        metadata, colours, fonts, forbidden, transparency, catalogue, marked, structure, heads_of_cells, annotations,
    )
}  # fmt: skip


def faults(content: bytes) -> list[str]:
    """All that is wrong with a file."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [f"{name}: {fault}" for name, rule in RULES.items() for fault in dict.fromkeys(rule(pdf))]


def read_aloud(content: bytes) -> str:
    """The text in the order of the tree, as a screen reader has it."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        texts = [_texts(page) for page in pdf.pages]
        nth = {page.objgen: number for number, page in enumerate(pdf.pages)}
        said = [
            texts[nth[element.Pg.objgen]].get(int(kid), "")
            for element, _ in elements(pdf)
            for kid in element.get("/K", ())
            if isinstance(kid, int)
        ]
    return "".join(said)


def _texts(page: Any) -> dict[int, str]:
    """What each marked piece of a page says."""
    fonts = page.Resources.get("/Font", pikepdf.Dictionary())  # a blank page has none
    meanings = {name: to_unicode(font.ToUnicode.read_bytes().decode()) for name, font in fonts.items()}
    said: dict[int, str] = {}
    meaning: dict[int, str] = {}
    number = None
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC":
                number = int(operands[1].MCID) if "/MCID" in operands[1] else None
            case "EMC":
                number = None
            case "Tf":
                meaning = meanings[str(operands[0])]
            case "Tj" | "TJ" if number is not None:
                pieces = operands[0] if str(operator) == "TJ" else [operands[0]]
                said[number] = said.get(number, "") + "".join(_characters(pieces, meaning))
    return said


def _characters(pieces: Any, meaning: dict[int, str]) -> Iterator[str]:
    for piece in pieces:
        if isinstance(piece, pikepdf.String):
            raw = bytes(piece)
            yield from (meaning.get(int.from_bytes(raw[n : n + 2], "big"), "\ufffd") for n in range(0, len(raw), 2))
