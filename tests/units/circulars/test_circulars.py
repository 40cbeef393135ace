"""Circulars: to whom they go, what each unit answers, who is reminded (notice 三1; product.md S10)."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.deadlines.owed import owed_to, running_for
from luojiang_ce.files.services import attach
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District, in_parallel
from tests.documents import PDF
from tests.factories import UnitFactory, account_with, person_in
from tests.queries import statements
from tests.training.factories import class_of, enrol
from tests.units.circulars.cases import circular_of, receipt_of
from tests.units.views.helpers import browser
from units.circulars import services
from units.circulars.audiences import recipients
from units.circulars.models import Circular, Receipt
from units.lapses.reminding import remind
from units.models import Account, Assignment, Unit

pytestmark = [pytest.mark.django_db, pytest.mark.notice("三1")]
State = Receipt.State


def sent(district: District, **facts: Any) -> Circular:
    """The bureau's, to everybody, with its receipts."""
    made = circular_of(district, **facts)
    fire(made, "send", actor=district.handler)
    return made


def of(circular: Circular, unit: Unit) -> Receipt:
    return circular.receipts.get(unit=unit)


def titles(account: Account) -> list[str]:
    return list(Notice.objects.filter(recipient=account).order_by("pk").values_list("title", flat=True))


def typed(**more: Any) -> dict[str, Any]:
    day = clock.today() + timedelta(days=14)
    return {"title": "关于名单核对的通知", "text": "请核对", "read_by": day.isoformat(), "audience": "all", **more}


class TestTo:
    def test_all_units_in_use_and_not_the_sender_itself(self, district: District) -> None:
        gone = UnitFactory(status=Unit.Status.MERGED, merged_into=district.unit)
        units = set(recipients(circular_of(district)))
        assert district.unit in units
        assert not {district.bureau, gone} & units

    def test_kinds_narrow_each_other_down(self, district: District) -> None:
        school = UnitFactory(nature="school", supervisor=district.education, is_provider=True)
        UnitFactory(nature="school", supervisor=district.education)
        UnitFactory(nature="medical", supervisor=district.health, is_provider=True)
        scope = {"natures": ["school"], "functions": ["is_provider"], "supervisors": [district.education.pk]}
        assert list(recipients(circular_of(district, audience="kinds", scope=scope))) == [school]

    def test_an_authority_reaches_its_own_units_alone(self, district: District) -> None:
        school = UnitFactory(supervisor=district.education)
        form = typed(audience="chosen", units=[district.unit.pk])
        client = browser(district.education_reviewer)
        refused = client.post(reverse("circulars:new"), form)
        assert refused.status_code == 422
        client.post(reverse("circulars:new"), typed())
        made = Circular.objects.get()
        assert list(recipients(made)) == [school]
        for address in (made.get_absolute_url(), reverse("circulars:edit", args=[made.pk])):
            page = client.get(address).content.decode()
            assert "本系统全部单位" in page
            assert "全部在用单位" not in page, "it does not reach the whole district"

    def test_an_authority_without_a_reviewer_writes_by_its_clerk(self, district: District) -> None:
        works = UnitFactory(is_authority=True)
        clerk, own = account_with(Role.UNIT_CLERK, works), UnitFactory(supervisor=works)
        browser(clerk).post(reverse("circulars:new"), typed())
        made = Circular.objects.get()
        fire(made, "send", actor=clerk)
        assert [receipt.unit for receipt in made.receipts.all()] == [own]

    def test_a_unit_that_is_created_later_is_not_among_them(self, district: District) -> None:
        made = circular_of(district, audience="kinds", scope={"natures": ["district"]})
        page = browser(district.handler).get(made.get_absolute_url())
        assert "以后新设的单位不会自动收到" in page.content.decode()
        fire(made, "send", actor=district.handler)
        later = UnitFactory(nature="district")
        assert not made.receipts.filter(unit=later).exists()

    def test_a_circular_to_nobody_is_refused_and_says_why(self, district: District) -> None:
        made = circular_of(district, audience="kinds", scope={"natures": ["medical"]})
        with pytest.raises(Refused, match="没有一个单位"):
            fire(made, "send", actor=district.handler)

    def test_neither_text_nor_file_or_a_day_that_is_over_is_refused_with_both_reasons(self, district: District) -> None:
        made = circular_of(district, text=" ", read_by=clock.today() - timedelta(days=1))
        with pytest.raises(Refused) as refused:
            fire(made, "send", actor=district.handler)
        assert "还没有正文" in str(refused.value)
        assert "已经过去" in str(refused.value)

    @pytest.mark.parametrize(("audience", "field"), [("kinds", "natures"), ("chosen", "units")])
    def test_a_form_without_a_choice_keeps_what_was_typed(self, district: District, audience: str, field: str) -> None:
        answer = browser(district.handler).post(reverse("circulars:new"), typed(audience=audience))
        assert answer.status_code == 422
        assert answer.context["form"].errors[field]
        assert "关于名单核对的通知" in answer.content.decode()

    def test_a_forged_unit_or_day_is_no_500(self, district: District) -> None:
        client, url = browser(district.handler), reverse("circulars:new")
        assert client.post(url, typed(audience="chosen", units=["²", "x"])).status_code == 422
        assert client.post(url, typed(read_by="9999-99-99", audience="?")).status_code == 422


class TestWithoutAClerk:
    def test_the_sender_is_told_at_once_and_it_is_listed(self, district: District) -> None:
        bare = UnitFactory(name="洛江区水利工程队", code="BARE")
        made = circular_of(district)
        client = browser(district.handler)
        assert "洛江区水利工程队" in client.get(made.get_absolute_url()).content.decode()
        fire(made, "send", actor=district.handler)
        text = Notice.objects.get(recipient=district.handler).text
        assert "洛江区水利工程队" in text
        listed = client.get(reverse("circulars:receipts"), {"q": bare.code}).content.decode()
        assert "无专办员" in listed

    def test_the_clerk_who_is_appointed_later_finds_it(self, district: District) -> None:
        bare = UnitFactory()
        made = sent(district)
        clerk = account_with(Role.UNIT_CLERK, bare)
        assert any(made.title in owed.title for owed in owed_to(clerk))
        receipt = of(made, bare)
        assert browser(clerk).get(receipt.get_absolute_url()).status_code == 200
        fire(receipt, "read", actor=clerk)

    def test_it_is_the_units_not_the_accounts(self, district: District) -> None:
        """What a colleague has read is read; the successor of a clerk sees who read it."""
        made = sent(district)
        fire(of(made, district.unit), "read", actor=district.owner)
        receipt = of(made, district.unit)
        with pytest.raises(Refused):
            fire(receipt, "read", actor=district.colleague)
        assert receipt.read_by == district.owner
        assert made.receipts.filter(unit=district.unit).count() == 1


class TestReceipts:
    def test_reading_is_half_of_what_is_asked_for(self, district: District) -> None:
        made = sent(district)
        receipt = of(made, district.unit)
        fire(receipt, "read", actor=district.owner)
        assert receipt.stands == "已读，未传达"
        assert receipt in made.receipts.outstanding()
        fire(receipt, "pass_on", actor=district.colleague, data={"people": 31})
        assert (receipt.passed_on_to, receipt.read_by) == (31, district.owner)
        assert receipt not in made.receipts.outstanding()

    def test_where_nobody_need_be_told_reading_is_all(self, district: District) -> None:
        made = sent(district, to_people=False)
        fire(of(made, district.unit), "read", actor=district.owner)
        assert of(made, district.unit) not in made.receipts.outstanding()
        assert not [owed for owed in owed_to(district.owner) if made.title in owed.title]

    def test_start_page_board_and_reminders_know_it(self, district: District, monkeypatch: Any) -> None:
        with clock.at(clock.datetime(2026, 11, 16, 9, tzinfo=clock.SHANGHAI)):
            made = sent(district, read_by=date(2026, 11, 27))
        with clock.at(clock.datetime(2026, 11, 24, 9, tzinfo=clock.SHANGHAI)):  # three working days before
            assert made.title in browser(district.owner).get("/").content.decode()
            assert f"阅读通知：{made.title}" in [owed.title for owed in running_for(district.owner)]
            fire(of(made, district.neighbour_unit), "pass_on", actor=district.neighbour, data={"people": 3})
            remind()
        assert any("还剩 3 个工作日" in title for title in titles(district.owner))
        assert not any("还剩" in title for title in titles(district.neighbour))

    @pytest.mark.parametrize("people", ["", "0", "-3", "十二", "99999999"])
    def test_a_number_that_is_none_is_pointed_out(self, district: District, people: str) -> None:
        receipt = receipt_of(district)
        url = reverse("workflow:act", args=["units_circulars.receipt", receipt.pk, "pass_on"])
        answer = browser(district.owner).post(url, {"people": people, "note": "已在例会上传达"})
        assert answer.status_code == 422
        assert "已在例会上传达" in answer.content.decode()
        receipt.refresh_from_db()
        assert receipt.state == State.WAITING

    def test_a_double_click_is_harmless(self, district: District) -> None:
        receipt = receipt_of(district)
        url = reverse("workflow:act", args=["units_circulars.receipt", receipt.pk, "pass_on"])
        client = browser(district.owner)
        for _ in range(2):
            assert client.post(url, {"people": "12"}).status_code == 302
        assert history(receipt).filter(name="pass_on").count() == 1

    def test_a_wrong_number_is_corrected_and_both_stay_on_record(self, district: District) -> None:
        receipt = receipt_of(district)
        fire(receipt, "pass_on", actor=district.owner, data={"people": 12})
        fire(receipt, "recount", actor=district.owner, data={"people": 21})
        assert receipt.passed_on_to == 21
        assert [event.data for event in history(receipt).order_by("pk")] == [{"people": 12}, {"people": 21}]

    def test_who_received_it_is_led_to_the_own_receipt_and_gets_its_files(self, district: District) -> None:
        made = circular_of(district, audience="chosen", scope={"units": [district.unit.pk]})
        upload = SimpleUploadedFile("通知正文.pdf", PDF)
        file = attach(case=made, material="document", upload=upload, actor=district.handler)
        address = reverse("files:download", args=[file.uid])
        assert browser(district.owner).get(address).status_code == 404  # a draft
        fire(made, "send", actor=district.handler)
        client = browser(district.owner)
        page = client.get(made.get_absolute_url(), follow=True)
        assert page.redirect_chain == [(of(made, district.unit).get_absolute_url(), 302)]
        assert address in page.content.decode()
        assert b"".join(client.get(address).streaming_content) == PDF
        for stranger in (district.neighbour, district.health_reviewer, district.inspector):
            assert browser(stranger).get(address).status_code == 404

    def test_what_was_sent_takes_no_more_files(self, district: District) -> None:
        made = sent(district)
        url = reverse("files:upload", args=["units_circulars.circular", made.pk, "annex"])
        answer = browser(district.handler).post(url, {"files": SimpleUploadedFile("补.pdf", PDF)})
        assert answer.status_code == 404

    def test_a_bad_file_is_named(self, district: District) -> None:
        made = circular_of(district)
        url = reverse("files:upload", args=["units_circulars.circular", made.pk, "annex"])
        answer = browser(district.handler).post(url, {"files": SimpleUploadedFile("坏.pdf", b"x")}, follow=True)
        assert "“坏.pdf”不是可以接收的文件" in answer.content.decode()


class TestReminding:
    def test_one_click_reminds_who_has_not_done_with_it_and_a_second_nobody(self, district: District) -> None:
        made = sent(district)
        fire(of(made, district.neighbour_unit), "pass_on", actor=district.neighbour, data={"people": 3})
        client, url = browser(district.handler), reverse("circulars:remind", args=[made.pk])
        assert "催办 1 个单位" in client.get(made.get_absolute_url()).content.decode()
        for _ in range(2):
            client.post(url)
        assert titles(district.owner).count(f"催办：{made.title}") == 1
        assert f"催办：{made.title}" not in titles(district.neighbour)
        assert of(made, district.unit).reminded == 1
        assert history(made).filter(name="reminded").count() == 1

    def test_those_that_are_ticked(self, district: District) -> None:
        made = sent(district)
        ticked = of(made, district.unit)
        url = reverse("circulars:remind_ticked")
        browser(district.handler).post(url, {"cases": [f"units_circulars.receipt:{ticked.pk}"]})
        assert of(made, district.unit).reminded == 1
        assert of(made, district.neighbour_unit).reminded == 0

    def test_nobody_reminds_for_somebody_else(self, district: District) -> None:
        made = sent(district)
        url = reverse("circulars:remind_ticked")
        browser(district.owner).post(url, {"cases": [f"units_circulars.receipt:{of(made, district.unit).pk}"]})
        assert of(made, district.unit).reminded == 0

    def test_two_officers_at_once_remind_once(self, district: District) -> None:
        made = sent(district)
        assert services.remind(circular=made, actor=district.handler) == 2
        with pytest.raises(NotPossible, match="今天已经催办过"):
            services.remind(circular=made, actor=district.approver)

    def test_after_the_day_they_are_asked_again_and_the_sender_learns_who(self, district: District) -> None:
        with clock.at(clock.datetime(2026, 11, 2, 9, tzinfo=clock.SHANGHAI)):
            made = sent(district, read_by=date(2026, 11, 13))
            fire(of(made, district.neighbour_unit), "pass_on", actor=district.neighbour, data={"people": 3})
        for day, number in ((13, 0), (14, 0), (16, 1), (17, 0), (20, 1), (23, 0)):  # 13: Friday, 16: first after
            with clock.at(clock.datetime(2026, 11, day, 10, tzinfo=clock.SHANGHAI)):
                assert [services.chase(), services.chase()] == [number, 0], day
        assert titles(district.owner).count(f"逾期未传达：{made.title}") == 2
        assert not any("逾期" in title for title in titles(district.neighbour))
        told = Notice.objects.filter(recipient=district.handler, title__contains="逾期未传达").first()
        assert told
        assert district.unit.short in told.text

    def test_a_worker_that_slept_takes_the_last_step_once(self, district: District) -> None:
        with clock.at(clock.datetime(2026, 11, 2, 9, tzinfo=clock.SHANGHAI)):
            sent(district, read_by=date(2026, 11, 3))
        with clock.at(clock.datetime(2026, 11, 24, 9, tzinfo=clock.SHANGHAI)):
            assert [services.chase(), services.chase()] == [1, 0]

    def test_who_has_not_done_with_it_as_a_workbook(self, district: District) -> None:
        made = sent(district)
        fire(of(made, district.neighbour_unit), "pass_on", actor=district.neighbour, data={"people": 3})
        query = {"circular": made.pk, "state": "outstanding"}
        answer = browser(district.handler).get(reverse("circulars:export"), query)
        rows = list(load_workbook(BytesIO(answer.getvalue())).active.iter_rows(values_only=True))
        names = [row[3] for row in rows]
        assert district.unit.name in names
        assert district.neighbour_unit.name not in names


class TestTakenBack:
    def test_a_withdrawal_needs_a_reason_and_nobody_need_read_it_any_more(self, district: District) -> None:
        made = sent(district)
        url = reverse("workflow:act", args=["units_circulars.circular", made.pk, "withdraw"])
        client = browser(district.handler)
        assert client.post(url, {"note": ""}).status_code == 422
        client.post(url, {"note": "停机改期"})
        assert {receipt.state for receipt in made.receipts.all()} == {State.CLOSED}
        assert not [owed for owed in owed_to(district.owner) if made.title in owed.title]
        page = browser(district.owner).get(of(made, district.unit).get_absolute_url()).content.decode()
        assert "停机改期" in page

    def test_a_correction_takes_its_place_when_it_is_sent(self, district: District) -> None:
        old = sent(district)
        client = browser(district.handler)
        client.post(reverse("circulars:correct", args=[old.pk]), typed(title="关于名单核对的通知（更正）"))
        new = Circular.objects.get(corrects=old)
        old.refresh_from_db()
        assert old.state == Circular.State.SENT
        fire(new, "send", actor=district.handler)
        old.refresh_from_db()
        assert old.state == Circular.State.WITHDRAWN
        owed = [each.title for each in owed_to(district.owner) if "通知" in each.title]
        assert owed == [f"阅读通知：{new.title}"]
        page = browser(district.owner).get(of(old, district.unit).get_absolute_url()).content.decode()
        assert new.title in page

    def test_what_was_withdrawn_meanwhile_is_not_corrected(self, district: District) -> None:
        old = sent(district)
        new = circular_of(district, corrects=old)
        fire(old, "withdraw", actor=district.handler, note="作废")
        with pytest.raises(Refused, match="不能再更正"):
            fire(new, "send", actor=district.handler)

    def test_a_sent_circular_is_not_edited(self, district: District) -> None:
        made = sent(district)
        with pytest.raises(NotPossible, match="请发更正件"):
            services.edit(
                circular=made,
                written=services.Written("别的", "", "别的", clock.today(), True),
                actor=district.handler,
            )


class TestOfAClass:
    def test_a_provider_writes_to_its_trainees_units_and_through_them_to_the_people(self, district: District) -> None:
        made = class_of(district.unit)
        enrol(made, person_in(district.neighbour_unit, "岳临川"))
        page = browser(district.owner).get(made.get_absolute_url()).content.decode()
        address = reverse("circulars:new_about", args=["training_classes.classapplication", made.pk])
        assert address in page
        browser(district.owner).post(address, typed(title="培训班改到二号楼"))
        circular = Circular.objects.get()
        fire(circular, "send", actor=district.owner)
        assert [receipt.unit for receipt in circular.receipts.all()] == [district.neighbour_unit]
        read = browser(district.neighbour).get(of(circular, district.neighbour_unit).get_absolute_url())
        assert "岳临川" in read.content.decode()

    def test_it_learns_no_clerks_name(self, district: District) -> None:
        made = class_of(district.unit)
        enrol(made, person_in(district.neighbour_unit))
        facts = {"audience": "case", "about_type": made._meta.label_lower, "about_id": made.pk}
        circular = circular_of(district, unit=district.unit, created_by=district.owner, **facts)
        fire(circular, "send", actor=district.owner)
        client = browser(district.owner)
        pages = [client.get(circular.get_absolute_url()), client.get(reverse("circulars:receipts"))]
        assert all(district.neighbour.name not in page.content.decode() for page in pages)
        assert district.neighbour.name in browser(district.handler).get(circular.get_absolute_url()).content.decode()

    def test_a_class_that_is_not_approved_or_a_neighbours_cannot_be_written_to(self, district: District) -> None:
        made = class_of(district.unit)
        address = reverse("circulars:new_about", args=["training_classes.classapplication", made.pk])
        assert browser(district.neighbour).get(address).status_code == 404
        assert browser(district.handler).get(address).status_code == 404
        type(made).objects.filter(pk=made.pk).update(state="cancelled")
        assert browser(district.owner).get(address).status_code == 404


class TestManyUnits:
    def pages(self, district: District, number: int) -> dict[str, int]:
        units = [UnitFactory(nature="school") for _ in range(number)]
        clerks = [account_with(Role.UNIT_CLERK, unit) for unit in units[: number // 2]]
        made = sent(district, title=f"{number} 个单位")
        assert len(clerks) == number // 2
        found = {}
        for name, url in (("page", made.get_absolute_url()), ("list", reverse("circulars:receipts"))):
            client = browser(district.handler)
            client.get(url)
            with statements() as asked:
                client.get(url)
            found[name] = len(asked)
        with statements() as asked:
            services.remind(circular=made, actor=district.handler)
        found["remind"] = len(asked)
        return found

    def test_queries_do_not_grow(self, district: District) -> None:
        few, many = self.pages(district, 3), self.pages(district, 30)
        assert few == many
        assert many["page"] <= 20
        assert many["list"] <= 12

    def test_sending_does_not_ask_unit_by_unit(self, district: District) -> None:
        counts = []
        for number in (3, 30):
            for _ in range(number):
                UnitFactory()
            made = circular_of(district, title=f"{number}")
            with statements() as asked:
                fire(made, "send", actor=district.handler)
            counts.append(len(asked))
        assert counts[1] <= counts[0] + 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_send_deliver_once(district: District) -> None:
    made = circular_of(district)

    def send() -> str:
        try:
            fire(Circular.objects.get(pk=made.pk), "send", actor=Account.objects.get(pk=district.handler.pk))
        except Refused:
            return "refused"
        return "sent"

    assert sorted(in_parallel([send, send])) == ["refused", "sent"]
    assert made.receipts.filter(unit=district.unit).count() == 1


def test_a_clerk_who_left_reads_nothing_any_more(district: District) -> None:
    made = sent(district)
    Assignment.objects.filter(account=district.owner).update(valid_to=clock.today() - timedelta(days=1))
    gone = district.fresh(district.owner)
    assert not Receipt.objects.visible_to(gone).exists()
    with pytest.raises(Refused):
        fire(of(made, district.unit), "read", actor=gone)
