"""A second installation, in a process of its own: another database, other keys, another address. It issues an
attestation to somebody and hands out what that one carries: `python -m … ID_NUMBER NAME FOLDER`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from tests.migrated import migrated_copy

URL = "https://ce.qingxi.example"


@dataclass(frozen=True)
class Carried:
    """What the person brings along: the file, the paper's code and number; and the district's public keys."""

    file: Path
    code: str
    number: str
    keys: dict[str, Any]


def issued_there(id_number: str, name: str, folder: Path) -> Carried:
    """The person has worked there, and asked for the record when leaving."""
    with migrated_copy(folder / "second.sqlite3"):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'second.sqlite3'}",
            "VAR_DIR": str(folder / "second"),
            "PUBLIC_URL": URL,
            "SIGNING_NAME": "QX",
        }
        command = [sys.executable, "-m", __name__, id_number, name, str(folder)]
        subprocess.run(command, env=environment, check=True)
    told = json.loads((folder / "told.json").read_text())
    return Carried(folder / "record.json", told["code"], told["number"], told["keys"])


def main(id_number: str, name: str, folder: Path) -> None:
    django.setup()
    from decimal import Decimal

    from luojiang_ce.access import Role
    from luojiang_ce.jobs.services import sweep
    from luojiang_ce.papers.models import Paper
    from luojiang_ce.workflow.engine import fire
    from tests.blank_papers import blank_papers
    from tests.factories import UnitFactory, account_with, person_in
    from tests.verification.batches.samples import a_seal
    from tests.verification.ledger.entries import a_source, hours, posted
    from verification.record.export import key_set, portable_file
    from verification.record.models import Attestation
    from verification.record.services import ask_for

    bureau = UnitFactory(name="青溪市临江区人力资源和社会保障局", is_bureau=True)
    unit = UnitFactory(name="青溪市水土保持站")
    clerk, approver = account_with(Role.UNIT_CLERK, unit), account_with(Role.BUREAU_APPROVER, bureau)
    a_seal(bureau)
    person = person_in(unit, name, number=id_number)
    posted(a_source(), approver, hours(person, "24.0", 2025, title="水土保持监测技术培训班"))
    posted(a_source(), approver, hours(person, "6.5", 2025, "public", title="公需科目网络课程", form="remote"))
    facts = Attestation(first_year=2024, last_year=2025, purpose="调往洛江区")
    (case,) = ask_for(people=[person], facts=facts, actor=clerk)
    fire(case, "submit", actor=clerk)
    fire(case, "issue", actor=approver)
    with blank_papers():
        sweep()
    case.refresh_from_db()
    paper = Paper.objects.get()
    assert sum(Decimal(entry["amount"]) for year in case.content["years"] for entry in year["entries"]) == Decimal(
        "30.5"
    )
    (folder / "record.json").write_bytes(portable_file(case))
    told = {"code": paper.code, "number": paper.number, "keys": key_set()}
    (folder / "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
