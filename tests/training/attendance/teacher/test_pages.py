"""The pages of a link and of the links of a class: what they show and take, to whom, with how many queries."""

import re
from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.models import Event
from tests.factories import person_in
from tests.queries import statements
from tests.training.attendance.teacher.links import DAY, as_sent, at, link_of, sending, tick, undo
from tests.training.factories import class_of, enrol, recognition_of, sign
from training.attendance.models import Sign
from training.attendance.teacher.models import TeacherLink, TeacherTick, digest
from training.attendance.teacher.services import revoke_link
from training.attendance.teacher.taking import take

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _in_the_morning(time_machine):
    time_machine.move_to(at(8, 45), tick=False)


@pytest.fixture
def course(district):
    return class_of(district.unit)


@pytest.fixture
def trainees(district, course):
    return [enrol(course, person_in(district.neighbour_unit, name)) for name in ("王小明", "李晓红", "陈大文")]


@pytest.fixture
def made(course, district):
    return link_of(course, district.owner)


@pytest.fixture
def link(made):
    return made[0]


@pytest.fixture
def token(made):
    return made[1]


@pytest.fixture
def clerk(client, district):
    client.force_login(district.owner, backend=BACKEND)
    return client


def half_day(token, day=DAY, which="morning", name="half_day"):
    return reverse(f"teacher:{name}", args=[token, day, which])


def text(response):
    return response.content.decode()


def side(html, kind):
    """One side of a half-day, from its beginning to the next."""
    return html.split(f'data-side="{kind}"')[1].split('class="lj-side')[0]


def touch(client, token, trainee, do="tick", kind="in", **more):
    data = {"enrolment": trainee.pk, "kind": kind, "do": do, **more}
    return client.post(half_day(token), data, follow=True)


def post_json(client, token, sent):
    return client.post(reverse("teacher:send", args=[token]), sent, content_type="application/json")


class TestLinks:
    def test_a_link_is_shown_once_and_its_token_is_kept_nowhere(self, clerk, course, settings):
        settings.PUBLIC_URL = "https://jxjy.example"
        response = clerk.post(reverse("teacher:links", args=[course.pk]), {"holder": "顾清和"})
        assert "https://jxjy.example/teacher/" in text(response)  # by which name the clerk came does not matter
        (token,) = re.findall(r"/teacher/([\w-]{43})/", text(response))
        link = TeacherLink.objects.get()
        assert link.digest == digest(token)
        assert token not in str(TeacherLink.objects.values().get())
        assert "<svg" in text(response)
        assert response.headers["Cache-Control"] == "private, no-store"
        listed = text(clerk.get(reverse("teacher:links", args=[course.pk])))
        assert token not in listed
        assert "还没有用过" in listed
        assert history(course).first().name == "teacher_link_made"

    def test_a_reload_or_a_double_click_shows_the_same_link(self, clerk, course, district):
        address = reverse("teacher:links", args=[course.pk])
        sent = {"holder": "顾清和", "page": clerk.get(address).context["form"]["page"].value()}
        shown = [set(re.findall(r"/teacher/([\w-]{43})/", text(clerk.post(address, sent)))) for _ in range(2)]
        assert shown[0] == shown[1]
        assert len(shown[0]) == TeacherLink.objects.count() == 1
        assert [each.name for each in history(course)].count("teacher_link_made") == 1
        clerk.post(address, {**sent, "holder": "白若谷"})  # typed anew on the same page
        clerk.post(address, {**sent, "page": clerk.get(address).context["form"]["page"].value()})
        assert TeacherLink.objects.count() == 3
        revoke_link(link=TeacherLink.objects.earliest("pk"), actor=district.owner)
        again = clerk.post(address, sent)
        assert again.status_code == 422
        assert "请重新打开班主任链接，再生成一个" in text(again)

    def test_the_list_says_when_a_link_was_last_used(self, clerk, course, token, client, time_machine):
        time_machine.move_to(at(8, 50), tick=False)
        client.get(reverse("teacher:today", args=[token]))
        assert "08:50" in text(clerk.get(reverse("teacher:links", args=[course.pk])))

    def test_days_outside_the_class_are_refused_beside_their_fields(self, clerk, course):
        data = {"holder": "顾清和", "first_day": "2026-05-10", "last_day": "2026-05-13"}
        response = clerk.post(reverse("teacher:links", args=[course.pk]), data)
        assert response.status_code == 422
        assert text(response).count("须在开班期间（2026年5月11日至2026年5月12日）之内") >= 2
        data = {"holder": "顾清和", "first_day": "2026-05-12", "last_day": "2026-05-11"}
        assert "须不早于起始日期" in text(clerk.post(reverse("teacher:links", args=[course.pk]), data))
        assert not TeacherLink.objects.exists()

    def test_none_for_a_class_that_is_over(self, clerk, course, district, time_machine):
        time_machine.move_to(at(8, 45, DAY + timedelta(days=2)), tick=False)
        clerk.force_login(district.owner, backend=BACKEND)
        response = clerk.post(reverse("teacher:links", args=[course.pk]), {"holder": "顾清和"})
        assert "这个班已经结束" in text(response)

    def test_revoked_it_says_so_at_once_and_is_on_record(self, clerk, course, link, token, client):
        response = clerk.post(reverse("teacher:revoke", args=[course.pk, link.pk]), follow=True)
        assert "已收回 顾清和 的链接" in text(response)
        assert history(course).first().name == "teacher_link_revoked"
        ended = client.get(reverse("teacher:today", args=[token]))
        assert ended.status_code == 410
        assert "已由申办单位收回" in text(ended)
        assert "原来已收回" in text(clerk.post(reverse("teacher:revoke", args=[course.pk, link.pk]), follow=True))
        assert Event.objects.filter(name="teacher_link_revoked").count() == 1

    def test_what_was_not_taken_is_told_to_the_clerk_with_the_way_to_the_trainee(self, clerk, course, link, trainees):
        take(link=link, ticks=[tick(trainees[0], at(7))])
        html = text(clerk.get(reverse("teacher:links", args=[course.pk])))
        assert "没有记上的 1 条" in html
        assert reverse("attendance:correct", args=[course.pk, DAY, "morning", trainees[0].pk]) in html

    def test_the_class_leads_to_its_links(self, clerk, course):
        html = text(clerk.get(reverse("attendance:class", args=[course.pk])))
        assert reverse("teacher:links", args=[course.pk]) in html

    def test_another_class_of_the_unit_does_not_show_it(self, clerk, course, link, district):
        other = class_of(district.unit)
        assert clerk.post(reverse("teacher:revoke", args=[other.pk, link.pk])).status_code == 404
        link.refresh_from_db()
        assert link.revoked_at is None


class TestHalfDay:
    def test_who_is_there_and_who_is_not(self, client, token, trainees, link):
        sign(trainees[0], DAY, "morning", time_in=time(8, 20), time_out=None)
        html = text(client.get(reverse("teacher:today", args=[token])))
        assert "5月11日 周一" in html
        here = side(html, "in")
        assert "王小明" in here.split('data-list="signed"')[1]
        assert "李晓红" in here.split('data-list="signed"')[0]
        assert "应到 3" in here

    def test_a_touch_without_script_signs_in_and_out_apart(self, client, token, trainees):
        assert "已登记签到" in text(touch(client, token, trainees[0]))
        assert "只算一次" in text(touch(client, token, trainees[0]))
        assert "已登记签退" in text(touch(client, token, trainees[0], kind="out"))
        assert set(Sign.objects.values_list("kind", "time")) == {("in", time(8, 45)), ("out", time(8, 45))}

    def test_undoing_keeps_the_sign_struck_with_the_reason(self, client, token, trainees):
        touch(client, token, trainees[0])
        assert "已取消签到" in text(touch(client, token, trainees[0], do="undo", reason="其实没有到"))
        assert Sign.objects.get().struck_reason == "其实没有到"

    def test_the_side_stays_after_a_touch(self, client, token, trainees):
        html = text(touch(client, token, trainees[0], kind="out"))
        assert re.search(r'id="side-out"[^>]* checked', html)
        assert not re.search(r'id="side-in"[^>]* checked', html)

    def test_near_the_end_it_begins_with_signing_out(self, client, token, trainees, time_machine):
        time_machine.move_to(at(11, 10), tick=False)
        assert re.search(r'id="side-out"[^>]* checked', text(client.get(reverse("teacher:today", args=[token]))))

    @pytest.mark.parametrize(
        ("when", "shown"),
        [(at(7), "上午 08:30"), (at(12, 29), "上午 08:30"), (at(12, 30), "下午 14:00"), (at(23), "5月12日")],
    )
    def test_the_link_opens_the_half_day_that_is_on_or_next(self, client, token, trainees, time_machine, when, shown):
        time_machine.move_to(when, tick=False)
        top = text(client.get(reverse("teacher:today", args=[token]))).split("</header>")[0]
        assert shown in top

    def test_a_frozen_class_says_why_and_offers_no_touch(self, client, token, trainees, course):
        recognition_of(course, state="submitted")
        html = text(client.get(reverse("teacher:today", args=[token])))
        assert "现在不能登记" in html
        assert "data-touch" not in html

    def test_another_day_is_read_and_not_touched(self, client, token, trainees):
        html = text(client.get(half_day(token)))
        assert 'class="is-closed"' not in html
        html = text(client.get(half_day(token, DAY + timedelta(days=1))))
        assert 'class="is-closed"' in html
        assert "5月12日 周二 07:30 起可以点名" in html
        assert "还没有到" in text(
            client.post(
                half_day(token, DAY + timedelta(days=1)),
                {"enrolment": trainees[0].pk, "kind": "in", "do": "tick"},
                follow=True,
            )
        )
        assert not Sign.objects.exists()

    def test_days_that_the_link_is_not_for_do_not_exist(self, client, course, district, trainees):
        _, token = link_of(course, district.owner, last_day=DAY)
        assert client.get(half_day(token)).status_code == 200
        assert client.get(half_day(token, DAY + timedelta(days=1))).status_code == 404
        assert client.get(half_day(token, which="evening")).status_code == 404

    def test_a_class_without_half_days(self, client, course, token):
        course.timetable.all().delete()
        assert "没有这个链接可以登记的半日" in text(client.get(reverse("teacher:today", args=[token])))

    @pytest.mark.parametrize("name", ["today", "send", "worker"])
    def test_a_guessed_address_does_not_exist(self, client, token, name):
        for guess in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", "0" * 43, digest(token)):
            address = reverse(f"teacher:{name}", args=[guess])
            assert client.get(address).status_code == 404
            assert client.post(address).status_code == 404

    def test_names_alone_are_shown_and_those_of_this_class_alone(self, client, token, trainees, course, district):
        other = enrol(class_of(district.unit), person_in(district.unit, "别班的人"))
        take(link=TeacherLink.objects.get(), ticks=[tick(trainees[1], at(7)), tick(other, at(8, 41))])
        pages = [client.get(reverse("teacher:today", args=[token])), client.get(half_day(token, name="live"))]
        for html in map(text, pages):
            assert "别班的人" not in html
            for trainee in trainees:
                number = trainee.person.id_number
                assert trainee.name in html
                assert trainee.masked_id not in html
                assert not re.search(rf"\b{number[-6:]}\b|\b{number[-4:]}\b", html)
                assert trainee.employer not in html

    def test_namesakes_are_told_apart(self, client, token, course, district):
        for unit in (district.unit, district.neighbour_unit):
            enrol(course, person_in(unit, "王芳"))
        html = text(client.get(reverse("teacher:today", args=[token])))
        assert f"王芳（{district.unit.name}）" in html

    def test_pages_are_kept_by_no_one_on_the_way(self, client, token, trainees):
        for address in (reverse("teacher:today", args=[token]), half_day(token), half_day(token, name="live")):
            assert client.get(address).headers["Cache-Control"] == "private, no-store"

    def test_what_a_phone_knows_is_not_sent_again(self, client, token, trainees):
        address = half_day(token, name="live")
        known = {"If-None-Match": client.get(address).headers["ETag"]}
        again = client.get(address, headers=known)
        assert (again.status_code, again.content) == (204, b"")
        touch(client, token, trainees[0])
        assert client.get(address, headers=known).status_code == 200

    def test_queries_do_not_grow_with_people(self, client, course, district, link, token):
        counts = []
        for many in (3, 30):
            people = [enrol(course, person_in(district.unit)) for _ in range(many)]
            take(link=link, ticks=[tick(each, at(8, 41)) for each in people[: many // 2]])
            take(link=link, ticks=[tick(each, at(7)) for each in people[many // 2 :]])
            client.get(half_day(token))
            with statements() as page:
                client.get(half_day(token))
            with statements() as live:
                client.get(half_day(token, name="live"))
            counts.append((len(page), len(live)))
        assert counts[0] == counts[1]
        assert counts[0] <= (12, 12)

    def test_the_list_of_links_asks_the_same_for_many(self, clerk, course, district, link, trainees):
        address = reverse("teacher:links", args=[course.pk])
        counts = []
        for many in (3, 30):
            for _ in range(many):
                made, _ = link_of(course, district.owner)
                take(link=made, ticks=[tick(trainees[0], at(7))])
            with statements() as found:
                clerk.get(address)
            counts.append(len(found))
        assert counts[0] == counts[1]


class TestScreen:
    def test_it_shows_the_code_that_trainees_scan_now(self, client, token, trainees):
        sign(trainees[0], DAY, "morning", time_in=time(8, 20), time_out=None)
        address = half_day(token, name="screen")
        assert address in text(client.get(reverse("teacher:today", args=[token])))
        html = text(client.get(address))
        assert "data-code=" in html
        assert "王小明" not in html
        part = text(client.get(address, headers={"HX-Request": "true"}))
        assert "<html" not in part
        assert f'hx-get="{address}"' in part

    def test_a_revoked_link_shows_none(self, client, token, link, trainees, district):
        revoke_link(link=link, actor=district.owner)
        assert "data-code=" not in text(client.get(half_day(token, name="screen")))


class TestSending:
    def test_what_waited_is_taken_once_and_answered_each_time(self, client, token, trainees):
        sent = sending(*(as_sent(tick(each, at(8, 41))) for each in trainees))
        first, again = post_json(client, token, sent), post_json(client, token, sent)
        assert first.json()["answers"] == again.json()["answers"]
        assert {answer["outcome"] for answer in first.json()["answers"]} == {"recorded"}
        assert Sign.objects.count() == 3

    def test_nothing_to_send_tells_the_time(self, client, token):
        told = post_json(client, token, sending()).json()
        assert told == {"now": round(at(8, 45).timestamp() * 1000), "answers": [], "said": ""}

    def test_a_phone_whose_clock_is_a_day_off(self, client, token, trainees):
        day = 24 * 3600 * 1000
        sent = sending(as_sent(tick(trainees[0], at(8, 41)), clock_ahead=day, offset=-day), clock_ahead=day)
        assert post_json(client, token, sent).json()["answers"][0]["outcome"] == "recorded"
        assert Sign.objects.get().time == time(8, 41)
        assert TeacherTick.objects.get().doubt == "本机时钟快 1 天，已按服务器时间更正"

    def test_what_is_to_be_known_of_a_time_stands_beside_the_sign(self, client, clerk, token, trainees, course):
        hour = 3600 * 1000
        post_json(client, token, sending(as_sent(tick(trainees[0], at(8, 41)), offset=0), clock_ahead=hour))
        post_json(client, token, sending(as_sent(undo(trainees[0], at(8, 44)))))
        html = text(clerk.get(reverse("attendance:correct", args=[course.pk, DAY, "morning", trainees[0].pk])))
        assert "点名以后本机时钟改过，时间存疑" in html
        assert html.count("顾清和（班主任链接）") == 2
        html = text(clerk.get(reverse("attendance:half_day", args=[course.pk, DAY, "morning"])))
        assert "班主任 登记：签到 1 人" in html

    def test_a_revoked_link_takes_nothing_and_says_what_it_took_before(self, client, token, link, trainees, district):
        known, fresh = as_sent(tick(trainees[0], at(8, 41))), as_sent(tick(trainees[1], at(8, 42)))
        post_json(client, token, sending(known))
        revoke_link(link=link, actor=district.owner)
        response = post_json(client, token, sending(known, fresh))
        assert response.status_code == 410
        assert [answer["id"] for answer in response.json()["answers"]] == [known["id"]]
        assert Sign.objects.count() == TeacherTick.objects.count() == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"id": "x"}, {"do": "strike"}, {"enrolment": "-1"}, {"enrolment": "9" * 30}, {"enrolment": None},
            {"date": "2026-13-01"}, {"date": 5}, {"half_day": "night"}, {"kind": ""}, {"at": "8:41"}, {"at": 1e300},
            {"at": -1e14}, {"offset": 1e30}, {"offset": "x"}, {"at": True, "offset": 10**18},
        ],
        ids=str,
    )  # fmt: skip
    def test_rubbish_is_refused_as_a_whole(self, client, token, trainees, change):
        sent = sending(as_sent(tick(trainees[0], at(8, 41))) | change)
        response = post_json(client, token, sent)
        assert response.status_code == 400
        assert "还在本机" in response.json()["said"]
        assert not TeacherTick.objects.exists()

    @pytest.mark.parametrize("body", ["", "[]", "{}", "null", '{"now": 1}', '{"now": 1, "ticks": 5}', "[" * 100_000])
    def test_what_is_no_sending_is_refused(self, client, token, body):
        address = reverse("teacher:send", args=[token])
        assert client.post(address, body, content_type="application/json").status_code == 400

    def test_too_many_at_once_are_refused(self, client, token, trainees):
        one = as_sent(tick(trainees[0], at(8, 41)))
        assert post_json(client, token, sending(*[one] * 501)).status_code == 400

    def test_a_reason_never_holds_a_number(self, client, token, trainees):
        touch(client, token, trainees[0])
        whole = trainees[0].person.id_number
        post_json(client, token, sending(as_sent(undo(trainees[0], at(8, 44))) | {"reason": f"是 {whole} 才对" * 30}))
        reason = Sign.objects.get().struck_reason
        assert whole not in reason
        assert len(reason) == 200

    def test_another_site_can_send_nothing_without_the_address(self, trainees, token):
        """No cookie stands behind a link: what is asked for is the address alone, which a page of its own may use."""
        client = Client(enforce_csrf_checks=True)
        assert post_json(client, token, sending(as_sent(tick(trainees[0], at(8, 41))))).status_code == 200
        assert client.post(reverse("teacher:send", args=["x"]), {}).status_code == 404
