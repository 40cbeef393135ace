"""The public check of a file that was signed: who signed it, whether that holds, and what the file is."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import TextStampStyle

from luojiang_ce.locks import alone
from luojiang_ce.papers import guessing
from luojiang_ce.papers.models import Paper, Seal
from luojiang_ce.papers.seal_records import PaperSignature
from luojiang_ce.papers.services import request_paper
from luojiang_ce.papers.signing import proof, reading
from luojiang_ce.papers.signing.proof import READING
from luojiang_ce.papers.signing.sign import Mark, Timestamps, sign
from tests.conftest import District
from tests.luojiang_ce.papers.samples import issued_letter, made
from tests.luojiang_ce.papers.signing.authorities import BUREAU, PASSPHRASE, STRANGER, holder
from tests.luojiang_ce.papers.signing.test_signing import content_of, judged

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]
CHECK = reverse("papers:check")


@pytest.fixture
def paper(district: District, signing_seal: Seal) -> Paper:
    return made(request_paper("sample.letter", district.unit, actor=district.keeper, seal=signing_seal))


def dropped(client: Client, address: str, content: bytes) -> str:
    file = SimpleUploadedFile("文书.pdf", content, "application/pdf")
    return client.post(address, {"file": file}).content.decode()


def page_of(paper: Paper) -> str:
    return reverse("papers:check_code", args=[paper.code])


def test_the_issued_file_says_who_signed_it_and_that_it_holds(client: Client, paper: Paper) -> None:
    text = dropped(client, page_of(paper), content_of(paper))
    assert "指纹一致" in text
    assert f"“{paper.seal}”的签名有效" in text
    assert f"{BUREAU}，" in text
    assert "没有时间戳；签名后内容没有改动" in text
    assert BUREAU in client.get(page_of(paper)).content.decode()  # without a file, from what was kept


def test_so_does_one_with_a_timestamp(client: Client, timestamps: str, paper: Paper) -> None:
    assert "（测试时间戳机构）；签名后内容没有改动" in dropped(client, page_of(paper), content_of(paper))


@pytest.mark.parametrize("where", ["page", "stream", "end"])
def test_one_changed_byte_is_found_wherever_it_is(client: Client, paper: Paper, where: str) -> None:
    content = content_of(paper)
    at = {"page": content.index(b"/MediaBox") + 12, "stream": len(content) // 3, "end": len(content) - 3}[where]
    changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    text = dropped(client, page_of(paper), changed)
    assert "指纹不一致" in text
    assert f"“{paper.seal}”的签名已失效" in text
    assert "签名有效" not in text
    assert "不是签发的文件，已被改动" in dropped(client, CHECK, changed)


def test_what_was_added_behind_an_issued_paper_is_told_from_it(client: Client, paper: Paper) -> None:
    text = dropped(client, CHECK, content_of(paper) + b"\n% more\n")
    assert "签发的文书后面又加了内容" in text
    assert paper.number is not None
    assert paper.number in text
    assert "不是签发的文件，已被改动" in text
    assert "的签名只覆盖文件的开头部分" in text
    assert "签名有效" not in text


class Forger(PdfSigner):
    """Signs whatever an earlier signature forbids."""

    def _enforce_certification_constraints(self, reader: Any) -> None:
        """pyHanko itself would refuse."""


def covered_over(content: bytes) -> bytes:
    """With a stranger's signature behind, whose picture lies over what the sheet says."""
    one = holder(STRANGER)
    packed = serialize_key_and_certificates(b"x", one.key, one.certificate, None, NoEncryption())
    forger = Forger(
        PdfSignatureMetadata(field_name="Seal9"),
        SimpleSigner.load_pkcs12_data(packed, other_certs=[], passphrase=None),
        new_field_spec=SigFieldSpec("Seal9", box=(60, 300, 500, 600)),
        stamp_style=TextStampStyle(stamp_text="480"),
    )
    out: io.BytesIO = forger.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(content)))
    return out.getvalue()


def signed_before(district: District, signers: Any) -> bytes:
    """A file as papers were signed once: nothing in it says what may follow."""
    ours = SimpleSigner.load_pkcs12(signers["bureau"]["file"], passphrase=PASSPHRASE.encode())
    metadata = PdfSignatureMetadata(field_name="Seal1", subfilter=SigSeedSubFilter.PADES)
    out: io.BytesIO = PdfSigner(metadata, ours).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(unsigned(district))))
    return out.getvalue()


@pytest.mark.parametrize("certified", [True, False])
def test_a_picture_over_the_hours_is_not_covered_by_our_signature(
    client: Client, district: District, paper: Paper, signers: Any, certified: bool
) -> None:
    forged = covered_over(content_of(paper) if certified else signed_before(district, signers))
    text = dropped(client, CHECK, forged)
    assert "不是签发的文件，已被改动" in text
    assert "的签名只覆盖文件的开头部分" in text
    assert "签名有效" not in text
    assert "签名后内容没有改动" not in text
    assert ("签发的文书后面又加了内容" in text) is certified
    first, _ = judged(forged, BUREAU, STRANGER)
    assert first.docmdp_ok is not certified


def test_a_file_that_we_signed_and_never_issued_is_not_taken_for_a_paper(
    client: Client, district: District, signing_seal: Seal
) -> None:
    signed, _ = sign(unsigned(district), [Mark("bureau", "Seal1", signing_seal.name, "试签")], Timestamps())
    text = dropped(client, CHECK, signed)
    assert "带有本系统的签名，但没有签发过" in text
    assert f"“{signing_seal}”的签名有效" in text


def unsigned(district: District) -> bytes:
    """A finished paper without any seal."""
    return content_of(made(request_paper("sample.roster", district.unit, actor=district.handler)))


def test_a_stranger_s_certificate_with_our_name_is_no_proof(
    client: Client, district: District, signers: Any, settings: Any, tmp_path: Path
) -> None:
    settings.SIGNERS = {
        **signers,
        "forged": {**signers["bureau"], "file": str(holder(STRANGER).write(tmp_path / "forged.p12"))},
    }
    forged, _ = sign(unsigned(district), [Mark("forged", "Seal1", "印章", "冒签")], Timestamps())
    settings.SIGNERS = signers
    text = dropped(client, CHECK, forged)
    assert "不是本系统签发的文件" in text
    assert "不是本系统的签名" in text
    assert STRANGER in text
    assert "签名有效" not in text


def test_our_certificate_around_another_s_signature_does_not_hold(client: Client, paper: Paper) -> None:
    """The certificate is public: whoever copies it into a file has not signed with it."""
    content = content_of(paper)
    begin = content.index(b"/Contents <") + len(b"/Contents <")
    cms = content[begin : content.index(b">", begin)]
    forged = content.replace(cms, cms.rstrip(b"0")[:-8] + b"00000000" + b"0" * (len(cms) - len(cms.rstrip(b"0"))))
    assert "签名有效" not in dropped(client, CHECK, forged)


def test_a_renewed_certificate_leaves_old_papers_proved(client: Client, paper: Paper, signers: Any) -> None:
    content = content_of(paper)
    old = PaperSignature.objects.get().certificate_sha256
    holder(BUREAU).write(Path(signers["bureau"]["file"]))
    assert f"“{paper.seal}”的签名有效" in dropped(client, page_of(paper), content)
    assert PaperSignature.objects.get().certificate_sha256 == old


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7 /ByteRange [0 1 2 3]", b"/ByteRange [ 0 999999999 5 1 ]", b"%PDF-1.7\n" + b"[" * 100_000],
)
def test_the_reader_bears_whatever_it_is_given(content: bytes) -> None:
    assert reading.signatures_of(content) == ([], b"")


def test_too_many_files_from_one_address_are_compared_only(client: Client, paper: Paper) -> None:
    for _ in range(guessing.MISSES + 1):
        dropped(client, CHECK, b"%PDF-1.7 no signature")
    text = dropped(client, page_of(paper), content_of(paper))
    assert "指纹一致" in text
    assert "签名有效" not in text
    assert "签名这次没有读" in text


def test_of_an_unknown_file_nothing_is_said_before_its_signatures_were_read(client: Client, paper: Paper) -> None:
    """Read, they say of this one that it was changed: not that this system has nothing to do with it."""
    changed = content_of(paper) + b"\n"
    for _ in range(guessing.MISSES + 1):
        dropped(client, CHECK, b"%PDF-1.7 no signature")
    text = dropped(client, CHECK, changed)
    assert "指纹对不上，签名还没有读" in text
    assert "不是本系统签发的文件" not in text
    assert "结论不受影响" not in text


def test_while_another_file_is_read_it_is_compared_and_nobody_waits(
    client: Client, paper: Paper, settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    with alone(tmp_path / READING) as first, alone(tmp_path / READING) as second:
        assert (first, second) == (True, False)
        text = dropped(client, page_of(paper), content_of(paper))
    assert "指纹一致" in text
    assert "签名这次没有读" in text
    assert "签名有效" in dropped(client, page_of(paper), content_of(paper))


MEASURED = """
import contextlib, json, resource, sys
from luojiang_ce.uploads.reader import Budget, TooMuch, asked, begun
with open(sys.argv[1], "rb") as file:
    content = file.read()
process = begun()
with contextlib.suppress(TooMuch):
    asked(process, "luojiang_ce.papers.signing.reading:signatures_of", content, Budget(**json.loads(sys.argv[2])))
process.kill()
process.wait()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_a_file_that_grows_hundredfold_where_it_is_read_takes_little_memory(tmp_path: Path) -> None:
    """Two million empty lists in four megabytes, each an object to whoever parses them."""
    head = b"%PDF-1.7\n/ByteRange [0 1 2 3]\n"
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 2 0 R/X[" + b"[]" * 2_000_000 + b"]>>\n"
    file = tmp_path / "bomb.pdf"
    file.write_bytes(head + table + b"startxref\n%d\n%%%%EOF\n" % len(head))
    command = [sys.executable, "-c", MEASURED, str(file), json.dumps({**asdict(proof._Reader.budget), "wall": 60})]
    kilobytes = int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert kilobytes < 256 * 1024


def test_a_paper_that_is_not_signed_is_checked_as_before(client: Client, district: District) -> None:
    paper = issued_letter(district)
    text = dropped(client, page_of(paper), content_of(paper))
    assert "指纹一致" in text
    assert "签名" not in text.split("指纹一致")[1].split("</section>")[0]
