"""What the public may learn."""

from datetime import date

import pytest

from luojiang_ce.papers.public import NotForThePublic, frozen_facts, masked_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("温知故", "温*故"), ("王明", "王*"), ("林", "林*"), ("欧阳𬭎", "欧*𬭎"), ("阿依古丽·买买提", "阿******提")],
)
def test_names_are_masked(name, shown):
    assert masked_name(name) == shown


def test_facts_keep_their_order_and_drop_what_is_empty():
    assert frozen_facts({"姓名": "温*故", "备注": "", "人数": 30, "无": None}) == [("姓名", "温*故"), ("人数", "30")]
    assert frozen_facts({"决定日期": date(2026, 3, 5)}) == [("决定日期", "2026年3月5日")]


@pytest.mark.parametrize("number", ["999999198503120018", "99999919850312001X", "证号99999919850312001x，"])
def test_an_id_number_never_becomes_a_public_fact(number):
    with pytest.raises(NotForThePublic):
        frozen_facts([("证件", number)])


def test_masked_id_numbers_and_long_codes_pass():
    facts = [("证件", "999999********0018"), ("指纹", "12345678901234567890")]
    assert frozen_facts(facts) == facts
