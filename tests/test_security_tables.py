"""docs/security.md is held to the tree: every test that it names exists, and no row is without a test or a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
REQUIREMENTS = re.compile(r"\d+\.\d+\.\d+")
# How many requirements of levels 1 and 2 each chapter of ASVS 4.0.3 has.
OF_CHAPTER = {
    **{1: 38, 2: 53, 3: 18, 4: 9, 5: 30, 6: 13, 7: 12},
    **{8: 15, 9: 7, 10: 5, 11: 8, 12: 15, 13: 13, 14: 23},
}

# The control points of the general requirements of GB/T 22239-2019, level 2.
CONTROL_POINTS = {
    "安全物理环境": (
        "物理位置选择 物理访问控制 防盗窃和防破坏 防雷击 防火 防水和防潮 防静电 温湿度控制 电力供应 电磁防护"
    ),
    "安全通信网络": "网络架构 通信传输 可信验证",
    "安全区域边界": "边界防护 访问控制 入侵防范 恶意代码防范 安全审计 可信验证",
    "安全计算环境": (
        "身份鉴别 访问控制 安全审计 入侵防范 恶意代码防范 可信验证 数据完整性 数据备份恢复 剩余信息保护 个人信息保护"
    ),
    "安全管理中心": "系统管理 审计管理",
    "安全管理制度": "安全策略 管理制度 制定和发布 评审和修订",
    "安全管理机构": "岗位设置 人员配备 授权和审批 沟通和合作 审核和检查",
    "安全管理人员": "人员录用 人员离岗 安全意识教育和培训 外部人员访问管理",
    "安全建设管理": (
        "定级和备案 安全方案设计 产品采购和使用 自行软件开发 外包软件开发 工程实施 测试验收 系统交付 等级测评 "
        "服务供应商选择"
    ),
    "安全运维管理": (
        "环境管理 资产管理 介质管理 设备维护管理 漏洞和风险管理 网络和系统安全管理 恶意代码防范管理 配置管理 密码管理 "
        "变更管理 备份与恢复管理 安全事件处置 应急预案管理 外包运维管理"
    ),
}


def rows() -> Iterator[list[str]]:
    """The cells of each row of the tables of requirements, without their heads."""
    _, _, tables = PAGE.partition("## OWASP ASVS")
    for line in tables.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[1] != "asks for" and set(cells[0]) != {"-"}:
            yield cells


@cache
def names_in(path: str) -> set[str]:
    """The functions and classes of a test file; none of one that is not there."""
    file = ROOT / path
    return set(re.findall(r"^\s*(?:def|class) (\w+)", file.read_text(), re.MULTILINE)) if file.exists() else set()


def test_every_row_has_its_test_or_its_reason() -> None:
    bare = [row[0] for row in rows() if not NAMED.search(row[3]) and not re.fullmatch(r"Reason: .{10,}", row[3])]
    assert bare == []
    assert [row for row in rows() if len(row) != 4 or not all(row)] == []


def test_every_test_that_is_named_exists() -> None:
    gone = [f"{path}::{name}" for path, name in NAMED.findall(PAGE) if name not in names_in(path)]
    assert gone == []


def test_it_has_each_requirement_once() -> None:
    numbers = [row[0] for row in rows() if REQUIREMENTS.fullmatch(row[0])]
    assert len(numbers) == len(set(numbers))
    found = {chapter: sum(each.startswith(f"{chapter}.") for each in numbers) for chapter in OF_CHAPTER}
    assert found == OF_CHAPTER


def test_it_has_each_control_point() -> None:
    told = {tuple(row[0].split(" ", 1)) for row in rows() if " " in row[0]}
    found = {(area, point) for area, points in told for point in points.split("、")}
    asked = {(area, point) for area, points in CONTROL_POINTS.items() for point in points.split()}
    assert len(asked) == 68
    assert asked - found == set()


def test_every_article_of_the_privacy_law_has_its_row() -> None:
    """Those that bind who handles data (5 to 59), but the definitions and what authorities do."""
    found: set[int] = set()
    _, _, page = PAGE.partition("## 个人信息保护法")
    for first, last in re.findall(r"(?:^\| |, )(\d+)(?:–(\d+))?(?= \||,)", page, re.MULTILINE):
        found |= set(range(int(first), int(last or first) + 1))
    assert set(range(5, 60)) - found == {11, 12}


def test_the_data_that_are_named_are_columns() -> None:
    models = {model._meta.label_lower: model for model in apps.get_models()}
    told = re.findall(r"^\| `([\w]+\.[\w]+)\.(\w+)` \|", PAGE, re.MULTILINE)
    assert len(told) >= 10
    for label, column in told:
        assert models[label]._meta.get_field(column)
