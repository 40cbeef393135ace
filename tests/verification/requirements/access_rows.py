"""Everybody may read the rules in force; handlers write them, the approver decides and enters figures."""

from luojiang_ce import clock
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import BUREAU, EVERYONE, HANDLER, NOBODY, Row
from tests.verification.requirements.cases import figure_of, rules_of, tried
from verification.requirements.models import RuleSet, TrialLine


def a_figure(district: District) -> list[int]:
    return [figure_of(district).pk]


def a_proposed_figure(district: District) -> list[int]:
    return [figure_of(district, "proposed").pk]


def a_decided_figure(district: District) -> list[int]:
    return [figure_of(district, "decided").pk]


def in_force(district: District) -> list[int]:
    return [RuleSet.objects.get(code="general-2017").pk]


def drafted(district: District) -> list[int]:
    return [rules_of(district).pk]


def proposed(district: District) -> list[int]:
    return [rules_of(district, "proposed").pk]


def a_rule(district: District) -> list[int]:
    return [rules_of(district).rules.get().pk]


def a_trial(district: District) -> list[int]:
    made = rules_of(district, first_year=clock.today().year)
    tried(district, made)
    trial = made.trials.get()
    person = person_in(district.unit)
    TrialLine.objects.create(trial=trial, unit=district.unit, person=person, before="unmet", after="met")
    return [trial.pk]


ROWS = [
    Row("requirements:rules", EVERYONE),
    Row("requirements:begin", HANDLER),
    Row("requirements:begin", HANDLER, method="post", status=422),
    Row("requirements:ruleset", EVERYONE, in_force),
    Row("requirements:ruleset", BUREAU, drafted),
    Row("requirements:ruleset", BUREAU, proposed),
    Row("requirements:edit", HANDLER, drafted),
    Row("requirements:edit", NOBODY, in_force),
    Row("requirements:revise", HANDLER, in_force, method="post", status=302),
    Row("requirements:rule", HANDLER, drafted),
    Row("requirements:rule", HANDLER, drafted, method="post", status=422),
    Row("requirements:edit_rule", HANDLER, a_rule),
    Row("requirements:remove_rule", HANDLER, a_rule),
    Row("requirements:try_out", BUREAU, drafted, method="post", status=302),
    Row("requirements:trial", BUREAU, a_trial),
    Row("requirements:trial_export", BUREAU),
    Row("requirements:figure", HANDLER),
    Row("requirements:figure", HANDLER, method="post", status=422),
    Row("requirements:figurechange", BUREAU, a_figure),
    Row("requirements:figurechange", EVERYONE, a_decided_figure),
    Row("requirements:edit_figure", HANDLER, a_figure),
    Row("requirements:edit_figure", NOBODY, a_proposed_figure),
    Row("requirements:try_figure", BUREAU, a_figure, method="post", status=302),
]
