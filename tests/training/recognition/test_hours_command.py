"""manage.py count_hours: equal to the public results; a malformed file is told whole, with exit code 2."""

import json
from copy import deepcopy
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

DATA = Path(__file__).parents[2] / "data" / "hours"


def run(path) -> list[dict]:
    out = StringIO()
    call_command("count_hours", str(path), format="json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.notice("一(五)3")
def test_equals_the_public_results():
    assert run(DATA / "cases.json") == json.loads((DATA / "expected.json").read_text(encoding="utf-8"))


def test_seconds_in_a_file_are_cut_off(tmp_path):
    def change(case):
        case["signs"] = [
            {"person": "甲", "date": "2026-05-11", "half_day": "morning", "kind": kind, "time": at}
            for kind, at in (("in", "08:20:01"), ("out", "08:20:59"))
        ]

    (found,) = run(broken(tmp_path, change))
    assert found["people"][0]["half_days"][0]["why"] == "out-before-in"


def broken(tmp_path, change) -> str:
    case = deepcopy(json.loads((DATA / "cases.json").read_text(encoding="utf-8"))[-1])
    change(case)
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([case]), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda case: case.pop("class"), "class：应为对象"),
        (lambda case: case["class"].update(measure="days"), "class measure：应为 hours、credits 之一"),
        (lambda case: case["class"].update(measure="credits"), "class credits：应为对象"),
        (lambda case: case["class"].update(measure="credits", credits={"x": "1"}), "不认识的科目"),
        (lambda case: case["class"].update(measure="credits", credits={"class_1": "-1"}), "不能是负数"),
        (lambda case: case["class"].update(assessment="no"), "class assessment：应为 true 或 false"),
        (lambda case: case.pop("timetable"), "timetable：应为列表"),
        (lambda case: case["timetable"][0].update(hours=4.0), r"timetable\[0\] hours：应为写成文字的小数"),
        (lambda case: case["timetable"][0].update(hours="-4.0"), r"timetable\[0\] hours：不能是负数"),
        (lambda case: case["timetable"][1].update(half_day="noon"), r"timetable\[1\] half_day：应为 morning"),
        (lambda case: case.update(trainees=["甲", "甲"]), "trainees：有重复的名字"),
        (lambda case: case["signs"][0].update(time="25:00"), r"signs\[0\] time：应为 时:分"),
        (lambda case: case["signs"][0].update(kind="there"), r"signs\[0\] kind：应为 in、out 之一"),
        (lambda case: case.update(results={"甲": "maybe"}), "results 甲：应为 passed、failed 之一"),
        (lambda case: case.update(exclusions=[{"person": None}]), r"exclusions\[0\] date：缺少"),
        (lambda case: case.update(name=None), "name：应为非空的文字"),
    ],
)
def test_refuses_a_malformed_case(tmp_path, change, says):
    with pytest.raises(CommandError, match=says) as refused:
        run(broken(tmp_path, change))
    assert refused.value.returncode == 2


def test_tells_everything_at_once(tmp_path):
    def change(case):
        case["timetable"][0]["hours"] = 4
        case["signs"][3]["date"] = "11.5.2026"

    with pytest.raises(CommandError) as refused:
        run(broken(tmp_path, change))
    assert len(str(refused.value).splitlines()) == 3
