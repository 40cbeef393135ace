"""`python -m tests.bench.signing [HOW MANY]`: pages with seal and signature that the product issues in a second, beside
what bare WeasyPrint lays out and bare pyHanko signs.

300 verification pages by one job, as the worker issues them, in a database of its own; then the same pages one by one
by WeasyPrint alone, and the same files by pyHanko alone. Judged by ratios: seconds say what the machine was doing.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command

PAPERS = 300
LEAST = 0.8  # of bare WeasyPrint and bare pyHanko one after the other: fonts are shared, the rest must not cost more


@dataclass(frozen=True)
class Speeds:
    """Pages a second."""

    issued: float
    weasyprint: float
    pyhanko: float

    @property
    def both(self) -> float:
        """Of the two bare libraries one after the other."""
        return 1 / (1 / self.weasyprint + 1 / self.pyhanko)

    @property
    def missed(self) -> bool:
        """Does issuing cost more than it may?"""
        return self.issued < LEAST * self.both

    def table(self) -> str:
        return "\n".join(
            f"{name:<44}{speed:>8.1f}/s{self.issued / speed:>9.0%}"
            for name, speed in (
                ("issued, sealed, signed, registered", self.issued),
                ("bare WeasyPrint", self.weasyprint),
                ("bare pyHanko", self.pyhanko),
                ("bare WeasyPrint, then bare pyHanko", self.both),
            )
        )


def measure(count: int, folder: Path) -> Speeds:
    """In an empty, migrated database; certificates and files lie in the folder."""
    from luojiang_ce.papers.content import printable
    from luojiang_ce.papers.issuing import issue_papers
    from luojiang_ce.papers.models import Paper, Seal
    from luojiang_ce.papers.services import request_papers
    from tests.factories import UnitFactory, account_with, person_in
    from tests.luojiang_ce.papers.samples import register_samples, seal_of

    register_samples()
    bureau = UnitFactory(is_bureau=True)
    seal = seal_of(bureau, provider=Seal.Provider.SIGNED, signer="bench")
    people = [person_in(bureau, f"王{number}") for number in range(count)]
    keeper = account_with("seal_keeper", bureau)
    papers = request_papers("sample.page", bureau, actor=keeper, subjects=people, seal=seal)
    issued = _rate(count, lambda: issue_papers(papers[0].job, lambda done, total: None))
    made = list(Paper.objects.filter(state="issued").order_by("pk"))
    assert len(made) == count
    pages = [(printable(paper).html(), printable(paper).style) for paper in made]
    bare: list[bytes] = []
    laid_out = _rate(count, lambda: bare.extend(_bare_page(*page) for page in pages))
    signer = _bare_signer(folder / "bench.p12")
    return Speeds(issued, laid_out, _rate(count, lambda: [_bare_signature(each, signer) for each in bare]))


def _rate(count: int, work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return count / (time.perf_counter() - begun)


def _bare_page(html: str, style: str) -> bytes:
    """As its manual says: text, stylesheets, write; no PDF/A, for which it would do more."""
    from weasyprint import CSS, HTML

    from luojiang_ce.papers.rendering import STYLES

    sheets = [CSS(filename=STYLES / f"{name}.css") for name in ("common", style)]
    content: bytes = HTML(string=html).write_pdf(stylesheets=sheets)
    return content


def _bare_signer(file: Path) -> Any:
    from pyhanko.sign.signers import SimpleSigner

    return SimpleSigner.load_pkcs12_data(file.read_bytes(), other_certs=[], passphrase=None)


def _bare_signature(content: bytes, signer: Any) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf

    metadata = PdfSignatureMetadata(field_name="Seal1", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    out: io.BytesIO = sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), metadata, signer)
    return out.getvalue()


def prepare(folder: Path) -> None:
    """A signer as a demo makes it, under the name of the bench."""
    from django.conf import settings

    from luojiang_ce.papers.signing.demo_ca import make_demo_signers

    settings.DEMO, settings.VAR_DIR, settings.MEDIA_ROOT = True, folder, folder / "files"
    make_demo_signers({"bench": "试算机关"})
    settings.DEMO = False
    (folder / "demo-ca" / "bench.p12").rename(folder / "bench.p12")
    settings.SIGNERS = {"bench": {"file": str(folder / "bench.p12")}}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="luojiang-ce-bench-") as name:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": f"sqlite:///{name}/bench.sqlite3"}
        django.setup()
        call_command("migrate", verbosity=0)
        prepare(Path(name))
        speeds = measure(int(sys.argv[1]) if len(sys.argv) > 1 else PAPERS, Path(name))
    sys.stdout.write(f"{speeds.table()}\n")
    return int(speeds.missed)


if __name__ == "__main__":
    sys.exit(main())
