"""A file of cases that is not what it should be is told whole, never a traceback."""

import json
from datetime import date

import pytest

from luojiang_ce.checked_json import BadCasesError, Fields, read_cases


def read(fields: Fields) -> tuple[object, ...]:
    return (fields.text("name"), fields.year("year"), fields.decimal("amount"), fields.day("day"), fields.span("span"))


GOOD = {"name": "甲", "year": 2025, "amount": "-4.50", "day": "2026-02-28", "span": [2021, 2025]}


def file_of(tmp_path, content) -> str:
    path = tmp_path / "cases.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


def test_reads_what_is_right(tmp_path):
    ((name, year, amount, day, span),) = read_cases(file_of(tmp_path, [GOOD]), read)
    assert (name, year, str(amount), day, span) == ("甲", 2025, "-4.50", date(2026, 2, 28), (2021, 2025))


def test_a_byte_order_mark_does_no_harm(tmp_path):
    assert read_cases(file_of(tmp_path, b"\xef\xbb\xbf[]"), read) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "不是 JSON：第 1 行第 1 个字符"),
        (b"[1,", "不是 JSON"),
        (b'["\xff"]', "不是 UTF-8"),
        (b"{}", "最外层应为列表"),
        (b"[" * 100_000, "嵌套过深|不是 JSON"),
        (b"[1]", "第 1 例：应为对象"),
    ],
)
def test_says_what_is_wrong_with_the_file(tmp_path, content, says):
    with pytest.raises(BadCasesError, match=says):
        read_cases(file_of(tmp_path, content), read)


def test_says_that_there_is_no_file(tmp_path):
    with pytest.raises(BadCasesError, match="打不开文件"):
        read_cases(str(tmp_path / "none.json"), read)
    with pytest.raises(BadCasesError, match="打不开文件"):
        read_cases(str(tmp_path), read)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", 7),
        ("name", "\ud800"),
        ("year", "2025"),
        ("year", True),
        ("year", 2025.0),
        ("amount", 4.5),
        ("amount", 4),
        ("amount", "NaN"),
        ("amount", "1e3"),
        ("amount", "４"),
        ("amount", None),
        ("day", "2026-02-30"),
        ("day", "20260228"),
        ("span", [2025, 2021]),
        ("span", [2025]),
        ("span", 2025),
    ],
)
def test_says_which_field_is_wrong(tmp_path, field, value):
    with pytest.raises(BadCasesError) as bad:
        read_cases(file_of(tmp_path, [GOOD, {**GOOD, "name": "乙", field: value}]), read)
    (problem,) = bad.value.problems
    assert problem.startswith("第 2 例")
    assert field in problem


def test_tells_everything_at_once(tmp_path):
    with pytest.raises(BadCasesError) as bad:
        read_cases(file_of(tmp_path, [{}, {**GOOD, "year": "x"}]), read)
    assert len(bad.value.problems) == 6
    assert bad.value.problems[0] == "第 1 例 name：缺少，应为非空的文字"
