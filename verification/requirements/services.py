"""The rules in force, and verdicts by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.versions import Standing
from luojiang_ce.workflow.changes import in_words, values_of
from luojiang_ce.workflow.events import record
from verification.requirements.assess import Assessment, Countable, PersonFacts, RuleSet, assess, choose
from verification.requirements.models import RequirementSetting, Setting, plain
from verification.requirements.models import Rule as StoredRule
from verification.requirements.models import RuleSet as StoredRuleSet

UNSET = Standing(())


@dataclass(frozen=True)
class Rulebook:
    """All rules in force and all figures entered: load once per request, then ask for each person."""

    rule_sets: tuple[RuleSet, ...]
    figures: Mapping[tuple[int, str], Decimal] = field(default_factory=dict)

    def rule_set(self, year: int, person: PersonFacts) -> RuleSet | None:
        """The rule set that decides about this person in this year; None where there is none."""
        return choose(self.rule_sets, year, person)

    def settings(self, year: int, person: PersonFacts) -> dict[str, Decimal]:
        """The figures in force for this person: those of the year, and the total of the cycle by its last year."""
        asked = {Setting.PUBLIC_MINIMUM.value: year, Setting.TEACHER_CYCLE_TOTAL.value: (person.cycle or (0, year))[1]}
        return {key: self.figures[of, key] for key, of in asked.items() if (of, key) in self.figures}

    def assess(self, year: int, person: PersonFacts, entries: Iterable[Countable]) -> Assessment:
        """The verdict of a person's year (V2). `entries`: those of the year and of the running tenure or cycle."""
        return assess(year, person, entries, self.rule_set(year, person), self.settings(year, person))


def rule_sets_in_force() -> tuple[RuleSet, ...]:
    """The active rule sets. One query."""
    rules = StoredRule.objects.filter(rule_set__active=True).select_related("rule_set")
    return tuple(rule_set.as_value(own) for rule_set, own in groupby(rules, key=attrgetter("rule_set")))


def load_rulebook() -> Rulebook:
    """The rules and figures in force. Two queries, however many people are assessed with them."""
    figures = {(row.year, row.key): plain(row.amount) for row in RequirementSetting.objects.all()}
    return Rulebook(rule_sets_in_force(), figures)


def figure_of(year: int, key: str) -> Standing:
    """The figure of a year as it stands, and who entered it; without values where it is 未设定."""
    row = RequirementSetting.objects.filter(year=year, key=key).select_related("entered_by").first()
    return Standing((plain(row.amount), row.document), row.entered_by, row.entered_at) if row else UNSET


def set_figure(
    *, year: int, key: str, amount: Decimal, document: str, actor: Actor, version: int | None = None
) -> RequirementSetting:
    """Enter or replace the figure of a year (hours) with the document that gives it; on record. Raises Conflict where
    another figure stands there than at `version`."""
    facts = {"amount": amount, "document": document, "entered_by_id": actor.pk, "entered_at": clock.now()}
    with transaction.atomic():
        former = RequirementSetting.objects.select_for_update().filter(year=year, key=key).first()
        figure_of(year, key).must_be(version)
        before = values_of(former) if former else {}
        row, _ = RequirementSetting.objects.update_or_create(year=year, key=key, defaults=facts)
        data = {"year": year, "key": key, "amount": amount, "document": document}
        record(row, "figure_set", actor=actor, note=in_words(row, before), data=data)
    return row


def unset_figure(*, figure: RequirementSetting, actor: Actor) -> None:
    """Make a figure 未设定 again; on record."""
    with transaction.atomic():
        note = f"{figure.year} 年度 {plain(figure.amount)} → 未设定"
        record(figure, "figure_unset", actor=actor, note=note, data={"year": figure.year, "key": figure.key})
        figure.delete()


def switch(*, rule_set: StoredRuleSet, active: bool, reason: str, actor: Actor) -> None:
    """Switch a rule set on or off, with the reason on record. Frozen records keep the rules they were filed under."""
    with transaction.atomic():
        changed = StoredRuleSet.objects.filter(pk=rule_set.pk, active=not active).update(active=active)
        if changed:
            record(rule_set, "switched_on" if active else "switched_off", actor=actor, note=reason)


def years_needed(year: int, person: PersonFacts) -> tuple[int, int]:
    """The first and last year whose entries a verdict of `year` looks at: none that is later."""
    spans = [span for span in (person.tenure, person.cycle) if span and span[0] <= year <= span[1]]
    return min([year, *(first for first, _ in spans)]), year
