"""A key in a PKCS#12 file: its path in the settings, its passphrase in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from .credentials import BadSigner


class Pkcs12:
    """Options: `file`, and `passphrase_env`, the environment variable that holds the passphrase (none: without)."""

    def certificate(self, options: Mapping[str, str]) -> x509.Certificate:
        content, passphrase = _opened(options)
        try:
            key, certificate, _ = pkcs12.load_key_and_certificates(content, passphrase)
        except ValueError as wrong:
            raise BadSigner(f"签名证书文件 {_name(options)} 打不开：口令不对，或不是 PKCS#12 文件") from wrong
        if key is None or certificate is None:
            raise BadSigner(f"签名证书文件 {_name(options)} 里没有私钥和证书")
        return certificate

    def signer(self, options: Mapping[str, str]) -> Any:
        from pyhanko.sign.signers import SimpleSigner

        self.certificate(options)
        content, passphrase = _opened(options)
        return SimpleSigner.load_pkcs12_data(content, other_certs=[], passphrase=passphrase)


def _opened(options: Mapping[str, str]) -> tuple[bytes, bytes | None]:
    variable = options.get("passphrase_env", "")
    if variable and variable not in os.environ:
        raise BadSigner(f"环境变量 {variable} 没有设定，签名证书打不开")
    try:
        content = Path(options.get("file", "")).read_bytes()
    except OSError as gone:
        raise BadSigner(f"签名证书文件 {_name(options)} 读不到，请系统管理员核对路径和权限") from gone
    return content, os.environ[variable].encode() if variable else None


def _name(options: Mapping[str, str]) -> str:
    """Its name alone: where keys lie is nobody's business on a page."""
    return Path(options.get("file", "")).name or "（未填）"
