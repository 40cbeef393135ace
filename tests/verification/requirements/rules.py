"""The rule sets as they ship, without a database, and a short way to write cases."""

from decimal import Decimal

from luojiang_ce.reference import shipped_rows
from verification.requirements.assess import (
    Assessment,
    Counting,
    Entry,
    Period,
    PersonFacts,
    Rule,
    RuleSet,
    assess,
    choose,
)


def rule(facts: dict) -> Rule:
    typed = {
        **facts,
        "required": Decimal(facts["required"]) if "required" in facts else None,
        "period": Period(facts.get("period", "year")),
        "counting": Counting(facts.get("counting", "amount")),
        "subjects": frozenset(facts.get("subjects", ())),
        "levels": frozenset(facts.get("levels", ())),
        "caps": {form: Decimal(amount) for form, amount in facts.get("caps", {}).items()},
    }
    return Rule(**typed)


def rule_set(row: dict) -> RuleSet:
    facts = {key: value for key, value in row.items() if key not in ("state", "note")}
    return RuleSet(**{**facts, "levels": frozenset(row["levels"]), "rules": tuple(map(rule, row["rules"]))})


ACTIVE = tuple(rule_set(row) for row in shipped_rows("rule_sets") if row["state"] == "in_force")
SPARE = tuple(rule_set(row) for row in shipped_rows("rule_sets") if row["state"] == "off")


def hours(year: int, subject: str, amount: str, form: str = "class", **more) -> Entry:
    return Entry(year, "hours", subject, form, Decimal(amount), **more)


def credits(year: int, subject: str, amount: str, form: str = "class", **more) -> Entry:
    return Entry(year, "credits", subject, form, Decimal(amount), **more)


def verdict(person: PersonFacts, year: int, *entries: Entry, **settings: str) -> Assessment:
    figures = {key: Decimal(value) for key, value in settings.items()}
    return assess(year, person, entries, choose(ACTIVE, year, person), figures)


def lines(found: Assessment) -> dict[str, tuple]:
    """code → (required, reached, counted, met) as the public results write them."""
    return {
        each.code: (each.required and f"{each.required:f}", f"{each.reached:f}", f"{each.counted:f}", each.met)
        for each in found.requirements
    }
