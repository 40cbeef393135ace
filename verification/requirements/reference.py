"""The rule sets that ship with the product, put into the tables after every migration where they are missing."""

from __future__ import annotations

from typing import Any

from luojiang_ce.reference import shipped_rows


def load_rule_sets(apps: Any) -> None:
    """`apps`: the state of the models that was migrated to. A rule set that is there is left alone."""
    try:
        model = apps.get_model("verification_requirements", "RuleSet")
        rule = apps.get_model("verification_requirements", "Rule")
    except LookupError:
        return
    if "state" not in {each.name for each in model._meta.get_fields()}:
        return  # migrated to before rule sets had states: these rows are not for that table
    known = set(model.objects.values_list("code", flat=True))
    for row in shipped_rows("rule_sets"):
        if row["code"] not in known:
            rule_set = model.objects.create(**{key: value for key, value in row.items() if key != "rules"})
            rules = enumerate(row["rules"], 1)
            rule.objects.bulk_create(rule(rule_set=rule_set, position=n, **facts) for n, facts in rules)
