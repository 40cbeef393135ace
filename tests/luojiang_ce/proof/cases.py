"""One table of what can be shown, and the verdict on it: the command and the page are both held to it (test_cases.py,
tests/browser/test_verify.py)."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.cache import cache

from luojiang_ce import clock
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import request_paper, revoke_papers
from luojiang_ce.proof import base41, keyring, notes, signing, tree, words
from luojiang_ce.proof.models import SigningKey, Witness, note_of
from luojiang_ce.proof.revocations import signed_list
from luojiang_ce.proof.statement import ES256, Claims, in_text, read, signed
from tests.conftest import District
from tests.factories import person_in
from tests.hostile import locked_pdf
from tests.luojiang_ce.papers.samples import PAGE, issued_page, made, register_paper
from tests.luojiang_ce.proof.papers import Held, held, of_code, publish
from units.models import Person

Purpose = SigningKey.Purpose
CODE = "01VX01VX01VX"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Given:
    """What is shown, and what lies at hand: the network, or keys and list as they were kept. `today`: as the verifier's
    own clock has it."""

    text: str = ""
    file: bytes | None = None
    named: str = "文书.pdf"
    proof: str = ""
    typed: str = ""
    keys: str = ""
    revocations: bytes = b""
    online: bool = False
    days: int = 0  # from today

    @property
    def today(self) -> date:
        return clock.today() + self.days * DAY

    @property
    def noon(self) -> datetime:
        return datetime.combine(self.today, time(12), clock.SHANGHAI)


@dataclass(frozen=True)
class World:
    """Papers of three keys, and what was published from time to time.

    `first`, `revoked`, `replaced` are of the first key, which was replaced; `stolen` is of the second, which was
    withdrawn; `later`, `reviewed`, `waiting` of the third. `early` and `late`: keys; `lists`: by name.
    """

    first: Held
    bare_proof: str  # of the first, before its head was countersigned
    number: str
    revoked: Held
    replaced: Held
    stolen: Held
    later: Held
    reviewed: Held
    waiting: Held
    early: str
    late: str
    lists: dict[str, bytes]

    def kept(self, text: str = "", **changes: Any) -> Given:
        """Without a network, with what was published when the first papers were out."""
        return replace(Given(text, keys=self.early, revocations=self.lists["early"]), **changes)

    def kept_late(self, text: str = "", **changes: Any) -> Given:
        """Without a network, with what was published last."""
        return replace(Given(text, keys=self.late, revocations=self.lists["late"]), **changes)


def build(district: District) -> World:
    """Everything that the cases show."""
    register_paper(replace(PAGE, key="sample.review", in_review=lambda papers: {paper.pk for paper in papers}))
    first, revoked, replaced = (_page(district, name) for name in ("温知故", "林䶮", "王小明"))
    lists = {name: _list_of(days) for name, days in (("before", -1), ("future", 1), ("early", 0))}
    bare = held(first).proof
    countersign()
    papers = [of_code(each) for each in (first, revoked, replaced)]
    early = json.dumps(keyring.as_jwks())
    revoke_papers([revoked, replaced], actor=district.approver, reason="填错")
    issued_page(district, Person.objects.get(pk=replaced.subject_id))
    keyring.rotate(Purpose.STATEMENTS)
    stolen = _page(district, "白谷")
    keyring.withdraw(SigningKey.objects.signing(Purpose.STATEMENTS).get().kid, reason="密钥所在的机器被盗")
    later, reviewed = _page(district, "许明"), _in_review(district)
    publish()
    waiting = _page(district, "曾仇")
    lists["late"] = _list_of(0)
    others = [of_code(each) for each in (stolen, later, reviewed, waiting)]
    return World(papers[0], bare, first.number or "", *papers[1:], *others, early, json.dumps(keyring.as_jwks()), lists)


def _page(district: District, name: str) -> Paper:
    return issued_page(district, person_in(district.unit, name))


def _in_review(district: District) -> Paper:
    seal = Paper.objects.latest("pk").seal
    subject = person_in(district.unit, "陈㛃")
    return made(request_paper("sample.review", district.unit, actor=district.keeper, subject=subject, seal=seal))


def _list_of(days: int) -> bytes:
    cache.clear()
    with clock.at(clock.now() + days * DAY):
        return signed_list()


def countersign() -> None:
    """Have another body sign the latest head."""
    private, public = signing.new_key(signing.ED25519)
    by = Witness.objects.create(name="jyj.luojiang.example", label="洛江区教育局", public=public)
    head = tree.latest()
    assert head
    note = note_of(head)
    line = notes.signature(note.text, by.verifier, lambda content: signing.sign(private, content))
    tree.cosign(str(note.with_line(line)))


# --- what somebody does to them ---------------------------------------------------------------------------------------


def forged(text: str) -> str:
    """The same statement with other hours."""
    return f"{text.partition('#')[0]}#{base41.encode(in_text(text).replace(b'94.5', b'99.5'))}"


def in_file(held_: Held, told: str) -> bytes:
    """The file with something else in the place of its statement."""
    before = held_.text.partition("#")[2].encode()
    assert before in held_.file
    return held_.file.replace(before, told.encode())


def without_statement(held_: Held) -> bytes:
    """The file of a paper that is older than statements."""
    return held_.file.replace(b"#" + held_.text.partition("#")[2].encode(), b"")


def with_leaf(proof: str, change: Callable[[bytes], bytes]) -> str:
    """A proof whose leaf says something else."""
    lines = proof.split("\n")
    leaf = b64decode(lines[1].removeprefix("extra "))
    return "\n".join([lines[0], f"extra {b64encode(change(leaf)).decode()}", *lines[2:]])


def with_a_hash_more(proof: str) -> str:
    """A proof that has grown."""
    head, blank, note = proof.partition("\n\n")
    return f"{head}\n{b64encode(bytes(32)).decode()}{blank}{note}"


def signed_by_nobody(proof: str) -> str:
    """A proof whose head bears only signatures of another name."""
    return proof.replace("— ", "— x")


def after_a_move(keys: str, *, told: bool) -> str:
    """The published keys where the site has moved since the tree's key signed; its former name is `told`, or not."""
    found = json.loads(keys)
    for key in found["keys"]:
        if name := key.get("origin"):
            key |= {"origin": "moved.luojiang.example/verify", "former_origins": [name] if told else []}
    return json.dumps(found)


def stated(like: Held, **changes: Any) -> str:
    """A statement that whoever has stolen the present key can make."""
    key = SigningKey.objects.signing(Purpose.STATEMENTS).get()
    claims: Claims = replace(read(in_text(like.text))[1], **changes)
    return base41.encode(signed(claims, kid=key.kid, algorithm=ES256, sign=lambda part: keyring.sign(key, part)))


def coded(world: World) -> str:
    """A statement with a code in which letters stand that are mistyped."""
    return stated(world.later, code=CODE)


def of_another_key(like: Held, kid: str) -> str:
    """A statement by a key that is none of ours."""
    private, _ = signing.new_key(ES256)
    claims = read(in_text(like.text))[1]
    return base41.encode(signed(claims, kid=kid, algorithm=ES256, sign=lambda part: signing.sign(private, part)))


# --- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """What is shown, and what is said: the verdict and its findings; or, where nothing can be judged, why."""

    name: str
    given: Callable[[World], Given]
    verdict: str = ""
    findings: str = ""
    said: str = ""


Write = Callable[[str, str, str], str]  # of the word, the year, the number without zeros
WRITTEN: tuple[Write, ...] = (
    lambda word, year, nth: f"{word}〔{year}〕{nth}号",
    lambda word, year, nth: f"{word}[{year}]{nth.zfill(5)}",
    lambda word, year, nth: f"{word}【{year}】第{nth.zfill(7)}号",
    lambda word, year, nth: f" {word} ( {year} ) {nth} ",
    lambda word, year, nth: f"{word}{{{year}}}{nth} 号",
    lambda word, year, nth: f"{word}「{year}」{nth}号",
    lambda word, year, nth: f"\ufeff{word}\u200b〔{year}〕{nth}号",  # pasted
    lambda word, year, nth: f"{word}《{year}》{nth}号",
)
ANOTHER: tuple[Write, ...] = (
    lambda word, year, nth: f"{word}〔{year}〕{nth}0号",
    lambda word, year, nth: f"{word}〔{int(year) - 1}〕{nth}号",
    lambda word, year, nth: f"{word}证〔{year}〕{nth}号",
)
NO_NUMBER: tuple[Write, ...] = (  # nor a code: nothing is said of the paper by it
    lambda word, year, nth: nth,
    lambda word, year, nth: f"{word}{year}年{nth}号",
    lambda word, year, nth: f"{word}{year}{nth}号",  # where the year ends cannot be told
    lambda word, year, nth: f"〔{year}〕{nth}号",
    lambda word, year, nth: f"{word}〔{year}〕{nth}号之一",
    lambda word, year, nth: f"{word}〔{year}〕号",
    lambda word, year, nth: "7K3Q-WD82-MX4",  # a code cut off
)
TYPED: tuple[Callable[[str], str], ...] = (  # a code as people type it
    lambda code: code,
    lambda code: f" {code[:4]}-{code[4:8]}-{code[8:]} ".lower(),
    lambda code: f"{code[:4]}.{code[4:8]}\u2010{code[8:]}",
    lambda code: f"{code[:4]}\u2212{code[4:8]}—{code[8:]}\ufeff",
    lambda code: code.replace("0", "O").replace("1", "l").replace("V", "u"),
    lambda code: "".join(chr(ord(each) + 0xFEE0) for each in code),
)


def parts_of(number: str) -> tuple[str, str, str]:
    """洛人社验〔2026〕00018号: its word, its year, its number without zeros."""
    word, _, rest = number.partition("〔")
    year, _, nth = rest.removesuffix("号").partition("〕")
    return word, year, nth.lstrip("0")


CASES = [
    Case("a code", lambda w: w.kept(w.first.text), "stated", "signed not_revoked no_inclusion"),
    Case(
        "its number",
        lambda w: w.kept(w.first.text, typed=w.number),
        "stated",
        "signed same_paper not_revoked no_inclusion",
    ),
    Case(
        "its number as a keyboard has it",
        lambda w: w.kept(w.first.text, typed=w.number.replace("〔", "（").replace("〕", "）").replace("0", "０")),
        "stated",
        "signed same_paper not_revoked no_inclusion",
    ),
    *(
        Case(
            f"its number as people write it: {write('洛', '2026', '8')}",
            lambda w, write=write: w.kept(w.first.text, typed=write(*parts_of(w.number))),
            "stated",
            "signed same_paper not_revoked no_inclusion",
        )
        for write in WRITTEN
    ),
    *(
        Case(
            f"a number that is another: {write('洛', '2026', '8')}",
            lambda w, write=write: w.kept(w.first.text, typed=write(*parts_of(w.number))),
            "mismatch",
            "signed another_paper not_revoked no_inclusion",
        )
        for write in ANOTHER
    ),
    *(
        Case(
            f"neither a number nor a code: {write('洛', '2026', '8')}",
            lambda w, write=write: w.kept(w.first.text, typed=write(*parts_of(w.number))),
            "unsure",
            "signed typed_not_read not_revoked no_inclusion",
        )
        for write in NO_NUMBER
    ),
    *(
        Case(
            f"its code as people type it: {typed('01VX01VX01VX')!a}",
            lambda w, typed=typed: w.kept(coded(w), typed=typed(CODE), keys=w.late, revocations=w.lists["late"]),
            "stated",
            "signed same_paper not_revoked no_inclusion",
        )
        for typed in TYPED
    ),
    Case(
        "another code",
        lambda w: w.kept(w.first.text, typed="7K3Q-WD82-MX4P"),
        "mismatch",
        "signed another_paper not_revoked no_inclusion",
    ),
    Case(
        "many years",
        lambda w: w.kept_late(stated(w.later, years="2023UMW", year=0, hours="", result="")),
        "stated",
        "signed not_revoked no_inclusion",
    ),
    Case(
        "another kind of file",
        lambda w: w.kept(file=b"PK\3\4", named="证明.docx"),
        said=words.NO_PAPER.format(name="证明.docx"),
    ),
    Case("a proof alone", lambda w: w.kept(file=w.first.proof.encode(), named="收录证明.txt"), said=words.PROOF_ALONE),
    Case("what is only called a PDF", lambda w: w.kept(file=b"PK\3\4"), "unsure", "no_statement"),
    Case(
        "a code pasted on",
        lambda w: w.kept(w.first.text, typed="洛人社验[1999]00001号"),
        "mismatch",
        "signed another_paper not_revoked no_inclusion",
    ),
    Case("a forged code", lambda w: w.kept(forged(w.first.text)), "fake", "forged list_not_asked"),
    Case("a code cut off", lambda w: w.kept(w.first.text[:-6]), said=words.UNREADABLE),
    Case("another text", lambda w: w.kept("温知故"), said=words.UNREADABLE),
    Case("a list as a code", lambda w: w.kept(base41.encode(w.lists["early"])), said=words.UNREADABLE),
    Case("an older code", lambda w: w.kept(w.first.text.partition("#")[0]), said=words.NOT_SIGNED),
    Case(
        "a file with its proof",
        lambda w: w.kept(file=w.first.file, proof=w.first.proof),
        "genuine",
        "signed not_revoked included cosigned same_file",
    ),
    Case(
        "a proof that nobody has countersigned",
        lambda w: w.kept(file=w.first.file, proof=w.bare_proof),
        "genuine",
        "signed not_revoked included not_cosigned same_file",
    ),
    Case(
        "a file alone",
        lambda w: w.kept(file=w.first.file),
        "unsure",
        "signed not_revoked no_inclusion file_not_compared",
    ),
    Case(
        "a changed file",
        lambda w: w.kept(file=w.first.file + b"\n", proof=w.first.proof),
        "fake",
        "signed not_revoked included cosigned another_file",
    ),
    Case(
        "a forged file",
        lambda w: w.kept(file=in_file(w.first, forged(w.first.text).partition("#")[2]), proof=w.first.proof),
        "fake",
        "forged list_not_asked",
    ),
    Case(
        "a file with a broken statement",
        lambda w: w.kept(file=in_file(w.first, "!" + w.first.text.partition("#")[2])),
        "unsure",
        "broken_statement",
    ),
    Case(
        "a file with letters that are no statement",
        lambda w: w.kept(file=in_file(w.first, base41.encode(b"no statement"))),
        "unsure",
        "broken_statement",
    ),
    Case(
        "a portable record", lambda w: w.kept(file=b'{\n "payload": "e30",\n "signature": "AA"\n}'), said=words.PORTABLE
    ),
    Case("an empty file", lambda w: w.kept(file=b""), said=words.EMPTY_FILE.format(name="文书.pdf")),
    Case("a file with a password", lambda w: w.kept(file=locked_pdf()), said=words.LOCKED.format(name="文书.pdf")),
    Case("a badge", lambda w: w.kept(file=b"eyJhbGciOiJFUzI1NiJ9.e30.AA"), said=words.PORTABLE),
    Case("an older file", lambda w: w.kept(file=without_statement(w.first)), "unsure", "no_statement"),
    Case(
        "the proof of another paper",
        lambda w: w.kept(file=w.first.file, proof=w.revoked.proof),
        "unsure",
        "signed not_revoked other_inclusion no_inclusion file_not_compared",
    ),
    Case(
        "a code with the proof of another paper",
        lambda w: w.kept(w.first.text, proof=w.revoked.proof),
        "stated",
        "signed not_revoked other_inclusion no_inclusion",
    ),
    Case(
        "a leaf with something behind it",
        lambda w: w.kept(file=w.first.file, proof=with_leaf(w.first.proof, lambda leaf: leaf + b"\0")),
        "unsure",
        "signed not_revoked not_included file_not_compared",
    ),
    Case(
        "a leaf with a tag",
        lambda w: w.kept(file=w.first.file, proof=with_leaf(w.first.proof, lambda leaf: b"\xd9\xd9\xf7" + leaf)),
        "unsure",
        "signed not_revoked not_included file_not_compared",
    ),
    Case(
        "a leaf of something else",
        lambda w: w.kept(w.first.text, proof=with_leaf(w.first.proof, lambda leaf: b"\x81\x67revoked")),
        "stated",
        "signed not_revoked other_inclusion no_inclusion",
    ),
    Case(
        "a leaf whose sums are words",
        lambda w: w.kept(w.first.text, proof=with_leaf(w.first.proof, lambda leaf: leaf[:-68] + b"\x61a\x61a")),
        "unsure",
        "signed not_revoked not_included",
    ),
    Case(
        "a proof that has grown",
        lambda w: w.kept(file=w.first.file, proof=with_a_hash_more(w.first.proof)),
        "unsure",
        "signed not_revoked not_included file_not_compared",
    ),
    Case(
        "a head of somebody else",
        lambda w: w.kept(file=w.first.file, proof=signed_by_nobody(w.first.proof)),
        "unsure",
        "signed not_revoked unknown_head file_not_compared",
    ),
    Case(
        "a head from before the site moved",
        lambda w: w.kept(file=w.first.file, proof=w.first.proof, keys=after_a_move(w.early, told=True)),
        "genuine",
        "signed not_revoked included cosigned same_file",
    ),
    Case(
        "a head under a name that nobody has told",
        lambda w: w.kept(file=w.first.file, proof=w.first.proof, keys=after_a_move(w.early, told=False)),
        "unsure",
        "signed not_revoked unknown_head file_not_compared",
    ),
    Case("no list", lambda w: w.kept(w.first.text, revocations=b""), "unsure", "signed no_list no_inclusion"),
    Case(
        "a list older than the paper",
        lambda w: w.kept(w.first.text, revocations=w.lists["before"]),
        "unsure",
        "signed list_older no_inclusion",
    ),
    Case(
        "a list of the future",
        lambda w: w.kept(w.first.text, revocations=w.lists["future"]),
        "unsure",
        "signed list_of_future no_inclusion",
    ),
    Case(
        "revoked by a list of the future",
        lambda w: w.kept_late(w.revoked.text, days=-1),
        "revoked",
        "signed_by_former revoked no_inclusion",
    ),
    Case(
        "revoked since the list",
        lambda w: w.kept(w.revoked.text, days=30),
        "stated",
        "signed not_revoked no_inclusion",
    ),
    Case("revoked", lambda w: w.kept_late(w.revoked.text), "revoked", "signed_by_former revoked no_inclusion"),
    Case("replaced", lambda w: w.kept_late(w.replaced.text), "revoked", "signed_by_former replaced no_inclusion"),
    Case("a former key", lambda w: w.kept_late(w.first.text), "stated", "signed_by_former not_revoked no_inclusion"),
    Case("a withdrawn key", lambda w: w.kept_late(w.stolen.text), "unsure", "withdrawn_key not_revoked no_inclusion"),
    Case(
        "signed before there was the key",
        lambda w: w.kept_late(stated(w.later, signed=date(2020, 1, 1))),
        "unsure",
        "out_of_days not_revoked no_inclusion",
    ),
    Case("a key that is not known yet", lambda w: w.kept(w.later.text), "unsure", "unknown_key list_not_asked"),
    Case(
        "a foreign key",
        lambda w: Given(of_another_key(w.first, "XX-2026-01"), online=True),
        "foreign",
        "foreign_key list_not_asked",
    ),
    Case(
        "one that signs under our number",
        lambda w: Given(of_another_key(w.later, read(in_text(w.later.text))[0].kid), online=True),
        "fake",
        "forged list_not_asked",
    ),
    Case(
        "a code, asked about",
        lambda w: Given(w.later.text, online=True),
        "stated",
        "signed not_revoked in_force included not_cosigned",
    ),
    Case(
        "one whose head is countersigned",
        lambda w: Given(w.first.text, online=True),
        "stated",
        "signed_by_former not_revoked in_force included cosigned",
    ),
    Case(
        "a file, asked about",
        lambda w: Given(file=w.later.file, online=True),
        "genuine",
        "signed not_revoked in_force included not_cosigned same_file",
    ),
    Case(
        "a revoked paper, asked about",
        lambda w: Given(w.revoked.text, online=True),
        "revoked",
        "signed_by_former revoked told_revoked included cosigned",
    ),
    Case(
        "a paper under review",
        lambda w: Given(w.reviewed.text, online=True),
        "unsure",
        "signed not_revoked in_review included not_cosigned",
    ),
    Case(
        "a stolen key under another code",
        lambda w: Given(stated(w.later, code="000011112222"), online=True),
        "unsure",
        "signed not_revoked not_known no_inclusion",
    ),
    Case(
        "a stolen key under the code of a paper of today",
        lambda w: Given(stated(w.waiting, hours="合计 999 学时"), online=True),
        "fake",
        "signed not_revoked not_as_issued",
    ),
    Case(
        "a stolen key under the code of a paper that a head has",
        lambda w: Given(stated(w.later, hours="合计 999 学时"), online=True),
        "fake",
        "signed not_revoked not_as_issued",
    ),
    Case(
        "a stolen key under the code of a revoked paper",
        lambda w: Given(stated(w.revoked, hours="合计 999 学时"), online=True),
        "fake",
        "signed revoked not_as_issued",
    ),
    Case(
        "a stolen key under the code of a paper under review",
        lambda w: Given(stated(w.reviewed, years="2023MM"), typed=w.number, online=True),
        "fake",
        "signed another_paper not_revoked not_as_issued",
    ),
    Case(
        "a stolen key beside the proof of the paper whose code it took",
        lambda w: w.kept_late(stated(w.later, hours="合计 999 学时"), proof=w.later.proof),
        "fake",
        "signed not_revoked not_as_included",
    ),
    Case(
        "a file issued today",
        lambda w: Given(file=w.waiting.file, online=True),
        "genuine",
        "signed not_revoked in_force not_yet file_as_issued",
    ),
    Case(
        "a changed file issued today",
        lambda w: Given(file=w.waiting.file + b"\n", online=True),
        "fake",
        "signed not_revoked in_force not_yet file_not_as_issued",
    ),
    Case(
        "a file that should be in a head by now",
        lambda w: Given(file=w.waiting.file, online=True, days=4),
        "unsure",
        "signed not_revoked in_force overdue file_as_issued",
    ),
    Case(
        "a file of today with the proof of another, asked about",
        lambda w: Given(file=w.waiting.file, proof=w.first.proof, online=True),
        "genuine",
        "signed not_revoked in_force other_inclusion not_yet file_as_issued",
    ),
    Case(
        "a file with the proof of another, asked about",
        lambda w: Given(file=w.later.file, proof=w.first.proof, online=True),
        "genuine",
        "signed not_revoked in_force other_inclusion included not_cosigned same_file",
    ),
    Case(
        "a wrong proof hides no head that has left it out",
        lambda w: Given(file=w.waiting.file, proof=w.first.proof, online=True, days=4),
        "unsure",
        "signed not_revoked in_force other_inclusion overdue file_as_issued",
    ),
    Case("issued today", lambda w: Given(w.waiting.text, online=True), "stated", "signed not_revoked in_force not_yet"),
    Case(
        "days ago and in no head",
        lambda w: Given(w.waiting.text, online=True, days=4),
        "unsure",
        "signed not_revoked in_force overdue",
    ),
]
