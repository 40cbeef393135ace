"""The timestamp of a signature, as it stands in the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

TOKEN = "signature_time_stamp_token"  # noqa: S105  the name of an attribute


@dataclass(frozen=True)
class Stamped:
    """When, and by whom."""

    at: datetime
    by: str


def timestamp_of(embedded: Any) -> Stamped | None:
    """The timestamp of an embedded signature; None where it has none."""
    attributes = embedded.signer_info["unsigned_attrs"]
    tokens = [each for each in attributes or () if each["type"].native == TOKEN]
    if not tokens:
        return None
    info = tokens[0]["values"][0]["content"]["encap_content_info"]["content"].parsed
    return Stamped(info["gen_time"].native, _name(info["tsa"].native))


def _name(tsa: Any) -> str:
    return "，".join(str(value) for value in tsa.values()) if isinstance(tsa, dict) else str(tsa or "")
