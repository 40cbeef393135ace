"""Everybody may read the rules; the approver enters figures and switches rule sets."""

from decimal import Decimal

from tests.conftest import District
from tests.luojiang_ce.access.matrix import EVERYONE, Row
from verification.requirements.models import RequirementSetting, RuleSet

APPROVER = frozenset({"approver"})


def a_figure(district: District) -> list[int]:
    facts = {"amount": Decimal("30"), "document": "测试"}
    return [RequirementSetting.objects.get_or_create(year=2025, key="public_minimum", defaults=facts)[0].pk]


def a_rule_set(district: District) -> list[int]:
    return [RuleSet.objects.get(code="medical-2024-20").pk]


ROWS = [
    Row("requirements:rules", EVERYONE),
    Row("requirements:figure", APPROVER),
    Row("requirements:figure", APPROVER, method="post", status=422),
    Row("requirements:unset", APPROVER, a_figure, method="post", status=302),
    Row("requirements:switch", APPROVER, a_rule_set),
    Row("requirements:switch", APPROVER, a_rule_set, method="post", status=422),
]
