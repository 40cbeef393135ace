"""Papers that are signed: what pyHanko's own validator says of them, two seals, timestamps, and what goes wrong."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import Certificate
from django.test import Client
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from luojiang_ce import clock
from luojiang_ce.jobs.services import MAX_ATTEMPTS, run
from luojiang_ce.papers.models import Paper, Seal, SealUse
from luojiang_ce.papers.seal_records import PaperSignature
from luojiang_ce.papers.services import request_paper, request_papers, resume_waiting
from luojiang_ce.papers.signing import sign as signing
from luojiang_ce.papers.signing.demo_ca import make_demo_signers
from luojiang_ce.refusals import NotPossible
from tests.conftest import District
from tests.factories import account_with, person_in
from tests.luojiang_ce.papers.samples import made, seal_of
from tests.luojiang_ce.papers.signing.authorities import BUREAU, EDUCATION, Holder, holder

pytestmark = [pytest.mark.thorough, pytest.mark.django_db]
AWAY = "http://127.0.0.1:9/tsa"  # nobody listens there


def content_of(paper: Paper) -> bytes:
    with paper.file.open() as file:
        return bytes(file.read())


def judged(content: bytes, *names: str) -> list[Any]:
    """pyHanko's own verdict of each signature; the certificates of these names are trusted."""
    roots = [
        x509.Certificate.load(each.signer_cert.dump())
        for each in PdfFileReader(io.BytesIO(content)).embedded_signatures
        if each.signer_cert.subject.native["common_name"] in names
    ]
    trusted = ValidationContext(trust_roots=roots, allow_fetching=False)
    found = PdfFileReader(io.BytesIO(content)).embedded_signatures
    return [validate_pdf_signature(each, trusted) for each in found]


def letter(district: District, seal: Seal, **options: Any) -> Paper:
    options = {"actor": district.keeper, "approver": district.approver, "seal": seal, **options}
    return request_paper("sample.letter", district.unit, **options)


def test_a_signed_paper_is_accepted_by_the_validator_and_kept_in_words(district: District, signing_seal: Seal) -> None:
    paper = made(letter(district, signing_seal))
    content = content_of(paper)
    (verdict,) = judged(content, BUREAU)
    assert verdict.bottom_line
    assert hashlib.sha256(content).hexdigest() == paper.sha256
    kept = paper.signatures.get()
    assert (kept.field, kept.signer, kept.seal, kept.level) == ("Seal1", "bureau", signing_seal, "PAdES-B-B")
    assert (kept.digest, kept.algorithm) == ("sha256", "sha256_rsa")
    assert BUREAU in kept.subject
    assert kept.certificate_sha256 == hashlib.sha256(verdict.signing_cert.dump()).hexdigest()
    use = paper.seal_uses.get()
    assert (use.way, use.remark) == (SealUse.Way.SIGNED, "数字签名（PAdES-B-B），没有时间戳")
    with pytest.raises(Exception, match="append-only"):
        PaperSignature.objects.update(subject="")


def test_it_stays_the_paper_that_it_was_pdf_a_and_all(district: District, signing_seal: Seal) -> None:
    content = content_of(made(letter(district, signing_seal)))
    with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "U")
        assert pdf.pdf_version == "1.7"
        assert "/Version" not in pdf.Root
        assert str(metadata["pdf:Producer"]) == str(pdf.docinfo["/Producer"])
        assert "pyHanko" not in str(pdf.docinfo["/Producer"])
        assert len(pdf.Root.OutputIntents) == 1
        assert len(pdf.trailer.ID) == 2
        (widget,) = pdf.Root.AcroForm.Fields
        # ISO 19005-3, 6.3: printed, not hidden; an appearance only where it has a size. ISO 14289-1, 7.18: off the page
        left, bottom, right, top = (int(each) for each in widget.Rect)
        assert (left, bottom) == (right, top)
        assert max(left, bottom) < 0
        assert int(widget.F) & 4
        assert not int(widget.F) & (1 | 2 | 32)
        assert "/NeedAppearances" not in pdf.Root.AcroForm
        assert "/XFA" not in pdf.Root.AcroForm
        # 6.4.3: the signature covers the whole file, the field of its own alone left out
        begin, length, after, rest = (int(each) for each in widget.V.ByteRange)
        assert (begin, after + rest) == (0, len(content))
        assert content[length : length + 1] + content[after - 1 : after] == b"<>"
        assert str(widget.V.SubFilter) == "/ETSI.CAdES.detached"


def test_two_seals_are_two_signatures_and_both_hold(district: District, signing_seal: Seal) -> None:
    other = seal_of(district.education, name="洛江区教育局", provider=Seal.Provider.SIGNED, signer="education")
    there = account_with("seal_keeper", district.education, name="简行舟")
    reviewer = district.education_reviewer
    paper = made(letter(district, signing_seal, second_seal=other, second_keeper=there, second_approver=reviewer))
    verdicts = judged(content_of(paper), BUREAU, EDUCATION)
    assert [each.bottom_line for each in verdicts] == [True, True]
    signatures = PdfFileReader(io.BytesIO(content_of(paper))).embedded_signatures
    assert [each.docmdp_level for each in signatures] == [MDPPerm.FILL_FORMS, MDPPerm.NO_CHANGES]
    assert [row.signer for row in paper.signatures.all()] == ["bureau", "education"]
    assert [use.approver for use in paper.seal_uses.all()] == [district.approver.name, reviewer.name]
    assert [use.keeper for use in paper.seal_uses.all()] == [district.keeper.name, "简行舟"]


def test_a_seal_that_is_drawn_beside_one_that_signs_makes_one_signature(district: District, signing_seal: Seal) -> None:
    other = seal_of(district.education, name="洛江区教育局", provider=Seal.Provider.BLANK)
    paper = made(letter(district, signing_seal, second_seal=other))
    assert [row.seal for row in paper.signatures.all()] == [signing_seal]
    assert [use.way for use in paper.seal_uses.all()] == ["signed", "blank"]


def test_a_timestamp_server_that_answers_makes_b_t(district: District, signing_seal: Seal, timestamps: str) -> None:
    paper = made(letter(district, signing_seal))
    (verdict,) = judged(content_of(paper), BUREAU)
    assert verdict.timestamp_validity.intact
    assert verdict.timestamp_validity.valid
    kept = paper.signatures.get()
    assert (kept.level, kept.timestamped_by) == ("PAdES-B-T", "测试时间戳机构")
    assert abs(kept.timestamped_at - clock.now()) < timedelta(minutes=5)
    assert paper.seal_uses.get().remark == "数字签名（PAdES-B-T），有时间戳"


def test_a_server_that_is_away_is_asked_once_for_many_and_the_papers_say_so(
    district: District, signing_seal: Seal, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIMESTAMP_URL = AWAY
    asked: list[str] = []
    server = signing._server
    monkeypatch.setattr(signing, "_server", lambda: (asked.append("asked"), server())[1])
    people = [person_in(district.unit, f"王{n}") for n in range(3)]
    papers = request_papers("sample.page", district.unit, actor=district.keeper, subjects=people, seal=signing_seal)
    made(papers[0])
    assert asked == ["asked"]
    assert set(PaperSignature.objects.values_list("level", flat=True)) == {"PAdES-B-B"}
    assert set(SealUse.objects.values_list("remark", flat=True)) == {
        "数字签名（PAdES-B-B），没有时间戳，时间戳服务器没有应答"
    }
    assert Paper.objects.filter(state="issued").count() == 3


def test_where_a_timestamp_is_required_papers_wait_and_go_out_when_it_answers(
    client: Client, district: District, signing_seal: Seal, settings: Any, timestamps: str
) -> None:
    settings.TIMESTAMP_URL, settings.TIMESTAMP_REQUIRED = AWAY, True
    paper = made(letter(district, signing_seal))
    assert (paper.state, paper.file.name, SealUse.objects.count()) == (Paper.State.PENDING, "", 0)
    assert paper.number  # kept: no gap, no double
    assert "等它恢复后自动签发" in paper.job.message
    client.force_login(district.owner)
    assert "等候时间戳" in client.get(paper.get_absolute_url()).content.decode()
    assert resume_waiting() == 0  # still away
    settings.TIMESTAMP_URL = timestamps
    number = paper.number
    assert resume_waiting() == 1
    paper.refresh_from_db()
    paper = made(paper)
    assert (paper.state, paper.number) == (Paper.State.ISSUED, number)
    assert paper.signatures.get().level == "PAdES-B-T"
    assert resume_waiting() == 0


@pytest.mark.parametrize(("days", "state"), [(0, Paper.State.ISSUED), (1, Paper.State.FAILED)])
def test_a_seal_retired_while_a_paper_waits_signs_on_its_last_day_and_never_after(
    district: District, signing_seal: Seal, settings: Any, timestamps: str, days: int, state: str
) -> None:
    settings.TIMESTAMP_URL, settings.TIMESTAMP_REQUIRED = AWAY, True
    paper = made(letter(district, signing_seal))
    assert paper.waits_for_timestamp
    Seal.objects.filter(pk=signing_seal.pk).update(last_day=clock.today())
    settings.TIMESTAMP_URL = timestamps
    with clock.at(clock.now() + timedelta(days=days)):
        assert resume_waiting() == 1
        paper.refresh_from_db()
        for _ in range(MAX_ATTEMPTS):
            run(paper.job_id)
    paper.refresh_from_db()
    assert (paper.state, PaperSignature.objects.count()) == (state, 1 - days)
    assert ("停用，不能再用它签名" in paper.job.message) is bool(days)


def test_a_certificate_that_ended_is_refused_on_the_day(district: District, signing_seal: Seal, signers: Any) -> None:
    gone = datetime.now(UTC) - timedelta(days=1)
    holder("过期", begins=gone - timedelta(days=9), ends=gone).write(Path(signers["bureau"]["file"]))
    with pytest.raises(NotPossible, match=r"已于.*到期"):
        letter(district, signing_seal)


def test_one_that_ends_between_request_and_issue_leaves_nothing_half_done(
    district: District, signing_seal: Seal, signers: Any
) -> None:
    paper = letter(district, signing_seal)
    gone = datetime.now(UTC) - timedelta(minutes=1)
    holder("过期", begins=gone - timedelta(days=9), ends=gone).write(Path(signers["bureau"]["file"]))
    for _ in range(MAX_ATTEMPTS):
        run(paper.job_id)
    paper.refresh_from_db()
    assert (paper.state, paper.file.name, SealUse.objects.count()) == (Paper.State.FAILED, "", 0)
    assert "到期，请系统管理员换上新证书" in paper.job.message


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"file": "gone.p12"}, "读不到"),
        ({"passphrase_env": "NOT_SET"}, "NOT_SET 没有设定"),
        ({"passphrase_env": "TESTS_WRONG"}, "口令不对"),
    ],
)
def test_a_signer_that_cannot_be_used_says_why(
    signing_seal: Seal, signers: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, entry: dict[str, str], said: str
) -> None:
    monkeypatch.setenv("TESTS_WRONG", "falsch")
    settings.SIGNERS = {"bureau": {**signers["bureau"], **entry}}
    assert said in (signing_seal.problem_on(clock.today()) or "")
    settings.SIGNERS = {}
    assert "没有配置名为“bureau”的签名证书" in (signing_seal.problem_on(clock.today()) or "")


def test_a_demo_makes_its_own_certificates_and_nobody_else_reads_them(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    assert make_demo_signers({"demo-ju": BUREAU}) == "不是演示，不建演示证书"
    assert not list(tmp_path.iterdir())
    settings.DEMO = True
    assert make_demo_signers({"demo-ju": BUREAU}) == "新建演示证书 1 份"
    assert make_demo_signers({"demo-ju": BUREAU}) == "演示证书已齐"
    assert make_demo_signers({"demo-long": "泉州市洛江区人力资源和社会保障局" * 3}) == "新建演示证书 1 份"
    files = list((tmp_path / "demo-ca").iterdir())
    assert {file.name for file in files} == {"ca.key", "ca.pem", "demo-ju.p12", "demo-long.p12"}
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}


def test_a_demo_signs_with_them_and_its_ca_vouches(district: District, settings: Any, tmp_path: Path) -> None:
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    make_demo_signers({"demo-ju": BUREAU})
    seal = seal_of(district.bureau, provider=Seal.Provider.SIGNED, signer="demo-ju")
    content = content_of(made(letter(district, seal)))
    (embedded,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    authority = load_cert_from_pemder(str(tmp_path / "demo-ca" / "ca.pem"))
    trusted = ValidationContext(trust_roots=[authority], allow_fetching=False)
    assert validate_pdf_signature(embedded, trusted).bottom_line
    assert "（演示）" in embedded.signer_cert.subject.native["common_name"]


class Token:
    """Keys that lie elsewhere than in a file: a provider of its own, with another curve and hash."""

    def certificate(self, options: Mapping[str, str]) -> Certificate:
        return _on_a_token().certificate

    def signer(self, options: Mapping[str, str]) -> SimpleSigner:
        one = _on_a_token()
        content = serialize_key_and_certificates(b"x", one.key, one.certificate, None, NoEncryption())
        return SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=None)


@cache
def _on_a_token() -> Holder:
    return holder("令牌里的证书", key=ec.generate_private_key(ec.SECP384R1()))


def test_another_holder_of_keys_is_a_class_and_its_algorithms_are_data(district: District, settings: Any) -> None:
    settings.SIGNERS = {"token": {"provider": f"{__name__}.Token", "slot": "1", "digest": "sha384"}}
    seal = seal_of(district.bureau, provider=Seal.Provider.SIGNED, signer="token", demo=False)
    paper = made(letter(district, seal))
    assert judged(content_of(paper), "令牌里的证书")[0].bottom_line
    kept = paper.signatures.get()
    assert (kept.signer, kept.subject, kept.digest) == ("token", "令牌里的证书", "sha384")
    assert kept.algorithm == "sha384_ecdsa"
    with pikepdf.open(io.BytesIO(content_of(paper))) as pdf:
        assert "/Version" not in pdf.Root
        assert pdf.pdf_version == "1.7"
