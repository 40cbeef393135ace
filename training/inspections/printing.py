"""The record of a visit on paper (现场检查记录): what was seen, found and said, with the signatures as drawn."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from luojiang_ce import clock
from luojiang_ce.files.models import Attachment
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.workdays.text import full_with_weekday, month_day
from training.classes.papers import NOTICE_DOCUMENT

from .case import PROVIDER
from .models import Finding, Inspection, OnSiteSheet
from .on_site import photographs, signers
from .pictures import as_printed
from .sheet_form import QUESTIONS

FILED_BESIDE = {"lecturer": "lecturer", "course": "course", "materials": "textbooks", "fees": "fee"}


def record_of(case: Inspection, args: Args) -> list[Printable]:
    """The record. What had been filed is printed as it was on the day of the visit."""
    sheet = case.sheet
    context = {
        "case": case,
        "sheet": sheet,
        "when": f"{full_with_weekday(clock.local(sheet.visited_at).date())} {clock.local(sheet.visited_at):%H:%M}",
        "half_day": sheet.get_half_day_display(),
        "inspectors": "、".join(sheet.filed.get("inspectors", ())),
        "questions": list(_questions(sheet)),
        "findings": [(each, _reach(each)) for each in case.findings.all()],
        "signatures": [
            (each.name or sheet.signer or each.part, each.part, _picture(each.file))
            for each in signers(case)
            if each.file and not (each.code == PROVIDER and sheet.refused)
        ],
        "photographs": len(photographs(case)),
        "document": NOTICE_DOCUMENT,
    }
    return [Printable("training_inspections/print/record.html", context, "page", f"现场检查记录 {case.number}")]


def _questions(sheet: OnSiteSheet) -> Iterator[tuple[str, str, str]]:
    for name in QUESTIONS:
        label = str(sheet._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        answer: Any = getattr(sheet, f"get_{name}_display")()
        yield label, sheet.filed.get(FILED_BESIDE.get(name, ""), ""), answer


def _reach(finding: Finding) -> str:
    return f"{month_day(finding.date)}{finding.get_half_day_display()}" if finding.date else "整个培训班"


def _picture(file: Attachment) -> str:
    """A signature as an address that holds the picture itself."""
    with file.file.open() as content:
        return f"data:{file.content_type};base64,{b64encode(as_printed(content.read())).decode()}"


RECORD_PRINTED = Printout("inspections.record", "现场检查记录", Inspection, record_of)
