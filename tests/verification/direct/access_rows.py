"""Who gets into the bureau's own trainings: the bureau; units read their own people's lines in the list."""

from __future__ import annotations

from typing import Any

from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.access.matrix import BUREAU, CLERKS, DISTRICT_WIDE, HANDLER, NOBODY, REVIEWERS, Row
from tests.verification.direct.cases import training_of
from tests.verification.direct.lists import staged

LISTS = CLERKS | DISTRICT_WIDE | REVIEWERS
APPROVER = BUREAU - HANDLER


def a_draft(district: District) -> list[Any]:
    return [training_of(district).pk]


def a_stamped_one(district: District) -> list[Any]:
    return [training_of(district, "stamped").pk]


def a_withdrawn_one(district: District) -> list[Any]:
    return [training_of(district, "withdrawn").pk]


def one_of_two(district: District) -> list[Any]:
    training = training_of(district, "stamped", people=(person_in(district.unit), person_in(district.unit)))
    return [training.pk, training.passed.earliest("pk").pk]


ROWS = [
    Row("direct:list", LISTS),
    Row("direct:export", LISTS),
    Row("direct:new", HANDLER),
    Row("direct:new", HANDLER, method="post", status=422),
    Row("direct:template", HANDLER),
    Row("direct:directtraining", DISTRICT_WIDE, a_draft),
    Row("direct:directtraining", DISTRICT_WIDE, a_stamped_one),
    Row("direct:edit", HANDLER, a_draft),
    Row("direct:edit", NOBODY, a_stamped_one),
    Row("direct:edit", HANDLER, a_draft, method="post", status=422),
    Row("direct:people", DISTRICT_WIDE, a_draft),
    Row("direct:people", DISTRICT_WIDE, a_stamped_one),
    Row("direct:remove", HANDLER, a_draft, method="post", status=302),
    Row("direct:withdraw_one", APPROVER, one_of_two),
    Row("direct:withdraw_one", APPROVER, one_of_two, method="post", status=422),
    Row("direct:again", HANDLER, a_withdrawn_one, method="post", status=302),
    Row("direct:import", HANDLER, a_draft),
    Row("direct:import", HANDLER, a_draft, method="post", status=422),
    Row("direct:preview", HANDLER, staged),
    Row("direct:returned", HANDLER, staged),
]
