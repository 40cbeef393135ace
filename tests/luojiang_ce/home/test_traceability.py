"""Clause -> code -> tests, read from the files."""

import json

import pytest
from django.conf import settings

from luojiang_ce.home.traceability import trace
from luojiang_ce.workflow import case_kind
from luojiang_ce.workflow.diagrams import document


@pytest.fixture
def tree(tmp_path):
    for folder in ("fixtures", "units", "tests"):
        (tmp_path / folder).mkdir()

    def write(clauses, code="", tests=""):
        (tmp_path / "fixtures/notice_clauses.json").write_text(json.dumps(clauses))
        (tmp_path / "units/rules.py").write_text(code)
        (tmp_path / "tests/test_rules.py").write_text(tests)
        return trace(tmp_path)

    return write


def test_a_clause_with_code_and_test_is_found(tree):
    clauses, problems = tree(
        [{"id": "一(五)2", "says": "x"}], "DAYS = 10  # notice 一(五)2\n", '@pytest.mark.notice("一(五)2")\n'
    )
    assert problems == []
    assert clauses[0].code == ["units/rules.py:1"]
    assert clauses[0].tests == ["tests/test_rules.py:1"]


@pytest.mark.parametrize(
    ("clause", "code", "tests", "said"),
    [
        ({"id": "三1", "says": "x"}, "", "", "三1 has no test"),
        ({"id": "三1", "says": "x", "later": "soon"}, "", 'mark.notice("三1")', "still listed as to come"),
        ({"id": "三1", "says": "x", "later": "soon"}, "# notice 三9\n", "", "no clause of the notice"),
    ],
)
def test_what_is_wrong_is_said(tree, clause, code, tests, said):
    assert any(said in problem for problem in tree([clause], code, tests)[1])


def test_the_clauses_are_those_of_the_notice():
    clauses, _ = trace(settings.BASE_DIR)
    assert len({clause.id for clause in clauses}) == 33


def test_the_diagrams_are_fresh(monkeypatch):
    monkeypatch.delitem(case_kind._kinds, "toy.roomrequest")  # the tests' own
    assert (settings.BASE_DIR / "docs/workflows.md").read_text() == document(), "run manage.py draw_workflows"
