"""A paper of every kind is PDF/A-3u and PDF/UA-1, by rules like those of a validator; its text is copied and read aloud
as it was written; its names are among those that are held against the fonts."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Callable
from html import unescape
from typing import Any

import pikepdf
import pytest

from luojiang_ce.papers.models import Seal
from luojiang_ce.papers.rendering import render, render_each, render_joined
from luojiang_ce.papers.services import request_paper
from tests.conftest import District
from tests.luojiang_ce.papers.of_the_demo import Shown, kinds, of_the_demo
from tests.luojiang_ce.papers.pdf_rules import LOOK_ALIKE, faults, read_aloud
from tests.luojiang_ce.papers.samples import made, seal_of
from tests.luojiang_ce.papers.signing.conftest import signers, signing_seal

__all__ = ["signers", "signing_seal"]  # fixtures

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]
NOT_READ = re.compile(r"<(head|style|svg)\b.*?</\1>|<div class=\"running\">.*?</div>|<[^>]*>", re.DOTALL)
SPAN = re.compile(r"</?(?:span|b)\b[^>]*>")
PAGE_NUMBER = re.compile(r"—\s*\d+\s*—")


@pytest.fixture
def papers(db: Any) -> list[tuple[Shown, bytes]]:
    """One of each kind, with its file."""
    first: dict[str, Shown] = {}
    for shown in of_the_demo():
        first.setdefault(shown.kind, shown)
    return [(shown, _file(shown)) for shown in first.values()]


_files: dict[str, bytes] = {}


def _file(shown: Shown) -> bytes:
    if shown.name not in _files:
        _files[shown.name] = render(shown.printable).content
    return _files[shown.name]


def test_there_is_one_of_every_kind(papers: list[tuple[Shown, bytes]]) -> None:
    """Every official kind, and every sheet: what the demo has not (another organ's seal) is set on one of these."""
    there = {shown.kind for shown, _ in papers}
    assert {key for key, kind in kinds().items() if kind.style == "official"} <= there
    assert {kind.template for kind in kinds().values()} == {kinds()[key].template for key in there}


def test_every_paper_keeps_the_rules(papers: list[tuple[Shown, bytes]]) -> None:
    found = [f"{shown.name}: {fault}" for shown, content in papers for fault in faults(content)]
    assert not found, "\n".join(found)


def test_so_does_what_was_written_together_and_split_and_what_was_joined(papers: list[tuple[Shown, bytes]]) -> None:
    printables = [shown.printable for shown, _ in papers]
    for (shown, alone), together in zip(papers, render_each(printables), strict=True):
        assert faults(together.content) == [], shown.name
        assert read_aloud(together.content) == read_aloud(alone), shown.name
    joined = render_joined(printables, "文书汇编").content
    assert faults(joined) == []
    assert read_aloud(joined) == "".join(read_aloud(content) for _, content in papers)


def test_text_is_copied_and_read_aloud_as_it_was_written(papers: list[tuple[Shown, bytes]]) -> None:
    found: list[str] = []
    for shown, content in papers:
        blocks = _blocks(shown)
        written = "".join(blocks)
        copied = _plain(PAGE_NUMBER.sub("", _pdftotext(content)))
        assert not LOOK_ALIKE.findall(copied), shown.name
        assert not set(written) - set(copied), (shown.name, set(written) - set(copied))
        spoken = _plain(read_aloud(content))
        if not shown.printable.fitted:
            assert _in_order(written, spoken), shown.name
        if shown.official:
            found += [f"{shown.name}: {block}" for block in blocks if block not in copied]
    assert not found, "\n".join(found)


def _blocks(shown: Shown) -> list[str]:
    """What the first sheet, or all of a paper that is not fitted, says block by block."""
    fitted = shown.printable.fitted
    html = shown.printable.html(shown=len(shown.printable.context[fitted]) if fitted else None, overleaf=False)
    return [_plain(unescape(block)) for block in NOT_READ.sub("\n", SPAN.sub("", html)).split("\n")]


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text)


def _pdftotext(content: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True
    ).stdout.decode()


def _in_order(written: str, spoken: str) -> bool:
    """Is each character that was written spoken, in the same order?"""
    rest = iter(spoken)
    return all(character in rest for character in written)


def test_a_kind_with_a_series_builds_nothing_of_the_number(db: Any) -> None:
    """The worker builds the sheet before it gives the number: what a kind took from it would be printed empty."""
    looked_at = [shown for shown in of_the_demo() if shown.unnumbered]
    whole = {"shown": None, "overleaf": True}
    for shown in looked_at:
        assert shown.printable.html(**whole) == shown.unnumbered.html(**whole), shown.name
    assert len(looked_at) > 5


def test_names_are_held_against_the_fonts_whatever_the_kind(db: Any) -> None:
    """Whoever and whatever the registers know by a name, and a sheet prints."""
    found: dict[str, set[str]] = {}
    for shown in of_the_demo():
        printed = "\n".join(_blocks(shown))
        if missing := {name for name in shown.known if name in printed and name not in shown.asked}:
            found.setdefault(shown.kind, set()).update(missing)
    assert not found


def test_a_signed_paper_keeps_them_too(district: District, signing_seal: Seal) -> None:
    education = seal_of(district.education, provider=Seal.Provider.SIGNED, signer="education", demo=False)
    paper = made(
        request_paper(
            "sample.letter",
            district.unit,
            actor=district.keeper,
            approver=district.approver,
            seal=signing_seal,
            second_seal=education,
        )
    )
    assert paper.signatures.count() == 2
    with paper.file.open() as file:
        content = file.read()
    assert faults(content) == []
    assert "准予举办设施蔬菜生产技术培训班" in read_aloud(content)


def _without(key: str) -> Callable[[pikepdf.Pdf], None]:
    def spoil(pdf: pikepdf.Pdf) -> None:
        del pdf.Root[key]

    return spoil


def _no_text(pdf: pikepdf.Pdf) -> None:
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/Subtype") == "/Type0":
            del each["/ToUnicode"]


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def _unmarked(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n0 0 9 9 re f")


def _no_alternative(pdf: pikepdf.Pdf) -> None:
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and "/Alt" in each:
            del each["/Alt"]


def _renamed(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = "另一个标题"


def _deep_head(pdf: pikepdf.Pdf) -> None:
    for each in pdf.objects:
        if isinstance(each, pikepdf.Dictionary) and str(each.get("/S")) == "/H1":
            each.S = pikepdf.Name.H3


def _link(pdf: pikepdf.Pdf) -> None:
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[9, 9, 90, 90], F=4)
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(link)])


SPOILT: dict[str, tuple[Callable[[pikepdf.Pdf], None], str]] = {
    "no intent": (_without("/OutputIntents"), "colours"),
    "no language": (_without("/Lang"), "catalogue"),
    "no mark": (_without("/MarkInfo"), "catalogue"),
    "no shown title": (_without("/ViewerPreferences"), "catalogue"),
    "codes without meaning": (_no_text, "fonts"),
    "a script": (_script, "forbidden"),
    "something drawn beside": (_unmarked, "marked"),
    "a figure without words": (_no_alternative, "structure"),
    "another title": (_renamed, "metadata"),
    "a head skipped": (_deep_head, "structure"),
    "a link beside the tree": (_link, "annotations"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_file_is_found(how: str, district: District, seal: Seal) -> None:
    paper = made(request_paper("sample.letter", district.unit, actor=district.keeper, seal=seal))
    with paper.file.open() as file:
        content = file.read()
    assert faults(content) == []
    spoil, rule = SPOILT[how]
    with pikepdf.open(io.BytesIO(content)) as pdf:
        spoil(pdf)
        out = io.BytesIO()
        pdf.save(out)
    assert any(fault.startswith(f"{rule}: ") for fault in faults(out.getvalue()))
