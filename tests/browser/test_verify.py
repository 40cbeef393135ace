"""The page that verifies papers without a network, in the real Chromium, with the server out of reach."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cbor2
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import revoke_papers
from luojiang_ce.proof import base41, keyring
from luojiang_ce.proof.models import SigningKey
from luojiang_ce.proof.statement import in_text
from luojiang_ce.workflow import case_kind
from tests.browser.looking import look
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_page
from tests.luojiang_ce.proof.papers import Held, as_printed, held, png

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings: Any) -> Iterator[LiveServer]:
    """A server of this test's own, which it stops."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    own = LiveServer("localhost")
    settings.PUBLIC_URL = own.url
    yield own
    own.stop()


@pytest.fixture
def papers(
    district: District, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: LiveServer
) -> list[Paper]:
    """Two pages that were issued."""
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path
    return [issued_page(district, person_in(district.unit, name)) for name in ("温知故", "林䶮")]


def opened(phone: BrowserContext, server: LiveServer) -> Page:
    page = phone.new_page()
    page.goto(f"{server.url}/verify/")
    ready(page)
    return page


def forged(text: str) -> str:
    """The same statement with other hours."""
    content = in_text(text)
    return f"{text.partition('#')[0]}#{base41.encode(content.replace(b'94.5', b'99.5'))}"


def ready(page: Page) -> None:
    expect(page.locator("body")).to_have_attribute("data-ready", "yes")


def judged(page: Page, verdict: str, *findings: str) -> None:
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", verdict)
    for each in findings:
        expect(page.locator(f"[data-finding={each}]")).to_be_visible()


def pasted(page: Page, text: str, typed: str = "") -> None:
    page.fill("#text", text)
    page.fill("#typed", typed)
    page.click("[data-judge]")


def chosen(page: Page, *files: tuple[str, str, bytes]) -> None:
    page.fill("#typed", "")
    page.set_input_files(
        "#files", [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    )


def pdf(held_: Held) -> tuple[str, str, bytes]:
    return "文书.pdf", "application/pdf", held_.file


def proof(held_: Held) -> tuple[str, str, bytes]:
    return "收录证明.txt", "text/plain", held_.proof.encode()


def test_everything_is_verified_with_the_server_stopped(
    phone_of: Callable[..., BrowserContext], server: LiveServer, papers: list[Paper], district: District
) -> None:
    mine, other = held(papers[0]), held(papers[1])
    phone = phone_of()
    page = opened(phone, server)
    page.wait_for_function("caches.open('verify').then(c => c.keys()).then(all => all.length > 10)")
    pasted(page, mine.text)
    judged(page, "genuine", "signed", "not_revoked", "included")  # fetched, while there is a network
    phone.close()
    kid = keyring.withdraw(SigningKey.objects.get(purpose="statements").kid, reason="演练").kid
    unknown = held(issued_page(district, person_in(district.unit, "白谷")))
    revoke_papers([papers[1]], actor=district.approver, reason="演练")
    server.stop()

    page = opened(phone_of(), server)
    pasted(page, mine.text)
    judged(page, "genuine", "signed", "not_revoked", "no_inclusion")
    expect(page.locator("[data-claims]")).to_contain_text("温*故")
    pasted(page, mine.text, "洛人社验[2026]00002号")
    judged(page, "fake", "another_paper")
    pasted(page, f"{mine.text}!")
    expect(page.locator("[data-said]")).to_contain_text("认不出来")
    pasted(page, forged(mine.text))
    judged(page, "fake", "forged")
    pasted(page, mine.text.partition("#")[0])
    expect(page.locator("[data-said]")).to_contain_text("只有核验码，没有签名")
    pasted(page, other.text)
    judged(page, "genuine", "not_revoked")  # revoked since: the page says how old its list is
    expect(page.locator("[data-finding=not_revoked]")).to_contain_text("之后撤销的查不出")
    pasted(page, unknown.text)
    judged(page, "unsure", "unknown_key", "list_not_asked")
    look(page, "verify-unsure")
    chosen(page, pdf(mine), proof(mine))
    judged(page, "genuine", "signed", "same_file", "included")
    look(page, "verify-genuine")
    chosen(page, pdf(mine))
    judged(page, "unsure", "file_not_compared")
    chosen(page, ("改.pdf", "application/pdf", mine.file + b"\n"), proof(mine))
    judged(page, "fake", "another_file")
    look(page, "verify-fake")
    chosen(page, pdf(mine), proof(other))
    judged(page, "unsure", "other_inclusion")
    chosen(page, ("照片.png", "image/png", as_printed(papers[0])))
    judged(page, "genuine", "signed")
    chosen(page, ("没有码.png", "image/png", png(Image.new("L", (300, 300), 255))))
    expect(page.locator("[data-said]")).to_contain_text("没有认出二维码")
    assert kid


def test_revoked_withdrawn_and_former_keys_are_told_when_there_is_a_network(
    open_page: Callable[..., Page], server: LiveServer, papers: list[Paper], district: District
) -> None:
    mine, other = held(papers[0]), held(papers[1])
    keyring.rotate(SigningKey.Purpose.STATEMENTS)
    revoke_papers([papers[1]], actor=district.approver, reason="演练")
    page = open_page("")
    page.goto(f"{server.url}/verify/")
    ready(page)
    pasted(page, mine.text)
    judged(page, "genuine", "signed_by_former", "not_revoked", "included")
    pasted(page, other.text)
    judged(page, "revoked", "revoked")
    look(page, "verify-revoked")
    keyring.withdraw(SigningKey.objects.filter(purpose="statements").earliest("pk").kid, reason="密钥所在的机器被盗")
    page.click("[data-refresh]")
    pasted(page, mine.text)
    judged(page, "unsure", "withdrawn_key")
    expect(page.locator("[data-finding=withdrawn_key]")).to_contain_text("密钥所在的机器被盗")


def test_the_page_reads_what_cbor2_writes_and_refuses_the_rest(
    open_page: Callable[..., Page], server: LiveServer
) -> None:
    page = open_page("")
    page.goto(f"{server.url}/verify/")
    ready(page)
    rnd = random.Random(27)
    values = [value(rnd, 2) for _ in range(300)]
    told = [cbor2.dumps(each, canonical=rnd.random() < 0.5) for each in values]
    assert json.loads(page.evaluate(READ, [each.hex() for each in told])) == [shown(each) for each in values]
    spoilt = [spoil(rnd, each).hex() for each in told for _ in range(3)]
    assert page.evaluate(SURVIVES, spoilt) == len(spoilt)


READ = """all => JSON.stringify(all.map(hex => {
  const shown = found => found instanceof Map ? {map: Array.from(found, ([k, v]) => [shown(k), shown(v)])}
    : found instanceof Uint8Array ? {bytes: Array.from(found)} : Array.isArray(found) ? found.map(shown)
    : typeof found === "bigint" ? {big: String(found)} : typeof found === "number" ? {number: String(found)} : found;
  return shown(Proof.cbor.decode(Uint8Array.from(hex.match(/../g), each => parseInt(each, 16))));
}))"""
# However bytes are spoilt: they are read, or refused with the one error of ours, and nothing hangs.
SURVIVES = """all => all.filter(hex => {
  const bytes = Uint8Array.from(hex.match(/../g), each => parseInt(each, 16));
  try { Proof.cbor.decode(bytes); return true; } catch (wrong) { return wrong instanceof Proof.Unreadable; }
}).length"""


def value(rnd: random.Random, depth: int) -> Any:
    plain = [
        lambda: rnd.randrange(-(2**63), 2**63),
        lambda: rnd.randrange(-300, 70_000),
        lambda: rnd.randbytes(rnd.randrange(300)),
        lambda: "".join(rnd.choices("温*故𬭎a〔2026〕", k=rnd.randrange(40))),
        lambda: rnd.choice([True, False, None]),
        lambda: rnd.choice([0.5, -1.25, 1e300, 3.1415, 65504.0, 5.960464477539063e-8]),
    ]
    if depth and rnd.random() < 0.4:
        items = [value(rnd, depth - 1) for _ in range(rnd.randrange(26))]
        return dict(enumerate(items)) if rnd.random() < 0.5 else items
    return rnd.choice(plain)()


def shown(each: Any) -> Any:
    """As READ shows it."""
    if isinstance(each, dict):
        return {"map": [[shown(key), shown(item)] for key, item in each.items()]}
    if isinstance(each, list):
        return [shown(item) for item in each]
    if isinstance(each, bytes):
        return {"bytes": [*each]}
    if isinstance(each, bool) or each is None or isinstance(each, str):
        return each
    if isinstance(each, int) and abs(each) > 2**53 - 1:
        return {"big": str(each)}
    return {"number": script_number(each)}


def script_number(each: float) -> str:
    """A number as JavaScript writes it."""
    return {1e300: "1e+300", 65504.0: "65504", 5.960464477539063e-8: "5.960464477539063e-8"}.get(each, str(each))


def spoil(rnd: random.Random, told: bytes) -> bytes:
    spoilt = bytearray(told)
    spoilt[rnd.randrange(len(spoilt))] = rnd.randrange(256)
    return bytes(spoilt[: rnd.randrange(1, len(spoilt) + 1)] if rnd.random() < 0.3 else spoilt)
