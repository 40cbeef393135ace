"""HTML → PDF. Nothing is fetched from outside; long lists are laid out in parts, short papers written together.

Layout is WeasyPrint's, joining and splitting pikepdf's. Nothing here touches the database.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pikepdf
import weasyprint
from weasyprint import CSS, HTML, Document
from weasyprint.css import ColorProfile
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from luojiang_ce import clock

from .fonts import compact_fonts
from .printable import PART_ROWS, Printable, Style
from .tagging import add_blank, add_tree, mend_tags, with_own_tree

STYLES = Path(__file__).parent / "styles"
VARIANT = "pdf/a-3u"
UA_SCHEMA = STYLES / "pdfua.xmp"
COLOURS = "papers"
PRODUCER = f"WeasyPrint {weasyprint.__version__}"
SHEET_ROWS = 60  # more rows than this never fit on a sheet: bounds the search for how many do
LETTER_AND_ANNEX = 2  # pages: fewer there cannot be
SHORT_PAGES = 3  # of a paper of the style page: a longer one is not set densely for a page less
SHEET_END = "sheet-end"  # the id that marks the end of a fitted sheet
RECORD = "record"  # the id of the 版记
A4_WIDTH, A4_HEIGHT = 210 / 25.4 * 72, 297 / 25.4 * 72  # points
PART_PAGES = 60  # pages of short papers that are written at once: they share one subset of each font
Progress = Callable[[int, int], None]


class MissingGlyph(Exception):
    """A font lacks a character after all: nothing is issued with a box in it."""


class _NoBoxes(logging.Handler):
    """WeasyPrint draws a box for what no font has, and only logs it."""

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(".notdef"):
            raise MissingGlyph(record.getMessage())


@contextmanager
def no_boxes() -> Iterator[None]:
    """While papers are issued, a character that cannot be drawn raises MissingGlyph."""
    handler, logger = _NoBoxes(), logging.getLogger("weasyprint")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def _silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Rendered:
    """A finished PDF and how many pages it has."""

    content: bytes
    pages: int


@dataclass(frozen=True)
class About:
    """What a file says of itself to whoever opens or files it: every way to a PDF writes it anew."""

    title: str
    author: str = ""  # the issuing body: `issuer`, or `author` where a form does not sign with its name
    subject: str = ""  # number and check code
    address: str = ""  # of its check, with the signed statement: found in the file without reading its drawings


@dataclass
class _Pending:
    """Short documents that are laid out but not yet written."""

    abouts: list[About] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    @property
    def pages(self) -> int:
        return sum(len(document.pages) for document in self.documents)


def render(printable: Printable, progress: Progress = _silent) -> Rendered:
    """One document of any length; `progress` is told rows done and rows in all. A long list is set twice where its
    pages say how many there are."""
    rows = printable.context.get("rows") or ()
    if len(rows) <= PART_ROWS:
        return _write([_about(printable)], [lay_out(printable, {})])[0]
    about = _about(printable)
    known: dict[str, int] = {}
    if printable.style != "official":  # its pages say how many there are, which is known once all are set
        known["page_total"] = sum(len(part.pages) for part in _parts(printable, rows, _half(progress, 0)))
        progress = _half(progress, 1)
    parts = (_write([about], [part])[0].content for part in _parts(printable, rows, progress, **known))
    return _join(list(parts), about)


def render_each(printables: Sequence[Printable]) -> Iterator[Rendered]:
    """Many documents, in order. Short ones are written together and split again, which shares their fonts."""
    waiting = _Pending()
    for printable in printables:
        if len(printable.context.get("rows") or ()) > PART_ROWS:
            yield from _flush(waiting)
            yield render(printable)
            continue
        waiting.abouts.append(_about(printable))
        waiting.documents.append(lay_out(printable, {}))
        if waiting.pages >= PART_PAGES:
            yield from _flush(waiting)
    yield from _flush(waiting)


def render_joined(printables: Sequence[Printable], title: str, progress: Progress = _silent) -> Rendered:
    """Many documents as one PDF, such as a sign-in sheet for every half-day of a class."""
    contents = (rendered.content for rendered in render_each(printables))
    return joined(contents, title, from_front=False, of=len(printables), progress=progress)


def joined(
    contents: Iterable[bytes], title: str, *, from_front: bool, of: int, progress: Progress = _silent
) -> Rendered:
    """Finished PDFs, `of` so many, as one to be printed; with `from_front` each begins on the front of a sheet that is
    printed on both sides."""
    with pikepdf.new() as whole:
        for done, content in enumerate(contents, 1):
            _append(whole, content)
            if from_front and len(whole.pages) % 2 and done < of:
                whole.add_blank_page(page_size=(A4_WIDTH, A4_HEIGHT))
                add_blank(whole)
            progress(done, of)
        return Rendered(_saved(whole, About(title)), len(whole.pages))


def _about(printable: Printable) -> About:
    paper, check = printable.context.get("paper"), printable.context.get("check")
    subject = "，".join(filter(None, [getattr(paper, "number", ""), f"核验码 {check.code}" if check else ""]))
    author = printable.context.get("author") or printable.context.get("issuer", "")
    return About(printable.title, author, subject, check.address if check else "")


def _flush(waiting: _Pending) -> Iterator[Rendered]:
    if waiting.documents:
        yield from _write(waiting.abouts, waiting.documents)
        waiting.abouts, waiting.documents = [], []


def lay_out(printable: Printable, part: Mapping[str, Any]) -> Document:
    """A sheet as it is printed: fitted to one page where it asks for that, a short one or one with an annex set densely
    where that saves a page. `part`: what the template is told of a part of a long list; empty of a whole one."""
    if printable.fitted:
        return _fitted(printable)
    document = _set(printable, part)
    if not part and _could_be_shorter(printable, len(document.pages)):
        # Set densely, where that saves its last page: nobody sends a page of one row.
        dense = _set(printable, {"dense": True})
        if len(dense.pages) < len(document.pages):
            document, part = dense, {"dense": True}
    return _set(printable, {**part, "record_overleaf": True}) if _records_on_front(document, part) else document


def _could_be_shorter(printable: Printable, pages: int) -> bool:
    """Is it worth while to set a sheet of so many pages densely?"""
    if printable.style == "page":
        return 1 < pages <= SHORT_PAGES
    return bool(printable.context.get("annex")) and pages > LETTER_AND_ANNEX


def _records_on_front(document: Document, part: Mapping[str, Any]) -> bool:
    """Does the 版记 stand on an odd page? It belongs on an even one, the back of the last sheet (GB/T 9704 7.4)."""
    last = part.get("page_offset", 0) + len(document.pages)
    return last % 2 == 1 and RECORD in document.pages[-1].anchors


def _fitted(printable: Printable) -> Document:
    """One sheet with as many rows of the list as it has room for, set densely where the usual way has not room for all;
    where that is not enough either, the whole list overleaf."""
    total = len(printable.context[printable.fitted])
    for dense in (False, True):
        whole = _set(printable, {"shown": total, "overleaf": False, "dense": dense})
        if _ends_on_one_sheet(whole):
            return whole
    fits, too_many = 0, min(total, SHEET_ROWS)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if _ends_on_one_sheet(_set(printable, {"shown": middle, "overleaf": False, "dense": True})):
            fits = middle
        else:
            too_many = middle
    return _set(printable, {"shown": fits, "overleaf": total > 0, "dense": True})


def _ends_on_one_sheet(document: Document) -> bool:
    return SHEET_END in document.pages[0].anchors


def _set(printable: Printable, part: Mapping[str, Any]) -> Document:
    return typeset(printable.html(**part), printable.style)


def typeset(html: str, style: Style) -> Document:
    """The pages of one HTML text. Everything that becomes a PDF passes here, and nearly all the time is spent here."""
    return HTML(string=html, url_fetcher=_FETCHER).render(
        font_config=_fonts(),
        stylesheets=_styles(style),
        color_profiles={COLOURS: _colours()},
        output_intent=COLOURS,
        pdf_variant=VARIANT,
    )


def _half(progress: Progress, nth: int) -> Progress:
    """The progress of one of two passes."""
    return lambda done, total: progress((nth * total + done) // 2, total)


def _parts(printable: Printable, rows: Sequence[Any], progress: Progress, **known: int) -> Iterator[Document]:
    """A long list part by part, none written yet; `known` is said to the template of each. The last page of a part is
    not full: its rows open the next part instead.

    A template whose rows have no ids (see `_row_numbers`) gets a page break between its parts.
    """
    done = page = 0
    while done < len(rows):
        chunk = rows[done : done + PART_ROWS]
        last = done + len(chunk) == len(rows)
        part = {"rows": chunk, "first_row": done, "first_part": done == 0, "last_part": last, "page_offset": page}
        document = lay_out(printable, {**part, **known})
        full = document.copy(document.pages[:-1])
        set_there = max(_row_numbers(full), default=None)
        if last or set_there is None:
            done += len(chunk)
        else:
            document, done = full, set_there + 1
        page += len(document.pages)
        progress(done, len(rows))
        yield document


def _row_numbers(document: Document) -> Iterator[int]:
    """Numbers of the rows that were set on these pages: templates give each row the id `row-<number>`."""
    for page in document.pages:
        for anchor in page.anchors:
            if match := re.fullmatch(r"row-(\d+)", anchor):
                yield int(match[1])


def _write(abouts: Sequence[About], documents: Sequence[Document]) -> list[Rendered]:
    pages = [page for document in documents for page in document.pages]
    content = documents[0].copy(pages).write_pdf(pdf_variant=VARIANT, output_intent=COLOURS, pdf_tags=True)
    with pikepdf.open(io.BytesIO(content)) as whole:
        mend_tags(whole)
        compact_fonts(whole)
        # All pages share one list of drawings: without this each paper would carry the others' QR codes.
        whole.remove_unreferenced_resources()
        if len(documents) == 1:
            return [Rendered(_saved(whole, abouts[0]), len(pages))]
        return list(_split(whole, abouts, [len(document.pages) for document in documents]))


def _split(whole: pikepdf.Pdf, abouts: Sequence[About], counts: Sequence[int]) -> Iterator[Rendered]:
    start = 0
    for about, count in zip(abouts, counts, strict=True):
        with pikepdf.new() as single:
            pages = list(whole.pages)[start : start + count]
            single.pages.extend(pages)
            _take_over_catalogue(single, whole)
            with_own_tree(single, whole, pages)
            yield Rendered(_saved(single, about), count)
        start += count


def _join(contents: Sequence[bytes], about: About) -> Rendered:
    with pikepdf.new() as joined:
        for content in contents:
            _append(joined, content)
        return Rendered(_saved(joined, about), len(joined.pages))


def _append(whole: pikepdf.Pdf, content: bytes) -> None:
    """The pages of a part behind those that are there, with its tree (papers of earlier years have none)."""
    with pikepdf.open(io.BytesIO(content)) as part:
        whole.pages.extend(part.pages)
        if len(whole.pages) == len(part.pages):
            _take_over_catalogue(whole, part)
        if "/StructTreeRoot" in part.Root:
            add_tree(whole, part)


def _take_over_catalogue(target: pikepdf.Pdf, source: pikepdf.Pdf) -> None:
    """Language and colour space of the whole, which PDF/A asks for."""
    for key in ("/OutputIntents", "/Lang"):
        if key in source.Root:
            value = source.Root[key]
            target.Root[key] = target.copy_foreign(source.make_indirect(value)) if key == "/OutputIntents" else value


def _saved(pdf: pikepdf.Pdf, about: About) -> bytes:
    made = clock.local(clock.now()).isoformat(timespec="seconds")
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = about.title
        metadata["dc:language"] = {"zh-CN"}
        if about.author:
            metadata["dc:creator"] = [about.author]
        if about.subject:
            metadata["dc:description"] = about.subject
        if about.address:
            metadata["dc:identifier"] = about.address
        metadata["xmp:CreateDate"] = metadata["xmp:ModifyDate"] = made
        metadata["pdf:Producer"] = PRODUCER
        metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "3", "U"
        if all("/StructParents" in page for page in pdf.pages):
            metadata["pdfuaid:part"] = "1"
    _describe_schemas(pdf)
    pdf.docinfo["/Producer"] = PRODUCER
    out = io.BytesIO()
    pdf.save(out, min_version="1.7", object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _describe_schemas(pdf: pikepdf.Pdf) -> None:
    """PDF/A does not know the names of PDF/UA: a file that uses them says what they mean (ISO 19005-3, 6.6.2.3.3)."""
    said = pdf.Root.Metadata.read_bytes()
    end = b"</rdf:RDF>"
    pdf.Root.Metadata.write(said.replace(end, UA_SCHEMA.read_bytes().strip() + end, 1))


class PackagedFetcher(URLFetcher):  # type: ignore[misc]
    """Lets a template use inline data and files that lie beside the stylesheets, and nothing else."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        inside = Path(unquote(parts.path)).resolve().is_relative_to(STYLES.resolve())
        if parts.scheme == "data" or (parts.scheme == "file" and inside):
            return super().fetch(url, headers)
        raise ValueError(f"papers are made without fetching: {url[:100]}")


_FETCHER = PackagedFetcher(allowed_protocols=["data", "file"])


@lru_cache(maxsize=1)
def _fonts() -> FontConfiguration:
    """One font configuration per process: finding fonts takes longer than laying out a page."""
    return FontConfiguration()


@lru_cache(maxsize=1)
def _colours() -> ColorProfile:
    """sRGB, which PDF/A wants inside the file. WeasyPrint would open its copy anew for each paper and not close it."""
    profile = files("weasyprint.pdf").joinpath("sRGB2014.icc").read_bytes()
    return ColorProfile(io.BytesIO(profile), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))


@lru_cache(maxsize=8)
def _styles(style: Style) -> tuple[CSS, ...]:
    return tuple(
        CSS(filename=STYLES / f"{name}.css", url_fetcher=_FETCHER, font_config=_fonts()) for name in ("common", style)
    )
