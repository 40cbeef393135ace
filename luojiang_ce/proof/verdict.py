"""Is a paper genuine? Everything is judged from what lies at hand: no network, no database, no clock.

The same is judged by static/js/proof/verdict.js; tests/luojiang_ce/proof/cases.py holds both to the same answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from . import signing, statement, words
from .notes import BadNote, Inclusion, Verifier
from .revocations import RevocationList
from .sources import Answer, Standing
from .statement import Claims, Message, Unreadable
from .typed import is_read, plain, trimmed

_MARK = b"/check/"  # with it the path of every check address begins
ORDER = ("fake", "mismatch", "foreign", "revoked", "unsure")  # the first that any finding asks for is the verdict
SAME_FILE = {"same_file", "file_as_issued"}  # either proves more than a code can
SIGNED = {"signed", "signed_by_former"}  # either says whose words these are
INCLUDED_AFTER = 2  # days: a head is published every morning, and one night may fail
STANDINGS = {
    Standing.VALID: "in_force",
    Standing.REVIEW: "in_review",
    Standing.REVOKED: "told_revoked",
    Standing.UNKNOWN: "not_known",
}
_DAYS = ("from", "until", "withdrawn")  # of a published key
_LEAF = 4  # parts of a paper's leaf (sources.paper_leaf)


@dataclass(frozen=True)
class Key:
    """A public key with its days, as the published file has it."""

    kid: str
    algorithm: str
    public: bytes
    since: date | None = None
    until: date | None = None
    withdrawn: date | None = None
    reason: str = ""
    origins: tuple[str, ...] = ()

    def verify(self, content: bytes, signature: bytes) -> bool:
        """Did it sign that?"""
        return signing.verify(self.public, content, signature)


@dataclass(frozen=True)
class Cosigner:
    """A body that countersigns heads, as the published file has it; `until`: heads of later days it does not sign."""

    label: str
    verifier: Verifier
    until: date | None = None

    def has_signed(self, proof: Inclusion) -> bool:
        """Is its signature under the head of the proof?"""
        late = self.until and proof.head.dated > self.until.isoformat()
        return not late and proof.note.is_signed_by(self.verifier)


@dataclass(frozen=True)
class Trust:
    """What is believed: the keys, the revocation list where there is one, and which day it is; whose countersignatures;
    whether the keys come from whoever issues papers, this moment (`fresh`): then there are no others."""

    keys: Mapping[str, Key]
    revocations: RevocationList | None
    today: date
    cosigners: tuple[Cosigner, ...] = ()
    fresh: bool = False

    def verifiers(self) -> Iterator[Verifier]:
        """Whose signature makes a head the log's."""
        believed = [key for key in self.keys.values() if key.withdrawn is None]
        for origin in {origin for key in self.keys.values() for origin in key.origins}:
            yield from (Verifier(origin, key.algorithm, key.public) for key in believed)


@dataclass(frozen=True)
class Shown:
    """What somebody holds: the statement, what stands on the paper, the file's fingerprint, a proof of inclusion; and,
    where whoever issued it could be asked, his `answer`."""

    statement: bytes = b""
    typed: str = ""
    sha256: str = ""
    inclusion: Inclusion | None = None
    answer: Answer | None = None


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: a key of words.FINDINGS, and what its words name."""

    key: str
    named: Mapping[str, Any] = field(default_factory=dict)

    @property
    def decides(self) -> str:
        """The verdict that it asks for; empty where it asks for none."""
        return words.FINDINGS[self.key][0]

    @property
    def line(self) -> str:
        return words.FINDINGS[self.key][2].format(**self.named)

    @property
    def note(self) -> str:
        return words.FINDINGS[self.key][3].format(**self.named)


@dataclass(frozen=True)
class Outcome:
    """The verdict, what led to it, what the paper claims."""

    verdict: str
    findings: tuple[Finding, ...]
    claims: Claims | None

    @property
    def is_signed(self) -> bool:
        """Is it known whose words the claims are? Otherwise the paper says so of itself, and no more."""
        return any(each.key in SIGNED for each in self.findings)

    @property
    def sentence(self) -> str:
        """The verdict in words, and why."""
        _, _, word, said = words.VERDICTS[self.verdict]
        named = {name: value for each in self.findings for name, value in each.named.items()}
        why = "；".join(each.line for each in self.findings if each.decides == self.verdict)
        return f"{word}：{said.format(**named | {'why': why})}"


def judge(shown: Shown, trust: Trust) -> Outcome:
    """The verdict on what is shown. Raises statement.Unreadable where there are bytes which are no statement."""
    if not shown.statement:
        return refused(Finding("no_statement"))
    message, claims = statement.read(shown.statement)
    signed = _signature(message, claims, trust)
    findings = [signed, *_beside(shown, claims)]
    if signed.key in ("forged", "unknown_key", "foreign_key"):
        findings.append(Finding("list_not_asked"))
    else:
        findings += [_revocation(claims, trust), *_known(shown, claims, trust)]
    return _outcome(findings, claims)


def read_keys(jwks: Mapping[str, Any]) -> dict[str, Key]:
    """The published keys; ValueError, KeyError or TypeError where the file is none of ours."""
    return {jwk["kid"]: _key(jwk) for jwk in jwks["keys"]}


def read_cosigners(jwks: Mapping[str, Any]) -> tuple[Cosigner, ...]:
    """Who countersigns, by the same file; ValueError, KeyError or TypeError as with `read_keys`."""
    return tuple(_cosigner(jwk) for jwk in jwks.get("witnesses", ()))


def refused(why: Finding) -> Outcome:
    """What is said where there is nothing to judge."""
    return _outcome([why], None)


def _outcome(findings: list[Finding], claims: Claims | None) -> Outcome:
    asked, found = {each.decides for each in findings}, {each.key for each in findings}
    proved = "genuine" if found & SAME_FILE else "stated"
    return Outcome(next((each for each in ORDER if each in asked), proved), tuple(findings), claims)


def _signature(message: Message, claims: Claims, trust: Trust) -> Finding:
    key, signed = trust.keys.get(message.kid), claims.signed or claims.dated
    named = {"kid": message.kid, "signed": signed, "keys": len(trust.keys)}
    if key is None or key.algorithm != message.algorithm:
        return Finding("foreign_key" if trust.fresh else "unknown_key", named)
    if not message.is_by(key.verify):
        return Finding("forged", named)
    if key.withdrawn:
        return Finding("withdrawn_key", named | {"withdrawn": key.withdrawn, "reason": key.reason})
    if signed is None or (key.since and signed < key.since) or (key.until and signed > key.until):
        return Finding("out_of_days", named)
    return Finding("signed_by_former", named | {"until": key.until}) if key.until else Finding("signed", named)


def _beside(shown: Shown, claims: Claims) -> Iterator[Finding]:
    """What was typed from the paper in hand, against what its code says."""
    if typed := plain(shown.typed):
        named = {"typed": trimmed(shown.typed), "number": claims.number, "code": claims.code}
        if typed in (plain(claims.number), plain(claims.code)):
            yield Finding("same_paper", named)
        else:
            yield Finding("another_paper" if is_read(typed) else "typed_not_read", named)


def _revocation(claims: Claims, trust: Trust) -> Finding:
    known = trust.revocations
    if known is None:
        return Finding("no_list")
    day = known.signed_at.date()
    named: dict[str, Any] = {"list_day": day, "age": words.age((trust.today - day).days)}
    entry = known.entry_of(claims.code)
    if entry is None:
        return Finding(_what_a_list_says(day, claims.signed or claims.dated, trust.today), named | _days(claims, trust))
    named |= {"day": entry.day, "nth": entry.nth, "replaced_by": entry.replaced_by}
    return Finding("replaced" if entry.replaced_by else "revoked", named)


def _what_a_list_says(day: date, signed: date | None, today: date) -> str:
    """Of a paper that is not on it. Of one that was issued later it says nothing, and one of the future has no age."""
    if day > today:
        return "list_of_future"
    return "list_older" if signed and day < signed else "not_revoked"


def _days(claims: Claims, trust: Trust) -> dict[str, Any]:
    return {"signed": claims.signed or claims.dated, "today": trust.today}


def _known(shown: Shown, claims: Claims, trust: Trust) -> Iterator[Finding]:
    """What whoever issued it says of the code, and what the log has. Where he has issued another statement under it,
    nothing that is known of the code is known of this one."""
    answer = shown.answer or Answer(Standing.UNKNOWN)
    named = {"code": claims.code, "today": trust.today}
    if answer.standing != Standing.UNKNOWN and answer.statement != hashlib.sha256(shown.statement).hexdigest():
        yield Finding("not_as_issued", named)
        return
    if shown.answer:
        yield Finding(STANDINGS[answer.standing], named)
    yield from _inclusion(shown, answer, claims, trust)


def _inclusion(shown: Shown, answer: Answer, claims: Claims, trust: Trust) -> Iterator[Finding]:
    """Whether the log has this statement, by whose word, and with which file. A proof that was given of another paper
    says nothing of this one: the issuer's own is taken."""
    given, sha256 = shown.inclusion, ""
    if given and not _is_of(given, claims.code):
        yield Finding("other_inclusion")
        given = None
    if proof := given or answer.inclusion:
        finding, sha256 = _included(proof, shown.statement, claims.code, trust)
        yield finding
        if finding.key == "included":
            yield _cosigned(proof, trust)
    else:
        yield _no_inclusion(answer.standing, claims, trust)
    if shown.sha256:
        yield _same_file(shown.sha256, sha256) if sha256 else _as_issued(shown.sha256, answer.sha256, trust)


def _same_file(shown: str, included: str) -> Finding:
    return Finding("same_file" if shown == included else "another_file")


def _as_issued(shown: str, issued: str, trust: Trust) -> Finding:
    """The file against the fingerprint that the issuer has, before it is in a head or where its proof is no use."""
    if not issued:
        return Finding("file_not_compared")
    return Finding("file_as_issued" if shown == issued else "file_not_as_issued", {"today": trust.today})


def _no_inclusion(standing: Standing, claims: Claims, trust: Trust) -> Finding:
    if standing == Standing.UNKNOWN:
        return Finding("no_inclusion")
    named = _days(claims, trust)
    late = named["signed"] is not None and (trust.today - named["signed"]).days > INCLUDED_AFTER
    return Finding("overdue" if late else "not_yet", named)


def _cosigned(proof: Inclusion, trust: Trust) -> Finding:
    by = "、".join(each.label for each in trust.cosigners if each.has_signed(proof))
    return Finding("cosigned", {"by": by}) if by else Finding("not_cosigned")


def _leaf_of(proof: Inclusion) -> list[Any]:
    """What the leaf says; nothing where it is none of ours."""
    try:
        return statement.loaded(proof.leaf, list)
    except Unreadable:
        return []


def _is_of(proof: Inclusion, code: str) -> bool:
    """Is it of the paper of this code, or so spoilt that it cannot be told of which?"""
    leaf = _leaf_of(proof)
    return not leaf or (len(leaf) == _LEAF and leaf[:2] == ["paper", code])


def _included(proof: Inclusion, told: bytes, code: str, trust: Trust) -> tuple[Finding, str]:
    """What a proof of this code proves, and the fingerprint of the file with which the log has the statement."""
    leaf = _leaf_of(proof)
    try:
        head, holds = proof.head, proof.holds
    except BadNote:
        return Finding("not_included"), ""
    if len(leaf) != _LEAF or not all(isinstance(each, bytes) for each in leaf[2:]):
        return Finding("not_included"), ""
    if not any(proof.note.is_signed_by(each) for each in trust.verifiers()):
        return Finding("unknown_head"), ""
    if not holds:
        return Finding("not_included"), ""
    if leaf[2] != hashlib.sha256(told).digest():
        return Finding("not_as_included", {"code": code, "head_day": head.dated}), ""
    return Finding("included", {"index": proof.index, "head_day": head.dated, "size": head.size}), leaf[3].hex()


def _key(jwk: Mapping[str, Any]) -> Key:
    since, until, withdrawn = (_day(jwk, told) for told in _DAYS)
    origins = tuple(str(each) for each in (jwk.get("origin"), *jwk.get("former_origins", ())) if each)
    public, reason = signing.from_jwk(jwk), str(jwk.get("reason", ""))
    return Key(str(jwk["kid"]), str(jwk["alg"]), public, since, until, withdrawn, reason, origins)


def _cosigner(jwk: Mapping[str, Any]) -> Cosigner:
    verifier = Verifier(str(jwk["name"]), signing.ED25519, signing.from_jwk(jwk))
    return Cosigner(str(jwk["label"]), verifier, _day(jwk, "until"))


def _day(jwk: Mapping[str, Any], name: str) -> date | None:
    return date.fromisoformat(jwk[name]) if name in jwk else None


def statement_in_file(content: bytes) -> bytes:
    """The statement that an issued PDF carries in its XMP, which lies in it as plain text; empty where it has none.
    Raises Unreadable where it is broken."""
    at = content.find(_MARK)
    while at >= 0:
        told = content[at : at + statement.MOST_READ].split(b"<", 1)[0]
        if b"#" in told:
            return statement.in_text(told.decode("ascii", "replace"))
        at = content.find(_MARK, at + 1)
    return b""
