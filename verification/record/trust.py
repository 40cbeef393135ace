"""Whose signatures are believed: the key sets that districts hand each other (RFC 7517), and what keys may sign.

Pure: JSON in, keys out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from luojiang_ce.checked_json import Fields
from luojiang_ce.proof import signing
from luojiang_ce.workdays.text import full
from verification.record.portable import ISSUER, MOST_KID, NO_ISSUER, Signed, Unusable, loaded, short

MOST_CHARACTERS = 50_000
MOST_KEYS = 50
MOST_NAME = 100
Verify = Callable[[bytes, bytes, bytes], bool]  # of public key, content, signature
PRIVATE = ("d", "p", "q", "k")  # members of a JWK that nobody hands to anybody


@dataclass(frozen=True)
class Key:
    """A key of another district: from when until when it signs, and whether it is believed no more."""

    kid: str
    public: bytes
    starts: date
    ends: date | None
    withdrawn: date | None


def read_key_set(text: str) -> dict[str, Any]:
    """The key set in a text as it was handed over: issuer, name and keys, of which only what is read here is kept.
    Raises Unusable with everything that is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise Unusable(f"超过 {MOST_CHARACTERS} 个字符，不是公钥文件")
    try:
        told = loaded(text)
    except (ValueError, RecursionError):
        raise Unusable("不是 JSON（或有重复的名称、NaN）：请粘贴对方公钥文件的全部内容，从 { 到 }") from None
    problems: list[str] = []
    whole = Fields(told, "", problems)
    issuer, name = whole.text("issuer"), short(whole, "name", MOST_NAME)
    if issuer and not ISSUER.fullmatch(issuer):
        whole.note("issuer", NO_ISSUER)
    keys = [_key(each) for each in whole.objects("keys")]
    if not problems and not 0 < len(keys) <= MOST_KEYS:
        problems.append(f"keys：应有 1 到 {MOST_KEYS} 把公钥")
    if len({key.kid for key in keys}) < len(keys):
        problems.append("keys：有两把公钥编号（kid）相同")
    if problems:
        raise Unusable(*problems)
    return {"issuer": issuer, "name": name, "keys": [_kept(key) for key in keys]}


def _kept(key: Key) -> dict[str, Any]:
    """A key as it is kept: what was read, written anew; whatever else was pasted is kept nowhere."""
    days = {"from": key.starts, "until": key.ends, "withdrawn": key.withdrawn}
    return {"kid": key.kid, **signing.as_jwk(key.public), **{name: f"{day}" for name, day in days.items() if day}}


def keys_in(key_set: Mapping[str, Any]) -> dict[str, Key]:
    """The keys of a set that was read before, by number."""
    keys = [_key(each) for each in Fields(dict(key_set), "", []).objects("keys")]
    return {key.kid: key for key in keys}


def signed_by(signed: Signed, keys: Mapping[str, Key], verify: Verify = signing.verify) -> Key:
    """The key by which a file is signed. Raises Unusable where it is none of these, or is believed no more, or where
    the signature is not true."""
    key = keys.get(signed.kid)
    if key is None:
        raise Unusable(
            f"密钥 {signed.kid[:100]} 不在登记的公钥之中：可能对方换了密钥，请区人社局更新公钥后再导入；也可能是伪造的"
        )
    if key.withdrawn:
        raise Unusable(f"密钥 {key.kid} 已于 {full(key.withdrawn)} 作废，它签的记录都不再认，请对方重新出具")
    if not signed.is_by(lambda part, signature: verify(key.public, part, signature)):
        raise Unusable("签名不符：文件被改过，或是伪造的。请本人向转出地区重新下载，不要打开后另存")
    return key


def refuse_out_of_days(key: Key, exported: date) -> None:
    """Raise Unusable unless the key was in use on the day on which the file says it was made."""
    if exported < key.starts or (key.ends and exported > key.ends):
        raise Unusable(f"出具日期 {full(exported)} 不在密钥 {key.kid} 的使用期内，请向转出地区核实")


def _key(told: Fields) -> Key:
    kid, starts = short(told, "kid", MOST_KID), told.day("from")
    ends, withdrawn = (told.day(name) if told.has(name) else None for name in ("until", "withdrawn"))
    if any(name in told.value for name in PRIVATE):
        told.note("", "含有私钥，请立即通知对方作废这把密钥，只粘贴公钥")
    return Key(kid, _public(told), starts, ends, withdrawn)


def _public(told: Fields) -> bytes:
    try:
        public = signing.from_jwk(told.value)
    except (ValueError, KeyError, TypeError):
        told.note("", "不是 P-256 公钥（EC，ES256）")
        return b""
    if told.value.get("crv") != "P-256":
        told.note("crv", "只认 P-256（ES256）")
    return public
