"""What rows keep as JSON is read in Chinese words, whole, without what is for programs."""

from __future__ import annotations

from units.archive.wording import MACHINES_ONLY, lines_of


def test_a_verdict_is_read_row_by_row() -> None:
    row = {"title": "年度总学时", "notes": [], "required": "90", "reached": "0.0", "counted": "0.0", "css": "unmet",
           "conclusion": "差 90.0", "unset": False, "source": "通知 一(三)1"}  # fmt: skip
    verdict = {"outcome": "unmet", "label": "未达标", "meaning": "is-soon", "rule_title": "一般人员", "rows": [row]}
    assert lines_of("verdict", verdict) == [
        "结论：未达标；达标规则：一般人员",
        "各项要求：1. 要求：年度总学时；应有：90；取得：0.0；计入：0.0；结论：差 90.0；出处：通知 一(三)1",
    ]


def test_facts_are_read_with_what_their_codes_mean() -> None:
    facts = {"unit": "青麓站", "unit_id": 5, "category": "general", "cycle": [2022, 2026], "tenure": None,
             "title": "农艺师", "path": "general", "forms": ["class", "remote"],
             "sums": {"public": "30", "total": "90"},
             "trainings": [{"title": "水土保持班", "days": "2026年5月", "amounts": {"public": "30"}}]}  # fmt: skip
    assert lines_of("facts", facts) == [
        "单位：青麓站；人员类别：一般；教师周期：2022—2026；专业技术职务：农艺师；验证类别：一般人员；"
        "学习形式：培训班、远程（网络）教育",
        "学时（学分）合计：公共科目：30；合计：90",
        "培训：",
        "　1. 名称：水土保持班；时间：2026年5月",
        "　　学时（学分）：公共科目：30",
    ]


def test_lists_of_codes_and_amounts_by_code() -> None:
    assert lines_of("materials_seen", ["certificate", "payment"]) == ["继续教育证书、缴费凭证"]
    assert lines_of("caps", {"remote": "12"}) == ["远程（网络）教育：12"]
    assert lines_of("difference_notes", {"place": "原教室维修"}) == ["地点：原教室维修"]


def test_keys_of_a_district_say_until_when_they_hold() -> None:
    key_set = {"keys": [{"kid": "QX-1", "kty": "EC", "until": "2027-01-01"}]}
    assert lines_of("keys", key_set) == ["公钥：1. 密钥编号：QX-1；有效至：2027-01-01"]


def test_a_year_that_was_let_pass_is_not_called_exempt() -> None:
    assert lines_of("content", {"waiver": "经审批同意通过验证"}) == ["审批结论：经审批同意通过验证"]


def test_nothing_is_lost_and_nothing_is_said_of_nothing() -> None:
    assert lines_of("facts", {"brand_new": "甲"}) == ["其他：甲"]
    assert lines_of("facts", {}) == []
    assert lines_of("content", {"payload": "eyJ"}) == [MACHINES_ONLY]
