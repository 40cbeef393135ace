"""manage.py assess: equal to the public results on a fresh database, writing nothing; malformed files are refused."""

import json
from copy import deepcopy
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from verification.requirements.models import RequirementSetting, RuleSet

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[2] / "data" / "requirements"


def run(path) -> list[dict]:
    out = StringIO()
    call_command("assess", str(path), format="json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.notice("一(三)1")
@pytest.mark.notice("一(三)2")
@pytest.mark.notice("一(三)3")
def test_equals_the_public_results():
    wanted = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
    for found, public in zip(run(DATA / "cases.json"), wanted, strict=True):
        # Where the public result gives no requirements, the verdict alone is compared.
        assert found == public if public["requirements"] is not None else found["verdict"] == public["verdict"]


def test_reads_the_rule_sets_and_nothing_else(django_assert_num_queries):
    RequirementSetting.objects.create(year=2025, key="public_minimum", amount="30", document="测试")
    with django_assert_num_queries(1) as queries:
        found = run(DATA / "cases.json")
    assert all(query["sql"].startswith("SELECT") for query in queries)
    assert found[0]["requirements"][2]["required"] is None


def test_other_rule_sets_can_be_switched_on():
    RuleSet.objects.filter(code="medical-2017").update(state="off")
    RuleSet.objects.filter(code="medical-2024-20").update(state="in_force")
    by_name = {each["name"]: each for each in run(DATA / "cases.json")}
    second = by_name["medical second level, enough without class 1"]
    assert [(each["code"], each["required"], each["met"]) for each in second["requirements"]] == [
        ("total", "25", True),
        ("hours", "90", False),
    ]
    first = by_name["medical first level, last year of the tenure"]
    assert [(each["code"], each["counted"], each["met"]) for each in first["requirements"]] == [
        ("total", "25", True),
        ("hours", "0", False),
        ("general_practice", "10", True),
    ]
    assert by_name["medical third level"] == {
        "name": "medical third level",
        "verdict": "undetermined",
        "requirements": [],
    }


def test_the_third_level_is_decided_only_by_a_set_that_names_it():
    RuleSet.objects.filter(code="medical-2024-20").update(state="in_force", levels=[])
    third = next(each for each in run(DATA / "cases.json") if each["name"] == "medical third level")
    assert third["verdict"] == "undetermined"
    RuleSet.objects.filter(code="medical-2024-20").update(levels=["third"])
    third = next(each for each in run(DATA / "cases.json") if each["name"] == "medical third level")
    assert [each["code"] for each in third["requirements"]] == ["total", "hours"]


def broken(tmp_path, change) -> str:
    case = deepcopy(json.loads((DATA / "cases.json").read_text(encoding="utf-8"))[3])
    change(case)
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([case]), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda case: case.pop("year"), "year：缺少"),
        (lambda case: case.pop("person"), "person：应为对象"),
        (lambda case: case.update(entries=None), "entries：应为列表"),
        (lambda case: case["person"].update(category="nurse"), "person category：应为 general、medical、teacher 之一"),
        (lambda case: case["person"].update(institution_level="fourth"), "institution_level：应为 first"),
        (lambda case: case["person"].update(tenure=[2025, 2023]), "tenure：应为"),
        (lambda case: case["entries"][0].update(amount=18), r"entries\[0\] amount：应为写成文字的小数"),
        (lambda case: case["entries"][0].update(amount="x"), r"entries\[0\] amount"),
        (lambda case: case["entries"][0].update(form="dance"), r"entries\[0\] form"),
        (lambda case: case["entries"][0].update(intensive="yes"), r"entries\[0\] intensive"),
        (lambda case: case["entries"][1].update(course=7), r"entries\[1\] course"),
        (lambda case: case["entries"][1].update(source=7), r"entries\[1\] source"),
        (lambda case: case.update(settings={"minimum": "30"}), "settings minimum：不认识的设定"),
        (lambda case: case.update(settings={"public_minimum": "-1"}), "不能是负数"),
    ],
)
def test_refuses_a_malformed_case(tmp_path, change, says):
    with pytest.raises(CommandError, match=says) as refused:
        run(broken(tmp_path, change))
    assert refused.value.returncode == 2


def test_what_is_optional_may_be_left_out(tmp_path):
    def change(case):
        case["person"] = {"category": "general"}
        case["settings"] = None
        case["entries"][0].update(intensive=None, course="", source=None)

    (found,) = run(broken(tmp_path, change))
    assert found["verdict"] == "met"
