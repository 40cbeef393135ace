"""By which facts and rules each year of an attestation is judged.

A year that was decided keeps the verdict of its decision; one that was filed is judged by what was frozen at filing;
any other by what is on record of the person now. The paper says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from units.models import Person, Unit
from verification.batches.models import AnnualRecord
from verification.ledger.models import LedgerEntry
from verification.requirements.assess import PersonFacts
from verification.requirements.display import Verdict, thaw, verdict_of
from verification.requirements.services import Rulebook, load_rulebook, years_needed
from verification.verdicts import person_facts

DECIDED = "按办理时的结论"
FILED, NOW = "按报送时登记的情况（{}）判定", "该年度没有报送，按出具时登记的情况（{}）判定"


@dataclass(frozen=True)
class Year:
    """A year, its yearly record if there is one, and the facts that decide where it was not decided yet."""

    number: int
    record: AnnualRecord | None
    facts: PersonFacts

    @property
    def is_decided(self) -> bool:
        """Did the counter pass or fail it?"""
        return self.record is not None and self.record.state in AnnualRecord.SETTLED

    @property
    def first_year(self) -> int:
        """The first year at which its verdict looks: the beginning of a tenure or cycle, or the year itself."""
        if self.is_decided and self.record and self.record.first_year:
            return self.record.first_year
        return years_needed(self.number, self.facts)[0]

    @property
    def basis(self) -> str:
        """What the verdict rests on, in words for the paper."""
        if self.is_decided:
            return DECIDED
        return (FILED if _kept(self.record) else NOW).format(_in_words(self.facts))


def years_of(person: Person, numbers: Iterable[int], records: Mapping[int, AnnualRecord]) -> list[Year]:
    """These years of a person; `records`: the yearly ones, by year. A query a year."""
    found = []
    for number in numbers:
        record = records.get(number)
        found.append(Year(number, record, _kept(record) or person_facts([person], number)[person.pk]))
    return found


def book_for(records: Iterable[AnnualRecord]) -> Rulebook:
    """The rules in force, and those under which these records were filed."""
    return load_rulebook(record.facts["rules"]["rule_set"] for record in records if "rules" in record.facts)


def judged(year: Year, book: Rulebook, entries: Sequence[LedgerEntry]) -> tuple[Mapping[str, Any], Verdict]:
    """By which rules the year is judged (Rulebook.told), and how; `entries`: the person's, of all years."""
    kept = year.record.facts.get("rules") if _kept(year.record) and year.record else None
    rules = kept or book.told(year.number, year.facts)
    if year.is_decided and year.record:
        return rules, thaw(year.record.verdict)
    window = [entry for entry in entries if year.first_year <= entry.year <= year.number]
    return rules, verdict_of(book.assess_as_told(rules, year.number, year.facts, window))


def _kept(record: AnnualRecord | None) -> PersonFacts | None:
    """What was frozen into a record that was filed; None where there is none."""
    if record is None or record.first_submitted_at is None or "category" not in record.facts:
        return None
    told = record.facts
    tenure, cycle = ((told[name][0], told[name][1]) if told[name] else None for name in ("tenure", "cycle"))
    return PersonFacts(told["category"], told["institution_level"], tenure, cycle, told["series"])


def _in_words(facts: PersonFacts) -> str:
    """一般人员; 卫生人员，医疗机构等级：二级"""
    category = f"{Person.Category(facts.category).label}人员"
    if facts.category != Person.Category.MEDICAL:
        return category
    level = Unit.MedicalLevel(facts.institution_level).label if facts.institution_level else "未登记"
    return f"{category}，医疗机构等级：{level}"
