"""Rest days, closures and figures entered by the bureau: previewed, confirmed, told (product.md S1, domain.md §3)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.workdays.models import CalendarDay, CalendarYear, DeadlineSetting
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.luojiang_ce.workdays.rules import PLAN, REPLY
from units.extensions.models import Lapse

pytestmark = pytest.mark.django_db
YEAR, CLOSURE, SETTING = (reverse(f"terms:{name}") for name in ("year_new", "closure_new", "setting_new"))
# Invented for the test; the weekdays are those of 2027.
NOTICE_2027 = """一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。2月27日（周六）、2月28日（周日）上班。
三、清明节：4月5日（周一）放假1天。四、劳动节：5月1日（周六）至3日（周一）放假，共3天。
五、端午节：6月9日（周三）放假1天。六、中秋节：9月15日（周三）放假1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。""".replace("。四、", "。\n四、").replace("。六、", "。\n六、")


def at(*when: int):
    return clock.at(datetime(*when, tzinfo=clock.SHANGHAI))


def previewed(client, address: str, data: dict[str, str]):
    page = client.post(address, {**data, "do": "preview"})
    assert page.status_code == 200, page.context["form"].errors
    return page


def confirmed(client, address: str, data: dict[str, str]):
    seen = previewed(client, address, data).context["seen"]
    return client.post(address, {**data, "do": "confirm", "seen": seen}, follow=True)


def closure(first: str, last: str, **more: str) -> dict[str, str]:
    facts = {"first": first, "last": last, "scope": "district", "reason": "台风停工", "source": "泉洛防指〔2026〕3号"}
    return {**facts, **more}


class TestYear:
    data = {"year": "2027", "document": "国办发明电〔2026〕9号", "text": NOTICE_2027}

    def test_the_preview_shows_days_and_moved_deadlines_and_writes_nothing(self, client, district: District) -> None:
        client.force_login(district.handler)
        with at(2026, 11, 20, 9):
            page = previewed(client, YEAR, self.data)
        moved = {(pair.before.deadline.due, pair.after.deadline.due) for pair in page.context["moved"]}
        assert moved == {(date(2027, 3, 1), date(2027, 2, 28))}
        assert "2027年2月28日 周日 上班（春节）" in page.content.decode()
        assert not CalendarYear.objects.exists()
        assert not Event.objects.exists()

    def test_confirmed_it_holds_is_no_longer_provisional_and_is_told(self, client, district: District) -> None:
        client.force_login(district.handler)
        with at(2026, 11, 20, 9):
            confirmed(client, YEAR, self.data)
            deadline = current_rules().due(PLAN, 2027)
        assert (deadline.due, deadline.provisional) == (date(2027, 2, 28), False)
        assert Event.objects.get(name="year_confirmed").actor == district.handler
        notice = Notice.objects.get(recipient=district.owner, title__contains="期限有变动")
        assert "由 2027年3月1日 周一 改为 2027年2月28日 周日" in notice.text

    def test_entered_again_it_replaces_what_was_there(self, client, district: District) -> None:
        client.force_login(district.handler)
        with at(2026, 11, 20, 9):
            confirmed(client, YEAR, self.data)
            confirmed(client, YEAR, {**self.data, "document": "更正"})
        assert CalendarYear.objects.get().document == "更正"
        assert CalendarDay.objects.count() == len(set(CalendarDay.objects.values_list("date", flat=True)))

    @pytest.mark.parametrize(
        ("was", "becomes", "said"),
        [
            ("2月5日（周五）", "2月5日（周四）", "2027年2月5日 是周五，不是周四"),
            ("共7天", "共8天", "原文说 8 天，按日期数是 7 天"),
            ("五、端午节：6月9日（周三）放假1天。", "", "没有读到：端午"),
        ],
    )
    def test_what_disagrees_is_refused_with_its_place(self, client, district, was, becomes, said) -> None:
        client.force_login(district.handler)
        with at(2026, 11, 20, 9):
            page = client.post(YEAR, {**self.data, "text": NOTICE_2027.replace(was, becomes), "do": "preview"})
        assert page.status_code == 422
        assert said in page.content.decode()
        assert NOTICE_2027.splitlines()[0] in page.content.decode()


class TestClosure:
    def test_it_opens_again_what_it_makes_timely(self, client, district: District) -> None:
        client.force_login(district.handler)
        with at(2026, 3, 1, 9):
            answer = confirmed(client, CLOSURE, closure("2026-02-28", "2026-02-28"))
            assert current_rules().due(PLAN, 2026).due == date(2026, 3, 2)
            assert set(Lapse.objects.values_list("state", flat=True)) == {"recorded"}
        assert "项期限有变动，已通知有关单位" in answer.content.decode()

    def test_a_closure_of_one_place_moves_nothing(self, client, district: District) -> None:
        client.force_login(district.handler)
        with at(2026, 2, 25, 9):
            page = previewed(client, CLOSURE, closure("2026-02-28", "2026-02-28", scope="partial", scope_text="虹山乡"))
        assert page.context["moved"] == []

    def test_taken_back_the_day_counts_again(self, client, district: District) -> None:
        client.force_login(district.handler)
        with at(2026, 2, 25, 9):
            confirmed(client, CLOSURE, closure("2026-02-28", "2026-02-28"))
            address = reverse("terms:closure_end", args=[CalendarDay.objects.get().pk])
            confirmed(client, address, {"reason": "录错日期"})
            assert current_rules().due(PLAN, 2026).due == date(2026, 2, 28)
        assert not CalendarDay.objects.exists()

    def test_all_that_is_wrong_is_said_at_once(self, client, district: District) -> None:
        client.force_login(district.handler)
        page = client.post(CLOSURE, {"first": "2026-09-03", "last": "2026-09-01", "scope": "partial", "do": "preview"})
        said = page.content.decode()
        for part in ("末日早于首日", "局部停工请写明是哪里", "请写明原因", "请填写停工的文件名或文号"):
            assert part in said

    def test_the_same_day_twice_is_refused(self, client, district: District) -> None:
        client.force_login(district.handler)
        with at(2026, 2, 25, 9):
            confirmed(client, CLOSURE, closure("2026-02-28", "2026-02-28"))
            again = client.post(CLOSURE, {**closure("2026-02-27", "2026-03-01"), "do": "preview"})
        assert "已登记停工" in again.content.decode()

    def test_an_old_preview_is_shown_again(self, client, district: District) -> None:
        client.force_login(district.handler)
        with at(2026, 2, 25, 9):
            answer = client.post(CLOSURE, {**closure("2026-02-28", "2026-02-28"), "do": "confirm", "seen": "old"})
        assert "请再核对一次" in answer.content.decode()
        assert not CalendarDay.objects.exists()


class TestSettings:
    def data(self, **more: str) -> dict[str, str]:
        old = DeadlineSetting.objects.get()
        names = ("opening_days", "recognition_days", "reply_days", "mending_days")
        facts = {name: str(getattr(old, name)) for name in names}
        facts |= {"opening_mode": "difference", "recognition_done_by": "filed", "cutoff_minutes": "1050", "roll": "on"}
        return {**facts, "valid_from": "2026-03-01", "document": "局长办公会纪要", **more}

    def test_new_figures_hold_from_their_day_on(self, client, district: District) -> None:
        client.force_login(district.system_admin)
        with at(2026, 2, 25, 9):
            confirmed(client, SETTING, self.data(reply_days="3"))
            rules = current_rules()
        assert rules.due(REPLY, date(2026, 2, 28)).due == date(2026, 3, 6)
        assert rules.due(REPLY, date(2026, 3, 2)).due == date(2026, 3, 5)
        assert rules.due(REPLY, date(2026, 3, 2)).closes.astimezone(clock.SHANGHAI).hour == 17

    def test_the_past_is_not_changed(self, client, district: District) -> None:
        client.force_login(district.system_admin)
        with at(2026, 3, 5, 9):
            page = client.post(SETTING, {**self.data(), "do": "preview"})
        assert "不能改动已经过去的日子" in page.content.decode()

    def test_the_page_shows_what_is_in_force(self, client, district: District) -> None:
        client.force_login(district.owner)
        page = client.get(reverse("terms:calendar")).content.decode()
        assert "现行" in page
        assert "新的期限参数" not in page
