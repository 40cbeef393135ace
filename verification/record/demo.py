"""Attestations, trusted districts and records taken over of the demo district, in every state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from luojiang_ce import clock
from luojiang_ce.papers.codes import new_code
from luojiang_ce.proof import signing
from luojiang_ce.workflow.engine import fire
from units.demo import account, clerk_of, moment, workdays_from_today
from units.models import Person, Unit
from verification.record import portable, services, transfers
from verification.record.meetings import compared, fingerprint
from verification.record.models import Attestation, Transfer, TrustedDistrict

UNIT = "QLNJ"
ISSUER, NAME, KID = "ce.qingxi.example", "青溪市临江区人力资源和社会保障局（虚构）", "QX-R-2026-01"
# What became of each: the steps after it was asked for, and what was said.
ASKED: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("submit", ""),),
    (("submit", ""), ("issue", "")),
    (("submit", ""), ("return", "")),
    (("submit", ""), ("refuse", "评审文件不要求这些年度")),
    (("cancel", ""),),
    (("submit", ""), ("issue", ""), ("revoke", "申请的年度有误，另行申请")),
)
TAKEN: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("submit", ""),),
    (("submit", ""), ("accept", "")),
    (("submit", ""), ("return", "")),
    (("submit", ""), ("refuse", "与本区已认可的学时是同一次学习")),
    (("withdraw", ""),),
    (("submit", ""), ("accept", ""), ("revoke", "转出地区来函更正")),
)
ACTORS = {"issue": "approver", "refuse": "approver", "revoke": "approver", "return": "handler", "accept": "handler"}
RETURNED: dict[type[Any], tuple[dict[str, str], ...]] = {
    Attestation: ({"where": "用途", "wrong": "没有写明申报哪一级职称", "mend": "写明"},),
    Transfer: ({"where": "电子记录", "wrong": "纸质证明没有带来核对", "mend": "请带证明原件到区人社局核对"},),
}


def build() -> str:
    """Attestations; nothing where there are some already."""
    if Attestation.objects.exists():
        return "演示证明申请已有，未改动"
    year = clock.today().year
    facts = {"first_year": year - 3, "last_year": year - 2, "purpose": "申报中级职称"}
    for person, steps in zip(_people(), ASKED, strict=False):
        with clock.at(moment(workdays_from_today(-3))):
            asked = services.ask_for(people=[person], facts=Attestation(**facts), actor=clerk_of(_unit()))
        _take(asked[0], steps, {"refuse": "approver"})
    return f"{Attestation.objects.count()} 件证明申请"


def build_districts() -> str:
    """A trusted district in every state; nothing where there are some already."""
    if TrustedDistrict.objects.exists():
        return "演示互认地区已有，未改动"
    for name, steps in (
        ("青溪市临江区（虚构）", ("propose", "put_in_force")),
        ("青溪市北山县（虚构）", ()),
        ("青溪市南屏县（虚构）", ("propose",)),
        ("青溪市东湖区（虚构）", ("propose", "put_in_force", "end")),
    ):
        _district(name, steps)
    return f"{TrustedDistrict.objects.count()} 个互认地区"


def build_transfers() -> str:
    """Records that were taken over; nothing where there are some already."""
    if Transfer.objects.exists():
        return "演示外区记录已有，未改动"
    private, public = signing.new_key(signing.ES256)
    known = TrustedDistrict.objects.in_force().get(issuer=ISSUER)
    TrustedDistrict.objects.filter(pk=known.pk).update(keys=_key_set(ISSUER, NAME, public))
    for number, (person, steps) in enumerate(zip(_people(), TAKEN, strict=False), 1):
        code = new_code()
        file = portable.sealed(_record(person, code, number), kid=KID, sign=lambda part: signing.sign(private, part))
        with clock.at(moment(workdays_from_today(-2))):
            taken = transfers.take_over(content=file, code=code, person=person, unit=_unit(), actor=clerk_of(_unit()))
        _take(taken, steps, {"refuse": "handler"})
    return f"{Transfer.objects.count()} 件外区记录"


def _unit() -> Unit:
    return Unit.objects.get(code=UNIT)


def _people() -> list[Person]:
    return list(Person.objects.employed_in(_unit()).order_by("pk")[: len(ASKED)])


def _take(case: Any, steps: tuple[tuple[str, str], ...], actors: dict[str, str]) -> None:
    """The unit acts on the day, the bureau on the day after."""
    clerk = clerk_of(_unit())
    for nth, (step, note) in enumerate(steps):
        who = {**ACTORS, **actors}.get(step)
        with clock.at(moment(workdays_from_today(-2 if nth == 0 else -1), 11 + nth)):
            data = {"items": RETURNED[type(case)]} if step == "return" else _decided(case) if step == "accept" else {}
            fire(case, step, actor=account(who) if who else clerk, note=note, data=data)


def _decided(case: Transfer) -> dict[str, Any]:
    """All of it counts, on the day."""
    meetings = compared([case])[case.pk].meetings
    counted = frozenset(each.entry.pk for each in meetings)
    return transfers.Decision(counted, fingerprint(meetings), clock.today()).as_data()


def _district(name: str, steps: tuple[str, ...]) -> None:
    public = signing.new_key(signing.ES256)[1]
    first = not TrustedDistrict.objects.exists()
    issuer = ISSUER if first else f"ce{TrustedDistrict.objects.count()}.qingxi.example"
    draft = TrustedDistrict(
        name=name,
        issuer=issuer,
        keys=_key_set(issuer, NAME if first else name, public),
        document="演示互认函〔2026〕3号（虚构）",
        valid_from=clock.today() - timedelta(days=365),
    )
    with clock.at(moment(workdays_from_today(-6))):
        services.keep_district(district=draft, actor=account("handler"))
    for nth, step in enumerate(steps):
        with clock.at(moment(workdays_from_today(-5 + nth))):
            note = "对方更换系统" if step == "end" else ""
            fire(draft, step, actor=account("handler" if step == "propose" else "approver"), note=note)


def _key_set(issuer: str, name: str, public: bytes) -> dict[str, Any]:
    since = clock.today() - timedelta(days=365)
    return {"issuer": issuer, "name": name, "keys": [{"kid": KID, **signing.as_jwk(public), "from": f"{since}"}]}


def _record(person: Person, code: str, number: int) -> dict[str, Any]:
    """A record of a year that nobody verifies any more: one class."""
    year, dated = clock.today().year - 3, workdays_from_today(-4)
    entry = {
        **{"title": "水土保持监测技术培训班（虚构）", "organiser": "青溪市水利学会（虚构）", "form": "class"},
        **{"from": f"{date(year, 4, 14)}", "to": f"{date(year, 4, 16)}", "amount": "24.0", "intensive": False},
        **{"measure": "hours", "subject": "professional", "course": "", "origins": []},
    }
    if person.category == Person.Category.MEDICAL:
        entry |= {"measure": "credits", "subject": "class_2"}
    verdict = {"outcome": "unmet", "label": "未达标", "remark": "", "rows": []}
    verification = {"stamped": False, "label": "未报送验证", "paper": "", "dated": None}
    told: dict[str, Any] = {
        "year": year,
        "rule": None,
        "verdict": verdict,
        "verification": verification,
        "basis": "按报送时登记的情况（一般人员）判定",
        "waiver": "",
        "absences": [],
    }
    return {
        "schema": portable.SCHEMA,
        "issuer": {"id": ISSUER, "name": NAME},
        "paper": {
            **{"number": f"青临人社证〔{dated.year}〕{number:05d}号", "title": "继续教育情况证明"},
            **{"dated": f"{dated}", "check": f"https://{ISSUER}/check/"},
        },
        "exported": f"{dated}",
        "person": {
            "name": person.name,
            "binding": portable.bound_to(person.id_number, code, portable.b64(f"demo-{number:011d}".encode())),
        },
        "years": [{**told, "entries": [entry]}],
    }
