"""HTML → PDF. Nothing is fetched from outside; long lists are laid out in parts, short papers written together.

Layout is WeasyPrint's, joining and splitting pikepdf's. Nothing here touches the database.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pikepdf
import weasyprint
from django.template.loader import render_to_string
from weasyprint import CSS, HTML, Document
from weasyprint.css import ColorProfile
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from .fonts import compact_fonts
from .printable import Printable, Style

STYLES = Path(__file__).parent / "styles"
VARIANT = "pdf/a-3u"
COLOURS = "papers"
PRODUCER = f"WeasyPrint {weasyprint.__version__}"
PART_ROWS = 200  # rows of a long list that are laid out at once: bounds memory, and time between two reports
PART_PAGES = 60  # pages of short papers that are written at once: they share one subset of each font
Progress = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Rendered:
    """A finished PDF and how many pages it has."""

    content: bytes
    pages: int


@dataclass
class _Pending:
    """Short documents that are laid out but not yet written."""

    titles: list[str] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)

    @property
    def pages(self) -> int:
        return sum(len(document.pages) for document in self.documents)


def render(printable: Printable, progress: Progress = _silent) -> Rendered:
    """One document of any length; `progress` is told rows done and rows in all."""
    rows = printable.context.get("rows") or ()
    if len(rows) <= PART_ROWS:
        return _write([printable.title], [_lay_out(printable, {})])[0]
    return _join([part.content for part in _parts(printable, rows, progress)], printable.title)


def render_each(printables: Sequence[Printable]) -> Iterator[Rendered]:
    """Many documents, in order. Short ones are written together and split again, which shares their fonts."""
    waiting = _Pending()
    for printable in printables:
        if len(printable.context.get("rows") or ()) > PART_ROWS:
            yield from _flush(waiting)
            yield render(printable)
            continue
        waiting.titles.append(printable.title)
        waiting.documents.append(_lay_out(printable, {}))
        if waiting.pages >= PART_PAGES:
            yield from _flush(waiting)
    yield from _flush(waiting)


def render_joined(printables: Sequence[Printable], title: str) -> Rendered:
    """Many documents as one PDF, such as a sign-in sheet for every half-day of a class."""
    return _join([rendered.content for rendered in render_each(printables)], title)


def _flush(waiting: _Pending) -> Iterator[Rendered]:
    if waiting.documents:
        yield from _write(waiting.titles, waiting.documents)
        waiting.titles, waiting.documents = [], []


def _lay_out(printable: Printable, part: Mapping[str, Any]) -> Document:
    context = {"title": printable.title, "first_part": True, "last_part": True, "first_row": 0, **printable.context}
    return typeset(render_to_string(printable.template, {**context, **part}), printable.style)


def typeset(html: str, style: Style) -> Document:
    """The pages of one HTML text. Everything that becomes a PDF passes here, and nearly all the time is spent here."""
    return HTML(string=html, url_fetcher=_FETCHER).render(
        font_config=_fonts(),
        stylesheets=_styles(style),
        color_profiles={COLOURS: _colours()},
        output_intent=COLOURS,
        pdf_variant=VARIANT,
    )


def _parts(printable: Printable, rows: Sequence[Any], progress: Progress) -> Iterator[Rendered]:
    """A long list part by part. The last page of a part is not full: its rows open the next part instead.

    A template whose rows have no ids (see `_row_numbers`) gets a page break between its parts.
    """
    done = page = 0
    while done < len(rows):
        chunk = rows[done : done + PART_ROWS]
        last = done + len(chunk) == len(rows)
        part = {"rows": chunk, "first_row": done, "first_part": done == 0, "last_part": last, "page_offset": page}
        document = _lay_out(printable, part)
        full = document.copy(document.pages[:-1])
        set_there = max(_row_numbers(full), default=None)
        if last or set_there is None:
            done += len(chunk)
        else:
            document, done = full, set_there + 1
        page += len(document.pages)
        progress(done, len(rows))
        yield _write([printable.title], [document])[0]


def _row_numbers(document: Document) -> Iterator[int]:
    """Numbers of the rows that were set on these pages: templates give each row the id `row-<number>`."""
    for page in document.pages:
        for anchor in page.anchors:
            if match := re.fullmatch(r"row-(\d+)", anchor):
                yield int(match[1])


def _write(titles: Sequence[str], documents: Sequence[Document]) -> list[Rendered]:
    pages = [page for document in documents for page in document.pages]
    content = documents[0].copy(pages).write_pdf(pdf_variant=VARIANT, output_intent=COLOURS)
    with pikepdf.open(io.BytesIO(content)) as whole:
        compact_fonts(whole)
        # All pages share one list of drawings: without this each paper would carry the others' QR codes.
        whole.remove_unreferenced_resources()
        if len(documents) == 1:
            return [Rendered(_saved(whole, titles[0]), len(pages))]
        return list(_split(whole, titles, [len(document.pages) for document in documents]))


def _split(whole: pikepdf.Pdf, titles: Sequence[str], counts: Sequence[int]) -> Iterator[Rendered]:
    start = 0
    for title, count in zip(titles, counts, strict=True):
        with pikepdf.new() as single:
            single.pages.extend(list(whole.pages)[start : start + count])
            _take_over_catalogue(single, whole)
            yield Rendered(_saved(single, title), count)
        start += count


def _join(contents: Sequence[bytes], title: str) -> Rendered:
    with pikepdf.new() as joined:
        for content in contents:
            with pikepdf.open(io.BytesIO(content)) as part:
                joined.pages.extend(part.pages)
                if len(joined.pages) == len(part.pages):
                    _take_over_catalogue(joined, part)
        return Rendered(_saved(joined, title), len(joined.pages))


def _take_over_catalogue(target: pikepdf.Pdf, source: pikepdf.Pdf) -> None:
    """Language and colour space of the whole, which PDF/A asks for."""
    for key in ("/OutputIntents", "/Lang"):
        if key in source.Root:
            value = source.Root[key]
            target.Root[key] = target.copy_foreign(source.make_indirect(value)) if key == "/OutputIntents" else value


def _saved(pdf: pikepdf.Pdf, title: str) -> bytes:
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = title
        metadata["dc:language"] = {"zh-CN"}
        metadata["pdf:Producer"] = PRODUCER
        metadata["pdfaid:part"], metadata["pdfaid:conformance"] = "3", "U"
    pdf.docinfo["/Producer"] = PRODUCER
    out = io.BytesIO()
    pdf.save(out, min_version="1.7", object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


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
