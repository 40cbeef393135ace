"""What an attestation says of each year: entries, verdict with the rules behind it, verification, waiver, absences.

Frozen when it is issued, so that paper and file say the same whatever the ledger says later. What is unknown stays so.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.papers.models import Paper
from units.models import Leave, Person
from verification.batches.models import AnnualRecord, Path
from verification.ledger.models import LedgerEntry, people_entries
from verification.record.judging import Year, book_for, judged, years_of
from verification.record.models import Attestation, AttestedResult, TransferredEntry
from verification.record.portable import MOST_ORIGINS
from verification.requirements.assess import RuleSet
from verification.requirements.display import Verdict, freeze, on_paper

TRANSFERRED = TransferredEntry._meta.label_lower
WAIVED = "经审批同意通过验证"  # why may be an illness, and travels nowhere
NOT_FILED, NO_RECORD = "已报送，未办结", "未报送验证"


@dataclass(frozen=True)
class Told:
    """What an attestation says, as plain JSON, and what it rests on: the first year at which its verdicts looked, how
    many reversals there were from then on, the yearly results that it says are stamped (not saved); `to_mend`: by year
    what the clerk can still do before it is issued, which no paper says."""

    content: dict[str, Any]
    looks_from: int
    reversals: int
    results: list[AttestedResult]
    to_mend: Mapping[int, str]


def told(case: Attestation) -> Told:
    """How the person stands in each of the years, today. A bounded number of queries a year."""
    person = case.person
    records = _records(person, case)
    years = years_of(person, range(case.first_year, case.last_year + 1), records)
    looks_from = min(year.first_year for year in years)
    book, entries = book_for(records.values()), people_entries([person], looks_from, case.last_year).get(person.pk, [])
    holding = _holding(entries)
    to_mend: dict[int, str] = {}
    origins, absences, papers = _origins(holding), _absences(person), _papers(records.values())

    def of_year(year: Year) -> dict[str, Any]:
        record = year.record
        verification = _verification(record, papers.get(record.pk) if record else None)
        rules, verdict = judged(year, book, entries)
        said = _verdict(verdict)
        if verdict.remark != said["remark"] and not year.is_decided:
            to_mend[year.number] = verdict.remark
        return {
            "year": year.number,
            "rule": _rule(book.by_code.get(rules["rule_set"])),
            "basis": year.basis,
            "verdict": said,
            "verification": verification,
            "waiver": WAIVED if record and record.waived_by_id and verification["stamped"] else "",
            "absences": [span for first, last, span in absences if first.year <= year.number <= last.year],
            "entries": [_entry(entry, origins.get(entry.source_id)) for entry in holding if entry.year == year.number],
        }

    stamped = [record for record in records.values() if record.state == AnnualRecord.State.STAMPED]
    return Told(
        content={"person": _person(person), "years": [of_year(year) for year in years]},
        looks_from=looks_from,
        reversals=sum(entry.amount < 0 for entry in entries),
        results=[AttestedResult(record=row, decided_at=row.decided_at, paper=papers.get(row.pk)) for row in stamped],
        to_mend=to_mend,
    )


def says_the_same(content: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Does the ledger still hold what was said? Where the person works by now is no matter of it."""
    return said_years(content) == said_years(now)


def empty_years(cases: Sequence[Attestation], account: Actor) -> dict[int, str]:
    """2023、2024 年度没有入账的学时: what whoever has these cases before them is told, by case; nothing of one where
    each year has something, or where the account does not see the person's record now, as a former unit does not. Two
    queries."""
    people = Person.objects.visible_to(account).filter(pk__in={case.person_id for case in cases})
    seen = set(people.values_list("pk", flat=True))
    entries = LedgerEntry.objects.standing().filter(person__in=seen).order_by()
    known = set(entries.values_list("person_id", "year").distinct())
    return {case.pk: said for case in cases if case.person_id in seen and (said := _without_entries(case, known))}


def _without_entries(case: Attestation, known: Container[tuple[int, int]]) -> str:
    years = range(case.first_year, case.last_year + 1)
    missing = [str(year) for year in years if (case.person_id, year) not in known]
    return f"{'、'.join(missing)} 年度没有入账的学时" if missing else ""


def outcome_of(year: Mapping[str, Any]) -> str:
    """How a year ended, in the words of paper, public check and code: who was let pass has no other outcome."""
    return str(year["waiver"] or year["verdict"]["label"])


def said_years(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The years as paper and file say them; older content has verdicts as screens say them."""
    return [{**year, "verdict": on_paper(year["verdict"])} for year in content.get("years", ())]


def _person(person: Person) -> dict[str, Any]:
    job, title = person.job, person.title
    return {
        "name": person.name,
        "masked_id": person.masked_id,
        "sex": person.sex,
        "unit": job.unit.name if job else "",
        "title": title.name if title else "",
    }


def _records(person: Person, case: Attestation) -> dict[int, AnnualRecord]:
    """The yearly records; what a unit only prepares is its own business."""
    only_listed = Q(state=AnnualRecord.State.LISTED, first_submitted_at=None)
    rows = AnnualRecord.objects.filter(person=person, year__gte=case.first_year, year__lte=case.last_year)
    return {record.year: record for record in rows.exclude(only_listed)}


def _holding(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """Those that count: what was countered and not given back is left out, by day."""
    known = list(entries)
    countered = {entry.counter_of_id for entry in known if entry.is_counter and not entry.is_void}
    own = [entry for entry in known if not entry.is_counter and entry.pk not in countered]
    return sorted(own, key=lambda entry: (entry.date_from or date(entry.year, 1, 1), entry.pk))


def _origins(entries: Iterable[LedgerEntry]) -> dict[int, list[dict[str, str]]]:
    """Of entries that came from another district: through which ones, newest first, by the id of their source."""
    keys = [entry.source_id for entry in entries if entry.source_type == TRANSFERRED]
    if not keys:
        return {}
    rows = TransferredEntry.objects.filter(pk__in=keys).select_related("transfer__district")
    light = rows.defer("transfer__content", "transfer__district__keys")  # those are whole files, for each row
    return {row.pk: _bounded(row.came_through) for row in light}


def _bounded(districts: list[dict[str, str]]) -> list[dict[str, str]]:
    """As many as a file may name, with the one where it was first entered, which is the last."""
    return districts if len(districts) <= MOST_ORIGINS else [*districts[: MOST_ORIGINS - 1], districts[-1]]


def _entry(entry: LedgerEntry, origins: list[dict[str, str]] | None) -> dict[str, Any]:
    return {
        "title": entry.title,
        "organiser": entry.organiser,
        "from": entry.date_from.isoformat() if entry.date_from else None,
        "to": entry.date_to.isoformat() if entry.date_to else None,
        "form": entry.form,
        "measure": entry.measure,
        "subject": entry.subject,
        "amount": f"{entry.amount:f}",
        "intensive": entry.intensive,
        "course": entry.course,
        "origins": origins if entry.source_type == TRANSFERRED else [],
    }


def _rule(rule_set: RuleSet | None) -> dict[str, str] | None:
    """The version of the rules: the code of the rule set names it, and the document gives it."""
    if rule_set is None:
        return None
    return {"code": rule_set.code, "title": rule_set.title, "document": rule_set.document}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    """As paper says it, without what only screens need."""
    kept = on_paper(freeze(verdict))
    rows = [
        {name: row[name] for name in ("title", "notes", "required", "reached", "counted", "conclusion", "source")}
        for row in kept["rows"]
    ]
    return {"outcome": kept["outcome"], "label": kept["label"], "remark": kept["remark"], "rows": rows}


def _verification(record: AnnualRecord | None, paper: Paper | None) -> dict[str, Any]:
    """Whether the year was verified, by which paper; never more than is on record."""
    if record is None:
        return {"stamped": False, "label": NO_RECORD, "paper": "", "dated": None}
    stamped = record.state == AnnualRecord.State.STAMPED
    done = "已审核登记" if record.path == Path.TEACHER else "已验证盖章"
    open_ones = (*AnnualRecord.OPEN, AnnualRecord.State.LISTED, AnnualRecord.State.VERIFIED)
    label = done if stamped else NOT_FILED if record.state in open_ones else record.get_state_display()
    number, dated = (paper.number or "", paper.dated.isoformat()) if stamped and paper else ("", None)
    return {"stamped": stamped, "label": label, "paper": number, "dated": dated}


def _papers(records: Iterable[AnnualRecord]) -> dict[int, Paper]:
    """The page in force of each record."""
    keys = {"subject_type": AnnualRecord._meta.label_lower, "subject_id__in": [record.pk for record in records]}
    rows = Paper.objects.filter(**keys, state=Paper.State.ISSUED).order_by("pk")
    return {paper.subject_id: paper for paper in rows}


def _absences(person: Person) -> list[tuple[date, date, dict[str, str]]]:
    """notice 二(三)2: that somebody was away and from when to when; why may be medical and is not said."""
    rows = Leave.objects.approved().filter(person=person).order_by("starts_on").values_list("starts_on", "ends_on")
    return [(first, last, {"from": first.isoformat(), "to": last.isoformat()}) for first, last in rows]


def freeze_into(case: Attestation) -> None:
    """Keep what is said as of now with the attestation; the caller saves it."""
    now = told(case)
    case.content = now.content
    note_seen(case, now)


def note_seen(case: Attestation, now: Told) -> None:
    """Keep what was looked at for this, so that what changes afterwards shows, however little later; the caller saves
    the attestation. By counts and states, not by times: what is written at the same moment was not seen."""
    case.looks_from, case.reversals_seen, case.frozen_at = now.looks_from, now.reversals, clock.now()
    case.results.all().delete()
    for result in now.results:
        result.attestation = case
    AttestedResult.objects.bulk_create(now.results)
