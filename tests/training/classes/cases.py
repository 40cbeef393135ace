"""How the walk through all workflows builds applications for classes."""

from __future__ import annotations

from tests.conftest import District
from tests.luojiang_ce.workflow.walk import Kind, returned_before
from tests.training.classes.factories import an_application
from training.classes.models import ClassApplication


def application_in(district: District, state: str) -> ClassApplication:
    return an_application(district.unit, state, actor=district.owner)


KINDS = [Kind(ClassApplication, application_in, ready={"allow_return": returned_before})]
