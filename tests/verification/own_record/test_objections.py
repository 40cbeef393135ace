"""An objection: put once, answered by the unit or, past its days, by the bureau; read by the person (product.md U6)."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import ExifTags, Image

from luojiang_ce import clock
from luojiang_ce.files.checks import checked
from luojiang_ce.files.models import Attachment
from luojiang_ce.notices.models import Notice
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.models import DeadlineSetting
from luojiang_ce.workflow.engine import Refused, fire
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.factories import person_in
from tests.todos import todos
from tests.verification.declarations.cases import declaration_of
from tests.verification.ledger.entries import a_source, hours, posted
from tests.verification.own_record.slips import held_by, knock, opened, slip_of, token_of
from units.models import Assignment, Person
from verification.ledger.models import LedgerEntry
from verification.ledger.services import counter_many
from verification.own_record import services
from verification.own_record.models import Objection
from verification.own_record.services import pass_on_overdue

pytestmark = pytest.mark.django_db
YEAR = 2026
MONDAY = date(2026, 6, 1)


@pytest.fixture
def person(district: District) -> Person:
    return person_in(district.unit, "温知故")


@pytest.fixture
def entry(district: District, person: Person) -> LedgerEntry:
    return posted(a_source(), district.handler, hours(person, "12", YEAR, title="茶树栽培班"))[0]


def put(person: Person, entry: LedgerEntry | None = None, text: str = "少了半天", picture: Any = None) -> Objection:
    return services.object_to(
        slip=held_by(person), year=YEAR, entry=entry, text=text, picture=picture and checked(picture)
    ).objection


def on(day: date, hour: int = 10) -> Any:
    moment = clock.now().replace(year=day.year, month=day.month, day=day.day, hour=hour)
    return clock.at(moment)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def a_photograph(shade: int = 255) -> SimpleUploadedFile:
    """With the place where it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.GPSInfo] = {1: "N", 2: (24.9, 0.0, 0.0)}
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (shade * 25 % 256, 255, 255)).save(out, format="JPEG", exif=exif)
    return SimpleUploadedFile("现场.jpg", out.getvalue())


def send(phone: Any, token: str, **typed: Any) -> Any:
    return phone.post(f"{reverse('own:objection', args=[token])}?year={YEAR}", typed)


class TestPutting:
    def test_it_goes_to_the_clerk_and_its_answer_to_the_page(self, district, person, entry):
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        response = send(phone, token, about=str(entry.pk), text="第三天下午到了", picture=a_photograph())
        assert response.status_code == 302
        case = Objection.objects.get()
        assert (case.unit, case.entry, case.state) == (district.unit, entry, "filed")
        assert case.about == "茶树栽培班，专业科目 12.0 学时"
        assert [each.title for each in todos(district.owner, Objection)] == ["答复本人异议：温知故：" + case.about]
        assert todos(district.handler, Objection) == []
        fire(case, "answer", actor=district.owner, note="已请施教机构更正", data={"result": "under_way"})
        shown = text(phone.get(reverse("own:record", args=[token]), {"year": YEAR}))
        assert "属实，正在更正。 已请施教机构更正" in shown
        assert "撤回这件异议" not in shown

    def test_the_picture_keeps_no_position(self, district, person, entry):
        case = put(person, entry, picture=a_photograph())
        with Attachment.objects.of(case).get().file.open() as file, Image.open(file) as kept:
            assert ExifTags.Base.GPSInfo not in kept.getexif()

    def test_sent_twice_it_is_one(self, district, person, entry):
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        for _ in range(2):
            assert send(phone, token, about=str(entry.pk), text="少了半天").status_code == 302
        assert Objection.objects.count() == 1
        assert Notice.objects.filter(recipient=district.owner, title__contains="异议").count() == 1
        assert put(person, entry, "另一件事").pk != Objection.objects.first().pk or Objection.objects.count() == 2

    def test_the_picture_of_the_second_time_is_kept_with_the_first_and_it_is_said(self, district, person, entry):
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        typed = {"about": str(entry.pk), "text": "少了半天"}
        assert "附图" not in text(phone.get(send(phone, token, **typed).url))
        again = send(phone, token, **typed, picture=a_photograph())
        shown = text(phone.get(again.url))
        case = Objection.objects.get()
        assert Attachment.objects.of(case).count() == 1
        assert "同样的异议已经提出过，没有重复提出；这次的图片已附到那一件" in shown
        assert "附图 1 张" in shown
        without = text(phone.get(send(phone, token, **typed).url))
        assert "没有重复提出" in without
        assert "这次的图片" not in without

    def test_one_objection_has_so_many_pictures_at_most(self, district, person, entry):
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        for n in range(services.MOST_PICTURES):
            put(person, entry, picture=a_photograph(n))
        answer = send(phone, token, about=str(entry.pk), text="少了半天", picture=a_photograph(9))
        assert answer.status_code == 422
        assert "已附 5 张图片，不能再附" in text(answer)
        assert Attachment.objects.of(Objection.objects.get()).count() == services.MOST_PICTURES

    def test_all_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(self, district, person, entry):
        told = slip_of(person, district.owner)
        bad = SimpleUploadedFile("说明.txt", b"no picture")
        response = send(opened(told, person), token_of(told), about="", text="说了很多", picture=bad)
        assert response.status_code == 422
        assert "请选择对哪一条有异议" in text(response)
        assert "不是照片" in text(response)
        assert "说了很多" in text(response)

    def test_against_what_is_countered_already_it_is_refused_with_what_can_be_done(self, district, person, entry):
        counter_many(entries=[entry], reason="签到不实", actor=district.handler)
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        response = send(phone, token, about=str(entry.pk), text="我到了")
        assert response.status_code == 422
        assert "冲销（签到不实），不再计入。对冲销有异议的，请选“冲销”的那一条" in text(response)
        assert "我到了" in text(response)
        counter = LedgerEntry.objects.get(counter_of=entry)
        assert send(phone, token, about=str(counter.pk), text="我到了").status_code == 302
        assert Objection.objects.get().about.startswith("冲销：茶树栽培班")

    def test_countered_after_it_was_put_it_is_still_answered_and_the_clerk_is_told(
        self, district, person, entry, client
    ):
        case = put(person, entry)
        counter_many(entries=[entry], reason="签到不实", actor=district.handler)
        client.force_login(district.owner)
        assert "冲销（签到不实），不再计入" in text(client.get(case.get_absolute_url()))
        fire(case, "answer", actor=district.owner, note="已冲销，见检查处理", data={"result": "stands"})

    def test_an_entry_of_somebody_else_is_no_choice(self, district, person, entry):
        other = person_in(district.unit, "岳临川")
        told = slip_of(other, district.owner)
        response = send(opened(told, other), token_of(told), about=str(entry.pk), text="我的")
        assert response.status_code == 422
        assert not Objection.objects.exists()

    def test_nobody_puts_more_than_ten_that_wait(self, district, person):
        with clock.at(clock.now() - timedelta(days=1)):
            for n in range(services.MOST_OPEN):
                put(person, text=f"第 {n} 件")
        with pytest.raises(NotPossible, match="请等答复后再提出"):
            put(person, text="又一件")

    def test_put_and_taken_back_again_and_again_a_day_comes_to_an_end(self, district, person):
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        for n in range(services.MOST_A_DAY):
            case = put(person, text="少了半天", picture=a_photograph(n))
            assert phone.post(reverse("own:withdraw", args=[token, case.pk])).status_code == 302
        answer = send(phone, token, about="year", text="少了半天")
        assert answer.status_code == 422
        assert "今天已提出 10 件异议（撤回的也算），请明天再提" in text(answer)
        assert "少了半天" in text(answer)
        assert Objection.objects.count() == services.MOST_A_DAY
        with clock.at(clock.now() + timedelta(days=1)):
            put(person)

    def test_pictures_of_a_day_are_bound_and_those_taken_back_are_kept_and_counted(self, district, person, monkeypatch):
        monkeypatch.setattr(services, "MOST_PICTURES_A_DAY", 3)
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        for n in range(3):
            case = put(person, picture=a_photograph(n))
            phone.post(reverse("own:withdraw", args=[token, case.pk]))
            assert Attachment.objects.of(case).count() == 1
        answer = send(phone, token, about="year", text="少了半天", picture=a_photograph(9))
        assert answer.status_code == 422
        assert "今天已附 3 张图片，请明天再附；说明可以先提出，不附图片" in text(answer)
        assert not Objection.objects.filter(state="filed").exists()
        assert send(phone, token, about="year", text="少了半天").status_code == 302

    def test_no_id_number_goes_into_the_log(self, district, person):
        case = put(person, text=f"我的号码是 {person.id_number}")
        assert person.id_number not in case.text
        assert person.id_number not in history(case).first().note_row.text

    def test_what_was_typed_when_the_record_had_closed_goes_through_the_door(self, district, person, entry):
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        with clock.at(clock.now() + timedelta(minutes=20)):
            closed = send(phone, token, about=str(entry.pk), text="写了很久的说明")
            assert closed.status_code == 422
            assert "写好的说明还在" in text(closed)
            hidden = dict(re.findall(r'name="(carried_\w+)" value="([^"]*)"', closed.content.decode()))
            typed = {"slip_code": told.code, "number": person.id_number[-6:], **hidden}
            back = phone.post(reverse("own:door", args=[token]), typed)
            assert "写了很久的说明" in text(back)
            assert f'value="{entry.pk}" selected' in back.content.decode()
            assert send(phone, token, about=str(entry.pk), text="写了很久的说明").status_code == 302


class TestWho:
    def test_of_who_moved_the_new_unit_answers(self, district, person):
        person.employments.update(ended_on=clock.today(), end_reason="moved")
        person.employments.create(unit=district.neighbour_unit)
        assert put(person).unit == district.neighbour_unit

    def test_put_before_the_move_it_stays_with_the_old_unit(self, district, person):
        case = put(person)
        person.employments.update(ended_on=clock.today(), end_reason="moved")
        person.employments.create(unit=district.neighbour_unit)
        fire(case, "answer", actor=district.owner, note="已核对", data={"result": "stands"})
        assert not Objection.objects.visible_to(district.neighbour).exists()

    def test_of_who_works_nowhere_the_bureau_answers(self, district, person):
        person.employments.update(ended_on=clock.today(), end_reason="left")
        case = put(person)
        assert case.state == "referred"
        fire(case, "answer_referred", actor=district.handler, note="已核对", data={"result": "stands"})

    def test_of_a_unit_without_a_clerk_too(self, district, person):
        Assignment.objects.filter(unit=district.unit).delete()
        assert put(person).state == "referred"

    def test_a_neighbour_sees_nothing(self, district, person):
        put(person)
        seen = {name: Objection.objects.visible_to(getattr(district, name)).count() for name in ("owner", "neighbour")}
        assert seen == {"owner": 1, "neighbour": 0}


class TestInTime:
    def test_unanswered_for_five_working_days_it_goes_on_to_the_bureau_once(self, district, person):
        with on(MONDAY):
            case = put(person)
        with on(MONDAY + timedelta(days=7), 23):  # Monday, five working days later
            assert pass_on_overdue() == 0
        with on(MONDAY + timedelta(days=8)):
            assert pass_on_overdue() == 1
            assert pass_on_overdue() == 0
        case.refresh_from_db()
        assert case.state == "referred"
        titles = {name: _told(getattr(district, name)) for name in ("owner", "handler")}
        assert all("过期未答复" in title for title in titles.values())
        with pytest.raises(Refused):
            fire(case, "answer", actor=district.owner, note="迟了", data={"result": "stands"})
        fire(case, "answer_referred", actor=district.handler, note="已核对", data={"result": "stands"})

    def test_unset_no_clock_runs(self, district, person):
        DeadlineSetting.objects.update(objection_days=None)
        with on(MONDAY):
            put(person)
        with on(MONDAY + timedelta(days=300)):
            assert pass_on_overdue() == 0

    def test_unset_the_person_asks_the_bureau_and_the_pages_say_so(self, district, person, client):
        DeadlineSetting.objects.update(objection_days=None)
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        case = put(person)
        form = text(phone.get(reverse("own:objection", args=[token])))
        assert "一直没有答复的，可以在“我的异议”里请区人社局答复" in form
        page = text(phone.get(reverse("own:record", args=[token]), {"year": YEAR}))
        assert "没有设定单位答复的期限，不会自动转办" in page
        client.force_login(district.owner)
        assert "这一件不会自动转办" in text(client.get(case.get_absolute_url()))
        assert phone.post(reverse("own:ask_bureau", args=[token, case.pk])).status_code == 302
        case.refresh_from_db()
        assert case.state == "referred"
        assert all("本人请区人社局答复" in _told(getattr(district, name)) for name in ("owner", "handler"))
        assert [each.title for each in todos(district.handler, Objection)]

    def test_unset_a_handler_takes_it_over(self, district, person):
        DeadlineSetting.objects.update(objection_days=None)
        case = put(person)
        fire(case, "take_over", actor=district.handler, note="单位久未答复")
        assert case.state == "referred"
        assert "转本局答复" in _told(district.owner)

    def test_while_a_day_is_set_the_person_waits_for_it(self, district, person):
        told = slip_of(person, district.owner)
        phone, token, case = opened(told, person), token_of(told), put(person)
        assert "请区人社局答复" not in text(phone.get(reverse("own:record", args=[token]), {"year": YEAR}))
        assert phone.post(reverse("own:ask_bureau", args=[token, case.pk])).status_code == 302
        case.refresh_from_db()
        assert case.state == "filed"

    def test_nobody_passes_on_another_persons(self, district, person):
        DeadlineSetting.objects.update(objection_days=None)
        other = person_in(district.unit, "岳临川")
        told = slip_of(other, district.owner)
        case = put(person)
        assert opened(told, other).post(reverse("own:ask_bureau", args=[token_of(told), case.pk])).status_code == 404

    def test_the_figure_is_the_bureaus(self, district, person):
        DeadlineSetting.objects.update(objection_days=1)
        with on(MONDAY):
            put(person)
        with on(MONDAY + timedelta(days=2)):
            assert pass_on_overdue() == 1

    def test_answered_in_time_it_goes_nowhere(self, district, person):
        with on(MONDAY):
            fire(put(person), "answer", actor=district.owner, note="已核对", data={"result": "stands"})
        with on(MONDAY + timedelta(days=30)):
            assert pass_on_overdue() == 0


class TestWithdrawing:
    def test_the_person_takes_it_back_until_it_is_answered(self, district, person):
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        case = put(person)
        address = reverse("own:withdraw", args=[token, case.pk])
        assert phone.post(address).status_code == 302
        case.refresh_from_db()
        assert case.state == "withdrawn"
        second = put(person)
        fire(second, "answer", actor=district.owner, note="已核对", data={"result": "stands"})
        assert phone.post(reverse("own:withdraw", args=[token, second.pk])).status_code == 302
        second.refresh_from_db()
        assert second.state == "answered"

    def test_whoever_makes_slips_does_not_take_it_back_as_the_person(self, district, person):
        """The clerk against whose unit it is makes a new slip, and knows the number from the roster."""
        case = put(person)
        new = slip_of(person, district.owner)
        phone, token = opened(new, person), token_of(new)
        page = phone.get(reverse("own:record", args=[token]), {"year": YEAR}).content.decode()
        assert "这件异议是用另一张查阅条提出的，不能在这里撤回" in page
        assert "撤回这件异议" not in page
        assert phone.post(reverse("own:withdraw", args=[token, case.pk])).status_code == 302
        case.refresh_from_db()
        assert case.state == "filed"
        fire(case, "withdraw_asked", actor=district.handler, note="本人到局里说明，查验了身份证")
        assert (case.state, history(case).first().actor) == ("withdrawn", district.handler)
        assert "区人社局按本人要求撤回" in _told(district.owner)
        assert knock(phone, new, person).status_code == 302

    def test_which_slip_put_it_and_took_it_back_is_on_record(self, district, person):
        told = slip_of(person, district.owner)
        phone, token = opened(told, person), token_of(told)
        assert send(phone, token, about="year", text="少了半天").status_code == 302
        case = Objection.objects.get()
        phone.post(reverse("own:withdraw", args=[token, case.pk]))
        kept = {event.name: event.data.get("slip") for event in history(case)}
        assert kept == {"objected": told.slip.pk, "withdraw": told.slip.pk}
        assert token not in str([event.data for event in history(case)])

    def test_the_bureau_hears_of_a_new_slip_made_by_the_unit_meanwhile(self, district, person, client):
        case = put(person)
        assert "换发" not in _told(district.handler)
        slip_of(person, district.owner)
        assert "1 件本人异议等答复时，单位给本人换发了查阅条" in _told(district.handler)
        client.force_login(district.handler)
        assert "其间单位换发过查阅条" in text(client.get(case.get_absolute_url()))

    @pytest.mark.parametrize("whose", ["handler", "neighbour"])
    def test_a_new_slip_of_somebody_else_than_the_unit_tells_nobody(self, district, person, client, whose):
        case = put(person)
        slip_of(person, getattr(district, whose))
        assert "换发" not in _told(district.handler)
        client.force_login(district.handler)
        assert "其间单位换发过查阅条" not in text(client.get(case.get_absolute_url()))

    def test_nobody_takes_back_another_persons(self, district, person):
        other = person_in(district.unit, "岳临川")
        told = slip_of(other, district.owner)
        case = put(person)
        assert opened(told, other).post(reverse("own:withdraw", args=[token_of(told), case.pk])).status_code == 404


def _told(account: Any) -> str:
    return "，".join(Notice.objects.filter(recipient=account).values_list("title", flat=True))


def test_what_is_not_in_the_ledger_is_objected_to_by_its_name(district: District, person: Person) -> None:
    for state, title in (("submitted", "网络课程 A&B"), ("refused", "土壤改良资料")):
        declaration_of(district.unit, person, state=state, year=YEAR, title=title)
    told = slip_of(person, district.owner)
    phone, token = opened(told, person), token_of(told)
    page = phone.get(reverse("own:record", args=[token]), {"year": YEAR}).content.decode()
    [link] = re.findall(r'href="([^"]*entry=of:[^"]*A%26B[^"]*)"', page)
    form = phone.get(unescape(link)).context["form"]
    assert form["about"].value() == "of:网络课程 A&B"
    offered = {key for key, _ in form["about"].field.choices[1][1]}
    assert offered == {"year", "of:网络课程 A&B", "of:土壤改良资料"}
    for about in ("of:网络课程 A&B", "of:土壤改良资料", "year", "of:网络课程 A&B"):
        assert send(phone, token, about=about, text="已经学完").status_code == 302
    told_to_clerk = list(Objection.objects.order_by("pk").values_list("about", "entry"))
    assert told_to_clerk == [
        (f"网络课程 A&B（{YEAR} 年度，没有入账）", None),
        (f"土壤改良资料（{YEAR} 年度，没有入账）", None),
        (f"{YEAR} 年度记录", None),
    ], "each by itself, and the same words sent again once"
    assert send(phone, token, about="of:别人的课", text="没有这门课").status_code == 422


def test_what_is_on_file_can_be_corrected_by_the_own_wish(district: District, person: Person) -> None:
    told = slip_of(person, district.owner)
    phone, token = opened(told, person), token_of(told)
    shown = text(phone.get(reverse("own:record", args=[token]), {"year": YEAR}))
    assert f"工作单位、部门：现登记 {district.unit.name}" in shown
    assert person.name not in shown, "over a shoulder nobody reads the name"
    page = text(phone.get(f"{reverse('own:objection', args=[token])}?year={YEAR}&entry=title"))
    assert "申请更正" in page
    assert "更正哪一项" in page
    assert f"提出异议 {YEAR} 年度" not in page
    assert send(phone, token, about="title", text="任职时间应是 2020 年 3 月").status_code == 302
    case = Objection.objects.get()
    assert (case.part, case.entry, case.unit, case.about) == (
        "title",
        None,
        district.unit,
        "专业技术职务、任职时间：现登记 没有",
    )
    assert history(case).first().concerns == person.pk
    fire(case, "answer", actor=district.owner, note="已改为 2020 年 3 月", data={"result": "mended"})
    shown = text(phone.get(reverse("own:record", args=[token]), {"year": YEAR}))
    assert "属实，已更正。 已改为 2020 年 3 月" in shown
    assert f"{clock.today().year}年" in shown
