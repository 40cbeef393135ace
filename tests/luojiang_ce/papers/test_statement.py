"""What the QR code of a paper states, that it is stated once, and that it is read from paper."""

from __future__ import annotations

import io
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from django.urls import reverse
from PIL import Image

from luojiang_ce import clock
from luojiang_ce.jobs.services import MAX_ATTEMPTS
from luojiang_ce.papers import issuing
from luojiang_ce.papers.claims import LABELS, claims_of
from luojiang_ce.papers.codes import plain
from luojiang_ce.papers.content import QR_BORDER, QR_MODULE, check_on, dense_qr
from luojiang_ce.papers.models import NumberFormat, Paper, Seal
from luojiang_ce.papers.public import last_digits
from luojiang_ce.papers.services import request_paper
from luojiang_ce.proof import checks, keyring, signing
from luojiang_ce.proof.models import SigningKey
from luojiang_ce.proof.statement import in_text, read
from luojiang_ce.proof.verdict import statement_in_file
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_letter, issued_page, made
from tests.luojiang_ce.proof.papers import as_printed, content_of, publish

pytestmark = pytest.mark.django_db


def pending(district: District, seal: Seal) -> Paper:
    person = person_in(district.unit, "温知故")
    return request_paper("sample.page", district.unit, actor=district.keeper, subject=person, seal=seal)


def is_signed(paper: Paper) -> bool:
    message, _ = read(bytes(paper.statement))
    key = SigningKey.objects.get(kid=message.kid)
    return message.is_by(lambda content, signature: signing.verify(bytes(key.public), content, signature))


def test_it_states_what_the_frozen_facts_say(district: District, seal: Seal) -> None:
    paper = issued_page(district, person_in(district.unit, "温知故"))
    _, claims = read(bytes(paper.statement))
    facts = dict(paper.facts)
    assert (claims.number, claims.code, claims.dated) == (paper.number, plain(paper.code), paper.dated)
    assert (claims.name, claims.unit, claims.year) == ("温*故", facts["单位"], clock.today().year - 1)
    assert (claims.hours, claims.result) == (facts["学时"], facts["结果"])
    assert is_signed(paper)


def test_a_killed_worker_renders_the_same(district: District, seal: Seal, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = pending(district, seal)

    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(issuing, "_render", killed)
        with pytest.raises(KeyboardInterrupt):
            made(paper)
    paper.refresh_from_db()
    first = bytes(paper.statement)
    assert paper.number
    assert first
    with clock.at(clock.now() + timedelta(days=1)):
        assert bytes(made(paper).statement) == first


def test_what_changed_before_it_was_issued_is_stated_anew(district: District, seal: Seal) -> None:
    paper = pending(district, seal)
    issuing.reserve([paper.pk])
    paper.refresh_from_db()
    list(issuing._stated([paper], issuing.Left()))
    type(district.unit).objects.filter(pk=district.unit.pk).update(name="洛江区青麓农业服务中心")
    assert read(bytes(made(paper).statement))[1].unit == "洛江区青麓农业服务中心"


def given_up(paper: Paper) -> str:
    """What its job says after its last attempt."""
    for _ in range(MAX_ATTEMPTS):
        paper = made(paper)
    assert paper.state == Paper.State.FAILED
    assert paper.job is not None
    return paper.job.message


def test_where_the_secret_is_not_that_of_the_key_the_clerk_is_told_so(
    district: District, seal: Seal, settings: Any
) -> None:
    keyring.ensure_keys()
    before, settings.SIGNING_SECRET = settings.SIGNING_SECRET, b64encode(b"0" * 32).decode()
    paper = pending(district, seal)
    assert "打不开：SIGNING_SECRET 不是造它时的那一个，请系统管理员核对" in given_up(paper)
    assert [each.id for each in checks.present_keys(None, databases=["default"])] == [
        "luojiang.E013" for _ in keyring.Purpose
    ]
    settings.SIGNING_SECRET = before
    assert checks.present_keys(None, databases=["default"]) == []


@pytest.mark.parametrize(
    ("secret", "found"),
    [
        (b64encode(b"0" * 32).decode(), []),
        (b64encode(b"0" * 16).decode(), ["luojiang.E011"]),
        ("中", ["luojiang.E011"]),
    ],
)
def test_a_secret_of_another_length_is_told_at_the_start(settings: Any, secret: str, found: list[str]) -> None:
    settings.SIGNING_SECRET = secret
    assert [each.id for each in checks.signing_settings(None)] == found
    settings.SIGNING_NAME = "泉州市洛江区"
    assert [each.id for each in checks.signing_settings(None)] == [*found, "luojiang.E012"]


def test_a_pattern_of_numbers_that_is_too_long_is_told_and_not_only_logged(district: District, seal: Seal) -> None:
    pattern = f"{'洛人社验' * 13}〔{{year}}〕{{seq}}号"
    NumberFormat.objects.create(series="sample.page", title="验证证明", pattern=pattern)
    assert "编号或公开内容太长，二维码里写不下" in given_up(pending(district, seal))


@pytest.mark.parametrize("issue", ["letter", "page"])
def test_its_code_is_read_as_printed_with_noise_and_blur(district: District, seal: Seal, issue: str) -> None:
    paper = issued_letter(district) if issue == "letter" else issued_page(district, person_in(district.unit, "温知故"))
    picture = Image.open(io.BytesIO(as_printed(paper)))
    found = zxingcpp.read_barcode(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    assert found is not None
    assert found.text == check_on(paper).address
    assert in_text(found.text) == bytes(paper.statement)


def test_a_module_is_wide_enough_for_a_laser(district: District, seal: Seal) -> None:
    check = check_on(issued_page(district, person_in(district.unit, "温知故")))
    code = dense_qr(check.url, check.address)
    assert code.version <= 15
    assert check.side / code.symbol_size(border=QR_BORDER)[0] >= QR_MODULE - 0.001


def test_the_file_carries_it_too(district: District, seal: Seal) -> None:
    paper = issued_page(district, person_in(district.unit, "温知故"))
    assert statement_in_file(content_of(paper)) == bytes(paper.statement)


def test_papers_made_together_carry_each_its_own(district: District, seal: Seal) -> None:
    papers = [issued_page(district, person_in(district.unit, name)) for name in ("温知故", "林䶮", "王小明")]
    assert len({statement_in_file(content_of(paper)) for paper in papers}) == 3


def test_another_key_signs_what_comes_after_it(district: District, seal: Seal) -> None:
    before = issued_page(district, person_in(district.unit, "温知故"))
    keyring.rotate(SigningKey.Purpose.STATEMENTS)
    after = issued_page(district, person_in(district.unit, "林䶮"))
    assert read(bytes(before.statement))[0].kid != read(bytes(after.statement))[0].kid
    assert is_signed(before)
    assert is_signed(after)


def test_the_pages_say_which_proof_there_is(client: Any, district: District, seal: Seal) -> None:
    paper = issued_page(district, person_in(district.unit, "温知故"))
    address = reverse("papers:check_code", args=[paper.code])
    proof = reverse("papers:proof", args=[paper.code])
    assert "签发的第二天就有" in client.get(address).content.decode()
    assert client.get(proof).status_code == 404
    publish()
    assert "序号 0，" in client.get(address).content.decode()
    assert b"".join(client.get(proof)).startswith(b"c2sp.org/tlog-proof@v1\n")


def test_a_paper_that_is_older_says_which_proof_it_lacks(client: Any, district: District, seal: Seal) -> None:
    paper = issued_page(district, person_in(district.unit, "温知故"))
    Paper.objects.filter(pk=paper.pk).update(statement=b"")
    paper.refresh_from_db()
    assert check_on(paper).address == check_on(paper).url
    assert "只能在这里联网核验" in client.get(reverse("papers:check_code", args=[paper.code])).content.decode()
    publish()
    assert b"".join(client.get(reverse("papers:proof", args=[paper.code])))


def test_codes_that_lead_nowhere_are_counted_at_the_proof_too(client: Any) -> None:
    statuses = [client.get(reverse("papers:proof", args=["0000-0000-0000"])).status_code for _ in range(61)]
    assert statuses == [404] * 60 + [429]


@pytest.mark.parametrize(("number", "shown"), [("999999********1234", "34"), ("123", ""), ("", "")])
def test_at_most_two_digits_of_a_number_are_public(number: str, shown: str) -> None:
    assert last_digits(number) == shown


def test_of_two_labels_of_a_claim_the_one_that_was_first_stays_first(district: District) -> None:
    """The tree holds what was stated of old papers against their frozen facts: another order here, or a new label put
    before these, would cry of them all that they were changed."""
    pinned = {
        "name": ["姓名", "授课教师"],
        "digits": ["证件尾号"],
        "unit": ["单位", "工作单位", "施教机构", "被检查单位"],
        "year": ["验证年度", "计入年度", "年度"],
        "hours": ["合计", "每人学时", "学时", "核准学时", "经认定的授课"],
        "result": ["验证结果", "结果", "认定结论", "处理"],
        "subject": ["培训班", "培训名称", "事项", "公布项目", "批次"],
    }
    assert pinned.keys() == LABELS.keys()
    paper = issued_page(district, person_in(district.unit, "温知故"))
    for claim, labels in pinned.items():
        for nth in range(len(labels)):
            frozen = [(label, f"{2000 + at}") for at, label in enumerate(LABELS[claim]) if label not in labels[:nth]]
            assert str(getattr(claims_of(paper, frozen), claim)) == f"{2000 + nth}", (claim, labels[nth])
