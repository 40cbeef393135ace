"""The signed files beside an attestation's paper: the portable record, and the Open Badge of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.models import Paper
from luojiang_ce.proof import keyring
from luojiang_ce.proof.keyring import Purpose
from luojiang_ce.refusals import NotPossible
from luojiang_ce.words import first_of
from luojiang_ce.workflow.events import record
from units.models import Unit
from verification.record import portable
from verification.record.content import said_years
from verification.record.models import Attestation
from verification.record.openbadge import BadgeFacts, credential
from verification.record.papers import PAPER
from verification.record.second_look import is_looked_at_again

log = logging.getLogger(__name__)


def key_set() -> dict[str, Any]:
    """What another district registers to believe the records of this one."""
    bureau, issuer = Unit.objects.bureau(), keyring.issuer()  # which makes the first key where there is none yet
    return {"issuer": issuer, "name": bureau.name if bureau else issuer, "keys": keyring.keys_of(Purpose.RECORDS)}


def paper_to_carry(case: Attestation) -> Paper:
    """The paper in force of an attestation, where files may be made of it. Raises NotPossible with the reason."""
    paper = Paper.objects.of(case).filter(kind=PAPER.key, state=Paper.State.ISSUED).first()
    if paper is None:
        raise NotPossible("证明还没有签发，或已撤销，没有可以下载的电子记录")
    if is_looked_at_again(case):
        raise NotPossible("出具后学时或验证有变动，正在复核；复核结束后再下载")
    return paper


def portable_file(case: Attestation) -> bytes:
    """The record as another district takes it over; it is read as that one reads it before anybody carries it there.
    Raises NotPossible."""
    paper = paper_to_carry(case)
    content = {
        "schema": portable.SCHEMA,
        "issuer": {"id": keyring.issuer(), "name": _bureau().name},
        "paper": {"number": paper.number, "title": paper.title, "dated": paper.dated.isoformat(), "check": _check()},
        "exported": clock.today().isoformat(),
        "person": {"name": case.content["person"]["name"], "binding": _binding(case, paper)},
        "years": said_years(case.content),
    }
    kid, sign = _signer()
    made = portable.sealed(content, kid=kid, sign=sign)
    try:
        portable.read(portable.opened(made), today=clock.today())
    except portable.Unusable as wrong:
        raise NotPossible(
            f"电子记录对方会拒收，请告诉区人社局核对：{first_of(wrong.problems, measure='处')}"
        ) from wrong
    return made


def badge_file(case: Attestation) -> bytes:
    """The same as an Open Badge: a JWT (OB 3.0, 8.2.4). Raises NotPossible."""
    paper = paper_to_carry(case)
    facts = BadgeFacts(
        identifier=paper.uid.urn,
        check_url=_check(),
        issuer_url=settings.PUBLIC_URL.rstrip("/"),
        issuer_name=_bureau().name,
        number=paper.number or "",
        title=paper.title,
        issued_at=_moment(paper),
        name=case.content["person"]["name"],
        years=said_years(case.content),
    )
    claims = credential(facts)
    made = {**claims, "iss": claims["issuer"]["id"], "jti": claims["id"], "nbf": int(facts.issued_at.timestamp())}
    kid, sign = _signer()
    # where whoever verifies the badge finds the key (OB 3.0 asks for an address)
    key_url = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('record:keys')}#{kid}"
    return portable.compact(made, kid=key_url, typ="JWT", sign=sign).encode()


def _signer() -> tuple[str, portable.Sign]:
    """The key of records that signs now, by its number, and how; raises NotPossible where no secret opens it."""
    key = keyring.current(Purpose.RECORDS)

    def sign(part: bytes) -> bytes:
        try:
            return keyring.sign(key, part)
        except keyring.SecretWrong as wrong:
            log.exception("no record can be signed")
            raise NotPossible("电子记录现在签不了名，请告诉区人社局的系统管理员核对签名密钥") from wrong

    return key.kid, sign


@dataclass(frozen=True)
class CarriedFile:
    """A file to carry: how it is made of an attestation, what it is called behind its number, what the history says."""

    make: Callable[[Attestation], bytes]
    name: str
    event: str


PORTABLE = CarriedFile(portable_file, "电子记录.json", "record_downloaded")
BADGE = CarriedFile(badge_file, "徽章.jwt", "badge_downloaded")


def handed_out(file: CarriedFile, case: Attestation, *, actor: Actor) -> HttpResponse:
    """The download of one of them, on record each time: what is out is believed elsewhere. Raises NotPossible."""
    content = file.make(case)
    record(case, file.event, actor=actor)
    kind = "application/json" if file.name.endswith("json") else "application/jwt"
    response = HttpResponse(content, content_type=kind)
    said = content_disposition_header(as_attachment=True, filename=f"{case.number}{file.name}")
    response.headers["Content-Disposition"] = said or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _binding(case: Attestation, paper: Paper) -> dict[str, Any]:
    """The salt is the paper's own, so that the file is the same whenever it is downloaded on a day."""
    salt = portable.b64(paper.uid.bytes)
    return portable.bound_to(case.person.id_number, paper.code, salt)


def _check() -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('papers:check')}"


def _moment(paper: Paper) -> datetime:
    assert paper.issued_at is not None
    return paper.issued_at


def _bureau() -> Unit:
    return Unit.objects.get(is_bureau=True)
