"""The words in which tests declare who gets into a URL; tried by test_matrix.py.

Each app lists its addresses in `tests/<app folder>/access_rows.py`, found by itself:

    from tests.luojiang_ce.access.matrix import BUREAU, OWN_UNIT, Row

    def a_plan(district):
        return [PlanFactory(unit=district.unit).pk]      # what reverse() needs; or a dict of keywords

    ROWS = [
        Row("training_plans:list", OWN_UNIT | BUREAU),
        Row("training_plans:plan", OWN_UNIT | BUREAU, a_plan),
        Row("training_plans:new", OWN_UNIT, method="post", data={"title": "…"}, status=302),
    ]

`who` names those who get `status` (200 by default): fields of tests.conftest.District. Everybody else signed in must
get 404 by GET and by POST and must leave no event; who is not signed in is sent to the sign-in page. The sample
belongs to `district.unit`, whose clerks are `owner` and `colleague`; `neighbour` is the clerk of another unit.
A URL may have several rows (GET and POST, own and foreign sample); a URL without any row fails the test.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

import tests
from luojiang_ce.access import Role
from luojiang_ce.workflow.case_kind import kind_of
from tests.conftest import District
from tests.luojiang_ce.access.urls import addresses
from tests.luojiang_ce.workflow.walk import Kind
from tests.luojiang_ce.workflow.walk import collect as collect_kinds

OWN_UNIT = frozenset({"owner", "colleague"})
CLERKS = OWN_UNIT | {"neighbour"}
HANDLER = frozenset({"handler"})
BUREAU = frozenset({"handler", "approver"})
KEEPER = frozenset({"keeper"})
REVIEWERS = frozenset({"health_reviewer", "education_reviewer"})
SYSTEM_ADMIN = frozenset({"system_admin"})
SECURITY_ADMIN = frozenset({"security_admin"})
AUDIT_ADMIN = frozenset({"audit_admin"})
OFFICERS = SYSTEM_ADMIN | SECURITY_ADMIN | AUDIT_ADMIN
# Whoever `units.access.sees_district` lets see the records of every unit.
DISTRICT_WIDE = BUREAU | KEEPER | AUDIT_ADMIN
# The same for cases that name nobody, for their lists and deadlines, and for the register of units.
DISTRICT_CASES = DISTRICT_WIDE
CASE_LISTS = BUREAU | AUDIT_ADMIN
DISTRICT_UNITS = DISTRICT_WIDE | OFFICERS
EVERYONE = CLERKS | BUREAU | KEEPER | REVIEWERS | OFFICERS | {"consent", "inspector", "overseer"}
NOBODY: frozenset[str] = frozenset()
ANONYMOUS = "anonymous"


def nothing(district: District) -> list[Any]:
    """The sample of a URL without arguments."""
    return []


@dataclass(frozen=True)
class Row:
    """One line of the matrix. `public`: also who is not signed in gets `status`.

    `others` declares another answer for some who are not in `who` (a redirect, say) instead of 404.
    `state`: in which the sample stands, where the page is to be looked at in each (tests/browser/test_every_page.py).
    """

    url: str
    who: frozenset[str]
    sample: Callable[[District], list[Any] | dict[str, Any]] = nothing
    status: int = 200
    method: str = "get"
    data: Mapping[str, Any] = field(default_factory=dict)
    public: bool = False
    others: Mapping[str, int] = field(default_factory=dict)
    state: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.url}"

    def address(self, district: District) -> str:
        """The sample's address."""
        named = self.sample(district)
        if isinstance(named, dict):
            return reverse(self.url, kwargs=named)
        return reverse(self.url, args=named)

    def expected(self, person: str) -> int:
        """The status that this person is to get."""
        if person in self.who or (person == ANONYMOUS and self.public):
            return self.status
        return 302 if person == ANONYMOUS else self.others.get(person, 404)


def collect() -> list[Row]:
    """The rows of every `access_rows` module under tests/."""
    told = [row for module in _modules("access_rows") for row in module.ROWS]
    known = {row.url for row in told}
    return [*told, *(row for kind in collect_kinds().values() for row in rows_of(kind) if row.url not in known)]


HOLDERS = {
    Role.UNIT_CLERK: CLERKS,
    Role.BUREAU_HANDLER: HANDLER,
    Role.BUREAU_APPROVER: frozenset({"approver"}),
    Role.AUDIT_ADMIN: AUDIT_ADMIN,
}


def rows_of(kind: Kind) -> list[Row]:
    """What holds for every filed case whose app keeps to the names of `docs/adding.md`: its list and its page."""
    case_kind = kind_of(kind.model)
    lists = [
        Row(item.url_name, frozenset().union(*(HOLDERS.get(role, NOBODY) for role in item.roles)))
        for item in case_kind.entries
    ]
    if not lists or case_kind.filing is None:
        return lists
    # A page under another name has rows of its own (test_urls asks for them).
    name = f"{case_kind.entries[0].url_name.partition(':')[0]}:{kind.model._meta.model_name}"
    page = Row(name, OWN_UNIT | DISTRICT_WIDE, lambda district: [kind.build(district, "submitted").pk])
    return [*lists, page] if name in {each.name for each in addresses()} else lists


def _modules(name: str) -> Iterable[Any]:
    found = pkgutil.walk_packages(tests.__path__, f"{tests.__name__}.")
    return [importlib.import_module(info.name) for info in found if info.name.endswith(f".{name}")]
