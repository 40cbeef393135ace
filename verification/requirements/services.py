"""The rules in force, and verdicts by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain, count, groupby
from operator import attrgetter
from typing import Any

from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.clauses import SetFigure
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import ask_for
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.changes import EMPTY, Change, in_words, record_edit, values_of
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import Case
from units.drafted_case import keep_draft, locked_draft
from verification.requirements.assess import Assessment, Countable, PersonFacts, RuleSet, assess, choose
from verification.requirements.display import counted_in
from verification.requirements.models import FigureChange, RequirementSetting, RuleSetQuerySet, Setting, plain
from verification.requirements.models import Rule as StoredRule
from verification.requirements.models import RuleSet as StoredRuleSet
from verification.requirements.succession import with_it, without_it

CLOSED_SET, CLOSED_FIGURE = "这套规则的状态是“{}”，不能再修改", "现在的状态是“{}”，不能再修改"
FACTS = ("title", "document", "category", "levels", "series", "first_year", "last_year", "note")


@dataclass(frozen=True)
class Rulebook:
    """All rules in force and all figures entered: load once per request, then ask for each person. `by_code`: with
    those that years were filed under."""

    rule_sets: tuple[RuleSet, ...]
    figures: Mapping[tuple[int, str], Decimal] = field(default_factory=dict)
    by_code: Mapping[str, RuleSet] = field(default_factory=dict)

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

    def told(self, year: int, person: PersonFacts) -> dict[str, Any]:
        """The rules by which the person's year is judged now, as plain values to be kept with it (V3)."""
        rule_set = self.rule_set(year, person)
        figures = {key: f"{amount:f}" for key, amount in self.settings(year, person).items()}
        return {"rule_set": rule_set.code if rule_set else "", "figures": figures}

    def assess_as_told(
        self, told: Mapping[str, Any], year: int, person: PersonFacts, entries: Iterable[Countable]
    ) -> Assessment:
        """The verdict by the rules that were kept with the year (`told`), whatever is in force now."""
        figures = {key: Decimal(amount) for key, amount in told["figures"].items()}
        return assess(year, person, entries, self.by_code.get(told["rule_set"]), figures)


def rule_sets_in_force() -> tuple[RuleSet, ...]:
    """The rule sets by which verdicts are given now. One query."""
    return _values(StoredRuleSet.objects.in_force())


def _values(rule_sets: RuleSetQuerySet) -> tuple[RuleSet, ...]:
    rules = StoredRule.objects.filter(rule_set__in=rule_sets).select_related("rule_set")
    return tuple(rule_set.as_value(own) for rule_set, own in groupby(rules, key=attrgetter("rule_set")))


def load_rulebook(also: Iterable[str] = ()) -> Rulebook:
    """The rules and figures in force, and the rule sets of these codes if they are in force no more. Two queries,
    however many people are assessed with them; three where one is not."""
    figures = {(row.year, row.key): plain(row.amount) for row in RequirementSetting.objects.all()}
    standing = rule_sets_in_force()
    by_code = {each.code: each for each in standing}
    if former := set(also) - by_code.keys() - {""}:
        by_code |= {each.code: each for each in _values(StoredRuleSet.objects.filter(code__in=former))}
    return Rulebook(standing, figures, by_code)


def set_figure(*, year: int, key: str, amount: Decimal, document: str, actor: Actor) -> RequirementSetting:
    """Enter or replace the figure of a year (hours) with the document that gives it; on record."""
    facts = {"amount": amount, "document": document, "entered_by_id": actor.pk, "entered_at": clock.now()}
    with transaction.atomic():
        former = RequirementSetting.objects.select_for_update().filter(year=year, key=key).first()
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


def keep_figure_change(
    *, change: FigureChange, actor: Actor, version: int | None = None, quiet: bool = False
) -> FigureChange:
    """Save what was typed (`change`, changed and not saved): a new one, or a draft. Raises NotPossible, Conflict."""
    return keep_draft(draft=change, actor=actor, closed=CLOSED_FIGURE, version=version, quiet=quiet)


def draft(*, actor: Actor, **facts: Any) -> StoredRuleSet:
    """A new rule set, for a handler to write; `facts`: its editable fields."""
    with transaction.atomic():
        made = StoredRuleSet(code=_code(facts["category"], facts["first_year"]), created_by_id=actor.pk, **facts)
        made.save()
        record(made, "created", actor=actor, note=in_words(made, {}))
    return made


def revise(*, rule_set: StoredRuleSet, actor: Actor) -> StoredRuleSet:
    """A draft that says what this one says, to be changed and to take its place; a second click finds the first one's.

    The set itself stays as it is: verdicts were given by it.
    """
    with transaction.atomic():
        former = StoredRuleSet.objects.select_for_update().get(pk=rule_set.pk)
        open_states = (StoredRuleSet.State.DRAFT, StoredRuleSet.State.PROPOSED)
        if former.state in open_states:
            raise NotPossible("这套规则还没有执行，直接修改即可")
        if begun := former.revisions.filter(state__in=open_states).first():
            return begun
        made = draft(actor=actor, **{name: getattr(former, name) for name in FACTS})
        made.replaces = former
        made.save(update_fields=["replaces"])
        own = list(former.rules.all())
        for rule in own:
            rule.pk, rule.rule_set, rule.version = None, made, 0
            rule.edited_by, rule.edited_at = None, None
            rule._state.adding = True
        StoredRule.objects.bulk_create(own)
    return made


def keep_set(
    *, rule_set: StoredRuleSet, actor: Actor, version: int | None = None, quiet: bool = False
) -> StoredRuleSet:
    """Save what was typed into a draft (`rule_set`, changed and not saved), on record. Raises NotPossible, Conflict.

    `quiet`: saved while it was typed."""
    return keep_draft(draft=rule_set, actor=actor, closed=CLOSED_SET, version=version, quiet=quiet)


def keep_rule(*, rule: StoredRule, actor: Actor, version: int | None = None) -> StoredRule:
    """Save a requirement of a draft, new or changed, on the record of its set, whose former trials it outdates. Raises
    NotPossible, Conflict."""
    with transaction.atomic():
        locked = locked_draft(draft=rule.rule_set, actor=actor, closed=CLOSED_SET)
        former = StoredRule.objects.filter(pk=rule.pk).first()
        if not former:
            rule.code = _free(rule.code or "rule", set(locked.rules.values_list("code", flat=True)))
            rule.position = 1 + max(locked.rules.values_list("position", flat=True), default=0)
        rule.save_over(version, actor)
        about = f"{'' if former else '添加'}要求“{former or rule}”"
        if record_edit(locked, actor=actor, about=about, more=_changed(former, rule)):
            _count(locked, actor)
    return rule


def _changed(former: StoredRule | None, rule: StoredRule) -> list[Change]:
    """What a requirement asks now and did not before, in the words of its reader and not of its form; of a new one all
    but the name, which stands before it."""
    now = rule.in_words
    if former is None:
        return [(label, "", said) for label, said in now.items() if said != rule.title]
    before = former.in_words
    labels = [label for label in {**now, **before} if before.get(label) != now.get(label)]
    return [(label, before.get(label, EMPTY), now.get(label, EMPTY)) for label in labels]


def remove_rule(*, rule: StoredRule, actor: Actor) -> None:
    """Take a requirement out of a draft, on the record of its set. Raises NotPossible."""
    with transaction.atomic():
        locked = locked_draft(draft=rule.rule_set, actor=actor, closed=CLOSED_SET)
        if locked.rules.filter(pk=rule.pk).exists():
            record(locked, "edited", actor=actor, note=f"去掉要求“{rule}”")
            rule.delete()
            _count(locked, actor)


TRIAL = "rules_trial"  # the kind of job; whose verdicts there are, verification.batches.trial knows


def try_out(*, case: Case, year: int, actor: Actor) -> Job:
    """Find out, in the background, whose verdict of a year would be another one by this."""
    return ask_for(TRIAL, title=f"试算：{case}（{year} 年度）", owner=actor, args={"year": year}, case=case)


def before_and_after(case: StoredRuleSet | FigureChange) -> tuple[Rulebook, Rulebook]:
    """The rules as they are, and as they would be once this is in force; of a set in force, without it."""
    book = load_rulebook()
    if isinstance(case, FigureChange):
        figures = {at: amount for at, amount in book.figures.items() if at != (case.year, case.key)}
        if case.amount is not None:
            figures[case.year, case.key] = plain(case.amount)
        return book, replace(book, figures=figures)
    if case.is_in_force:
        return book, replace(book, rule_sets=without_it(book.rule_sets, case.code))
    revises = case.replaces.code if case.replaces else ""
    return book, replace(book, rule_sets=with_it(book.rule_sets, case.as_value(), revises))


def _count(locked: StoredRuleSet, actor: Actor) -> None:
    locked.count_edit(actor)
    locked.save(update_fields=StoredRuleSet.COUNTED)


def _code(category: str, first_year: int) -> str:
    return _free(f"{category}-{first_year}", set(StoredRuleSet.objects.values_list("code", flat=True)))


def _free(code: str, taken: set[str]) -> str:
    """The code, or where it is taken the first of code-2, code-3 … that is not."""
    return next(each for each in chain([code], (f"{code}-{n}" for n in count(2))) if each not in taken)


def years_needed(year: int, person: PersonFacts) -> tuple[int, int]:
    """The first and last year whose entries a verdict of `year` looks at: none that is later."""
    spans = [span for span in (person.tenure, person.cycle) if span and span[0] <= year <= span[1]]
    return min([year, *(first for first, _ in spans)]), year


def figures_of_the_notice() -> Iterable[SetFigure]:
    """What the rules in force ask under each clause of the notice, and the figures that are left to the year. Two
    queries."""
    year, book = clock.today().year, load_rulebook()
    for rule_set in book.rule_sets:
        for rule in rule_set.rules:
            clause = rule.source.partition("，")[0].removeprefix("通知 ")
            amount = book.figures.get((year, rule.setting)) if rule.setting else rule.required
            value = "" if amount is None else f"{amount:f} {counted_in(rule.counting, rule.measure)}"
            yield SetFigure(clause, f"{rule_set.title}：{rule.title}", value)
