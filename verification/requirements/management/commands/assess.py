"""manage.py assess CASES.json: verdicts of people described in a file. Reads the rule sets in force, writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from luojiang_ce.checked_json import BadCasesError, Fields, read_cases
from verification.choices import Form, Measure, Subject
from verification.requirements.assess import Assessment, Entry, PersonFacts, RuleSet, Span, assess, choose
from verification.requirements.models import Level, Setting
from verification.requirements.models import RuleSet as StoredRuleSet
from verification.requirements.services import rule_sets_in_force

BAD_INPUT = 2


@dataclass(frozen=True)
class Case:
    """One case of the file; `settings` stands in for what the bureau has entered."""

    name: str
    year: int
    person: PersonFacts
    entries: tuple[Entry, ...]
    settings: dict[str, Decimal]

    def assess(self, rule_sets: Iterable[RuleSet]) -> Assessment:
        rule_set = choose(rule_sets, self.year, self.person)
        return assess(self.year, self.person, self.entries, rule_set, self.settings)


class Command(BaseCommand):
    help = "按现行规则判定是否达标，并逐项说明应有、取得、计入"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cases", metavar="CASES.json")
        parser.add_argument("--format", choices=["json"], default="json")

    def handle(self, *, cases: str, **options: Any) -> None:
        try:
            read = read_cases(cases, read_case)
            rule_sets = rule_sets_in_force()
        except BadCasesError as error:
            raise CommandError(f"案例有误，没有判定：\n{error}", returncode=BAD_INPUT) from None
        except DatabaseError as error:
            raise CommandError(f"读不到规则，请先运行 manage.py migrate。（{error}）", returncode=BAD_INPUT) from None
        results = [as_json(case.name, case.assess(rule_sets)) for case in read]
        self.stdout.write(json.dumps(results, ensure_ascii=False, indent=2))


def read_case(fields: Fields) -> Case:
    """One case of the file."""
    entries = tuple(map(_entry, fields.objects("entries")))
    settings = {}
    if fields.has("settings"):
        given = fields.nested("settings")
        for key in given.value.keys() - set(Setting.values):
            given.note(key, f"不认识的设定，应为 {'、'.join(Setting.values)} 之一")
        settings = {key: given.amount(key) for key in Setting.values if given.has(key)}
    return Case(fields.text("name"), fields.year("year"), _person(fields.nested("person")), entries, settings)


def as_json(name: str, found: Assessment) -> dict[str, Any]:
    """The shape of a result: amounts as decimal strings, null for what is not set or still open."""
    requirements = [
        {
            "code": each.code,
            "required": None if each.required is None else f"{each.required:f}",
            "reached": f"{each.reached:f}",
            "counted": f"{each.counted:f}",
            "met": each.met,
        }
        for each in found.requirements
    ]
    return {"name": name, "verdict": found.outcome, "requirements": requirements}


def _person(fields: Fields) -> PersonFacts:
    category = fields.choice("category", *StoredRuleSet.Category.values)
    level = fields.choice("institution_level", *Level.values) if fields.has("institution_level") else None
    return PersonFacts(category, level, _span(fields, "tenure"), _span(fields, "cycle"))


def _span(fields: Fields, key: str) -> Span | None:
    return fields.span(key) if fields.has(key) else None


def _entry(fields: Fields) -> Entry:
    return Entry(
        year=fields.year("year"),
        measure=fields.choice("measure", *Measure.values),
        subject=fields.choice("subject", *Subject.values),
        form=fields.choice("form", *Form.values),
        amount=fields.decimal("amount"),
        intensive=fields.flag("intensive") if fields.has("intensive") else False,
        course=fields.text("course") if fields.value.get("course") else "",
        source=fields.text("source") if fields.value.get("source") else "",
    )
