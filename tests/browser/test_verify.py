"""The page that verifies papers without a network, in the real Chromium, with the server out of reach."""

from __future__ import annotations

import json
import mimetypes
import random
from base64 import b64encode
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
from luojiang_ce.proof import keyring, merkle
from luojiang_ce.proof.management.commands.verify_paper import said
from luojiang_ce.proof.models import Leaf, Node, SigningKey, TreeHead, note_of
from luojiang_ce.proof.notes import consistency_ranges
from luojiang_ce.proof.verdict import plain
from luojiang_ce.workflow import case_kind
from luojiang_ce.workflow.triggers import protect, release
from tests.browser.looking import look
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.samples import issued_page
from tests.luojiang_ce.proof.cases import ANOTHER, CASES, NO_NUMBER, TYPED, WRITTEN, Given, build, countersign
from tests.luojiang_ce.proof.papers import Held, as_printed, held, of_code, pdf_page, png
from tests.luojiang_ce.proof.test_cases import by_command
from tests.luojiang_ce.proof.test_years import SAID as YEARS_SAID
from tests.luojiang_ce.workflow.test_chain import Editor

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


def chosen(page: Page, *files: tuple[str, str, bytes], typed: str = "") -> None:
    page.fill("#typed", typed)
    page.set_input_files(
        "#files", [{"name": name, "mimeType": kind, "buffer": content} for name, kind, content in files]
    )


def pdf(held_: Held) -> tuple[str, str, bytes]:
    return "文书.pdf", "application/pdf", held_.file


def proof(held_: Held) -> tuple[str, str, bytes]:
    return "收录证明.txt", "text/plain", held_.proof.encode()


def test_the_page_says_of_each_case_what_the_command_says(
    phone_of: Callable[..., BrowserContext], server: LiveServer, district: District, settings: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(case_kind, "_kinds", dict(case_kind._kinds))
    settings.MEDIA_ROOT = settings.VAR_DIR = tmp_path
    world = build(district)
    phone = phone_of()
    page = opened(phone, server)
    told, expected = {}, {}
    for case in CASES:
        given = case.given(world)
        told[case.name] = by_page(page, phone, given)
        expected[case.name] = (case.verdict, case.findings, *as_the_command_says(given, tmp_path))
    assert told == expected


def test_the_page_says_years_and_compares_numbers_as_the_command(
    open_page: Callable[..., Page], server: LiveServer
) -> None:
    page = open_page("")
    page.goto(f"{server.url}/verify/")
    ready(page)
    assert page.evaluate(YEARS, list(YEARS_SAID)) == list(YEARS_SAID.values())
    typed = [write("洛人社验", "2026", "18") for write in (*WRITTEN, *ANOTHER, *NO_NUMBER)]
    typed += [write("01VX01VX01VX") for write in TYPED] + [" 6k4p－fb8d kdsp ", "〔２０２６〕００００４号", "\x1f\x85•"]
    assert page.evaluate("all => all.map(Proof.verdict.plain)", typed) == [plain(each) for each in typed]


YEARS = """all => {
  const words = JSON.parse(document.getElementById("words").textContent);
  return all.map(code => Proof.statement.yearsSaid(code, words.outcomes));
}"""


def by_page(page: Page, phone: BrowserContext, given: Given) -> tuple[str, str, str]:
    """What the page says: verdict, findings, and every word of it."""
    page.evaluate(FORGET)
    page.clock.set_fixed_time(given.noon)
    phone.set_offline(not given.online)
    kept = {"keys": given.keys, "list": b64encode(given.revocations).decode()}
    page.evaluate(KEEP, {f"verify:{name}": text for name, text in kept.items()})
    page.click("[data-refresh]")
    ready(page)
    if given.file is not None:
        proofs = [("收录证明.txt", "text/plain", given.proof.encode())] if given.proof else []
        kind = mimetypes.guess_type(given.named)[0] or ""
        chosen(page, (given.named, kind, given.file), *proofs, typed=given.typed)
    else:
        pasted(page, given.text, given.typed)
        if given.proof:
            page.wait_for_function(SAID)
            page.evaluate(FORGET)
            chosen(page, ("收录证明.txt", "text/plain", given.proof.encode()))
    page.wait_for_function(SAID)
    verdict, findings, *words = page.evaluate(TOLD)
    return verdict, findings, "\n".join(words)


def as_the_command_says(given: Given, folder: Path) -> list[str]:
    outcome = by_command(given, folder)
    if isinstance(outcome, str):
        return [outcome]
    findings = (f"{each.line}\n{each.note}" for each in outcome.findings)
    return ["\n".join([outcome.sentence, *findings, *(f"{label}：{told}" for label, told in said(outcome))])]


# What lies in the browser: nothing but this. The network was asked before, or is asked next.
KEEP = """all => {
  localStorage.clear();
  for (const [name, text] of Object.entries(all)) if (text) localStorage[name] = text;
}"""
FORGET = """() => {
  document.querySelector("[data-result]").hidden = true;
  document.querySelector("[data-verdict]").dataset.verdict = "";
  document.querySelector("[data-said]").textContent = "";
}"""
SAID = """() => document.querySelector("[data-verdict]").dataset.verdict
  || document.querySelector("[data-said]").textContent"""
TOLD = """() => {
  const box = document.querySelector("[data-verdict]"), said = document.querySelector("[data-said]").textContent;
  if (said) return ["", "", said];
  const word = box.querySelector("b").textContent, rest = box.textContent.trim().slice(word.length);
  const found = Array.from(document.querySelectorAll("[data-finding]"));
  const lines = found.flatMap(each => {
    return [each.querySelector("span").firstChild.textContent, each.querySelector(".lj-note").textContent];
  });
  const text = each => each.textContent, claims = Array.from(document.querySelectorAll("[data-claims] dt"));
  const paper = text(document.querySelector("[data-title]")) + "：" + text(document.querySelector("[data-number]"));
  const told = claims.map(each => text(each) + "：" + text(each.nextElementSibling));
  const claimed = document.querySelector("[data-paper]").hidden ? [] : [paper, ...told];
  const findings = found.map(each => each.dataset.finding).join(" ");
  return [box.dataset.verdict, findings, word + "：" + rest, ...lines, ...claimed];
}"""


def test_everything_is_verified_with_the_server_stopped(
    phone_of: Callable[..., BrowserContext], server: LiveServer, papers: list[Paper], district: District
) -> None:
    mine, other = held(papers[0]), held(papers[1])
    phone = phone_of()
    page = opened(phone, server)
    page.wait_for_function("caches.open('verify').then(c => c.keys()).then(all => all.length > 10)")
    pasted(page, mine.text)
    judged(page, "stated", "signed", "not_revoked", "in_force", "included")  # asked, while there is a network
    phone.close()
    keyring.withdraw(SigningKey.objects.get(purpose="statements").kid, reason="演练")
    unknown = held(issued_page(district, person_in(district.unit, "白谷")))
    revoke_papers([papers[1]], actor=district.approver, reason="演练")
    server.stop()

    page = opened(phone_of(), server)
    chosen(page, proof(mine))
    expect(page.locator("[data-said]")).to_contain_text("要和它的文书一起核验")
    pasted(page, mine.text)
    judged(page, "stated", "included")  # it has waited for its paper
    pasted(page, mine.text)
    judged(page, "stated", "signed", "not_revoked", "no_inclusion")
    expect(page.locator("[data-claims]")).to_contain_text("温*故")
    pasted(page, other.text)
    judged(page, "stated", "not_revoked")  # revoked since: the page says how old its list is
    expect(page.locator("[data-finding=not_revoked]")).to_contain_text("之后撤销的查不出")
    look(page, "verify-stated")
    pasted(page, unknown.text)
    judged(page, "unsure", "unknown_key", "list_not_asked")
    look(page, "verify-unsure")
    chosen(page, pdf(mine), proof(mine))
    judged(page, "genuine", "signed", "same_file", "included")
    look(page, "verify-genuine")
    pasted(page, other.text)
    judged(page, "stated", "no_inclusion")  # the proof was of the file
    chosen(page, ("改.pdf", "application/pdf", mine.file + b"\n"), proof(mine))
    judged(page, "fake", "another_file")
    look(page, "verify-fake")
    chosen(page, ("照片.png", "image/png", as_printed(papers[0])))
    judged(page, "stated", "signed")
    chosen(page, ("照片.png", "image/png", as_printed(papers[0])), proof(mine))
    judged(page, "stated", "signed", "included")
    whole = png(pdf_page(mine.file, papers[0].code, 200))  # of a whole sheet: two and a half pixels a dot
    chosen(page, ("整页.png", "image/png", whole))
    judged(page, "stated", "signed")
    chosen(page, ("没有码.png", "image/png", png(Image.new("L", (300, 300), 255))))
    expect(page.locator("[data-said]")).to_contain_text("没有认出二维码")


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
    judged(page, "stated", "signed_by_former", "not_revoked", "included")
    look(page, "verify-online")
    pasted(page, other.text)
    judged(page, "revoked", "revoked")
    look(page, "verify-revoked")
    keyring.withdraw(SigningKey.objects.filter(purpose="statements").earliest("pk").kid, reason="密钥所在的机器被盗")
    page.click("[data-refresh]")
    pasted(page, mine.text)  # at once: what is being fetched is waited for
    judged(page, "unsure", "withdrawn_key")
    expect(page.locator("[data-finding=withdrawn_key]")).to_contain_text("密钥所在的机器被盗")


def test_a_page_that_is_open_learns_that_the_present_key_is_withdrawn(
    open_page: Callable[..., Page], server: LiveServer, papers: list[Paper]
) -> None:
    mine = held(papers[0])
    page = open_page("")
    page.goto(f"{server.url}/verify/")
    ready(page)
    pasted(page, mine.text)
    judged(page, "stated", "signed")
    keyring.withdraw(SigningKey.objects.get(purpose="statements").kid, reason="密钥所在的机器被盗")
    page.route("**/verify/revocations", lambda route: route.fulfill(status=500))
    page.click("[data-refresh]")
    judged(page, "unsure", "withdrawn_key", "no_list")  # what is shown is judged again
    page.click("[data-refresh]")
    pasted(page, mine.text)  # at once: what is being fetched is waited for
    judged(page, "unsure", "withdrawn_key", "no_list")
    expect(page.locator("[data-no-list]")).to_be_visible()
    expect(page.locator("[data-away]")).to_be_hidden()
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    look(page, "verify-dark")


def test_an_answer_that_comes_late_belongs_to_no_other_paper(
    open_page: Callable[..., Page], server: LiveServer, papers: list[Paper]
) -> None:
    mine, other = held(papers[0]), held(papers[1])
    page = open_page("")
    page.goto(f"{server.url}/verify/")
    ready(page)
    waiting: list[Any] = []
    page.route("**/check/*/proof/", lambda route: waiting.append(route))
    pasted(page, mine.text)
    page.wait_for_timeout(200)
    assert len(waiting) == 1
    pasted(page, other.text)
    page.wait_for_timeout(200)
    for route in reversed(waiting):
        route.continue_()
    judged(page, "stated", "included")
    page.wait_for_timeout(500)
    expect(page.locator("[data-claims]")).to_contain_text("林*")
    judged(page, "stated", "included")
    page.unroute("**/check/*/proof/")
    chosen(page, pdf(mine))
    judged(page, "genuine", "same_file")
    expect(page.locator("#text")).to_have_value("")
    page.click("[data-judge]")
    judged(page, "genuine", "same_file")


def test_a_browser_that_cannot_verify_countersignatures_says_so(
    open_page: Callable[..., Page], server: LiveServer, papers: list[Paper]
) -> None:
    held(papers[0])
    countersign()
    page = open_page("")
    page.add_init_script(NO_ED25519)
    page.goto(f"{server.url}/verify/")
    ready(page)
    pasted(page, of_code(papers[0]).text)
    judged(page, "stated", "included", "cosigned_not_asked")
    expect(page.locator("[data-kept-others]")).to_have_text("")


NO_ED25519 = """const own = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (kind, jwk, how, ...rest) {
  return how.name === "Ed25519" ? Promise.reject(new Error("unknown")) : own.call(this, kind, jwk, how, ...rest);
};"""


def test_a_fork_is_told_and_the_kept_head_stays(
    open_page: Callable[..., Page], server: LiveServer, papers: list[Paper], district: District
) -> None:
    held(papers[0])
    page = open_page("")
    page.goto(f"{server.url}/verify/")
    ready(page)
    kept = page.locator("[data-kept-head]")
    expect(kept).to_contain_text("2 条")
    held(issued_page(district, person_in(district.unit, "白谷")))
    page.click("[data-refresh]")
    expect(kept).to_contain_text("3 条")  # it grows out of the one that was kept
    expect(page.locator("[data-fork]")).to_be_hidden()
    page.route("**/verify/head", lambda route: route.fulfill(body=str(note_of(TreeHead.objects.earliest("day")))))
    page.click("[data-refresh]")
    expect(page.locator("[data-fork]")).to_contain_text("本机存的 3 条，现在公布的 2 条")
    expect(kept).to_contain_text("3 条")
    page.unroute("**/verify/head")
    page.route("**/verify/head", lambda route: route.fulfill(status=500))
    page.click("[data-refresh]")
    expect(kept).to_contain_text("3 条")
    page.unroute("**/verify/head")
    another_tree(papers[0])
    held(issued_page(district, person_in(district.unit, "许明")))
    page.click("[data-refresh]")
    expect(page.locator("[data-fork]")).to_contain_text("本机存的 3 条，现在公布的 4 条")
    look(page, "verify-fork")


def another_tree(paper: Paper) -> None:
    """What somebody with the database password could do: change a paper, and publish another tree, signed as always."""
    release(Editor(), ("proof_leaf", "proof_node", "proof_treehead"))
    for table in (Leaf, Node, TreeHead):
        table.objects.all().delete()
    protect(Editor(), ("proof_leaf", "proof_node", "proof_treehead"))
    Paper.objects.filter(pk=paper.pk).update(sha256="0" * 64)


def test_consistency_is_judged_as_by_the_log(open_page: Callable[..., Page], server: LiveServer) -> None:
    page = open_page("")
    page.goto(f"{server.url}/verify/")
    ready(page)
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(18)]
    known = {(0, number): leaf for number, leaf in enumerate(leaves)} | dict(merkle.appended(0, [], leaves))
    roots = {size: merkle.hashed([(0, size)], known)[0] for size in range(1, 18)}
    asked = []
    for old in roots:
        for new in range(old, 18):
            hashes = merkle.hashed(consistency_ranges(old, new), known)
            for wrong in (False, True):
                root = roots[old] if not wrong else roots[old][::-1]
                answer = merkle.is_consistent(old, root, new, roots[new], hashes)
                assert answer is not wrong
                asked.append([old, root.hex(), new, roots[new].hex(), [each.hex() for each in hashes], answer])
    assert page.evaluate(CONSISTENT, asked) == []


CONSISTENT = """async all => {
  const bytes = hex => Uint8Array.from(hex.match(/../g), each => parseInt(each, 16)), wrong = [];
  for (const [old, oldRoot, now, root, hashes, answer] of all) {
    const before = {size: old, root: bytes(oldRoot)}, after = {size: now, root: bytes(root)};
    if (await Proof.notes.isConsistent(before, after, hashes.map(bytes)) !== answer) wrong.push([old, now]);
  }
  return wrong;
}"""


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
