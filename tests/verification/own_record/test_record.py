"""What the own record says: the same verdict as everywhere, and of every line why it counts or not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history, record
from tests.conftest import District
from tests.factories import person_in
from tests.queries import statements
from tests.training.factories import class_of, enrol, recognition_of
from tests.verification.batches.samples import a_seal, staff, stamped
from tests.verification.declarations.cases import declaration_of
from tests.verification.direct.cases import training_of
from tests.verification.ledger.entries import a_source, hours, posted
from tests.verification.own_record.slips import opened, slip_of, token_of
from training.classes.models import Waiting
from training.recognition.models import Outcome
from units.models import Person
from verification.batches.papers import PAGE
from verification.direct.papers import PAGE as DIRECT_PAGE
from verification.ledger.services import counter_many
from verification.own_record.reading import record_of
from verification.verdicts import verdicts

pytestmark = pytest.mark.django_db
YEAR = 2026


@pytest.fixture
def person(district: District) -> Person:
    return person_in(district.unit, "温知故")


def lines_of(person: Person) -> dict[str, tuple]:
    return {line.title: (line.amount, line.state, line.notes) for line in record_of(person, YEAR).lines}


def test_the_verdict_is_that_of_every_other_page(district, person):
    posted(a_source(), district.handler, hours(person, "60", YEAR), hours(person, "22", YEAR, "public"))
    own = record_of(person, YEAR)
    assert own.verdict == verdicts([person], YEAR)[person.pk]
    assert own.missing == [("年度总学时", "差 8.0")]


def test_papers_of_the_bureaus_own_training_are_there_and_open(district, person):
    a_seal(district.bureau)
    training = training_of(district, people=(person, person_in(district.unit, "岳临川")))
    fire(training, "prepare", actor=district.handler)
    fire(training, "stamp", actor=district.keeper)
    sweep()
    (paper,) = record_of(person, YEAR).papers
    assert (paper.kind, paper.subject_id) == (DIRECT_PAGE.key, training.passed.get(person=person).pk)
    told = slip_of(person, district.owner)
    phone, token = opened(told, person), token_of(told)
    assert paper.number in phone.get(reverse("own:record", args=[token])).content.decode()
    answer = phone.get(reverse("own:paper", args=[token, paper.uid]))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    others = Paper.objects.exclude(pk=paper.pk).values_list("uid", flat=True)
    assert {phone.get(reverse("own:paper", args=[token, uid])).status_code for uid in others} == {404}


def test_a_countered_entry_and_what_countered_it_are_both_there(district, person):
    entry = posted(a_source(), district.handler, hours(person, "12", YEAR, title="茶树栽培班"))[0]
    counter_many(entries=[entry], reason="签到造假，检查处理", actor=district.handler)
    found = [(line.amount, line.state, line.notes) for line in record_of(person, YEAR).lines]
    assert found[0] == ("-12.0 学时", "冲销", ("签到造假，检查处理",))
    assert found[1][1] == "已冲销，不再计入"
    assert "签到造假" in found[1][2][0]


def test_a_class_says_which_half_days_did_not_count_and_why(district, person):
    course = class_of(district.neighbour_unit, opens_on=date(YEAR, 5, 18))
    recognition = recognition_of(course, state="recognised")
    Outcome.objects.create(
        recognition=recognition,
        enrolment=enrol(course, person),
        half_days=[
            {"date": "2026-05-18", "half_day": "morning", "why": "counted"},
            {"date": "2026-05-20", "half_day": "afternoon", "why": "no-sign-out"},
        ],
        amounts=[{"year": YEAR, "subject": "professional", "amount": "4.0", "counted": "4.0", "reason": ""}],
    )
    posted(recognition, district.handler, hours(person, "4", YEAR, title="茶树病虫绿色防控研修班"))
    amount, state, notes = lines_of(person)["茶树病虫绿色防控研修班"]
    assert (amount, state) == ("4.0 学时", "已入账")
    assert notes[0].startswith("5月20日下午 不计：")


def test_a_class_that_gave_nothing_says_why(district, person):
    course = class_of(district.neighbour_unit, opens_on=date(YEAR, 5, 18))
    recognition = recognition_of(course, state="partly")
    Outcome.objects.create(
        recognition=recognition,
        enrolment=enrol(course, person),
        half_days=[{"date": "2026-05-18", "half_day": "morning", "why": "absent"}],
        why_not="考核不合格",
    )
    assert lines_of(person)[str(course)] == ("0", "不计入", ("5月18日上午 不计：未到", "考核不合格"))


def test_a_refused_declaration_says_why_and_a_draft_is_the_units_own(district, person):
    refused = declaration_of(district.unit, person, state="refused", year=YEAR, title="土壤改良资料")
    record(refused, "refuse", actor=district.handler, note="自学须事先备案")
    declaration_of(district.unit, person, state="draft", year=YEAR, title="草稿里的课")
    found = lines_of(person)
    assert found["土壤改良资料"][1:] == ("不予认可，不计入", ("自学须事先备案",))
    assert "草稿里的课" not in found


def test_open_classes_are_those_of_the_planner_but_ones_own(district, person):
    """Of one that has begun and of a full one it is said so: neither is hidden."""
    today = clock.today()
    soon = class_of(district.neighbour_unit, opens_on=today + timedelta(days=5), people=2)
    begun = class_of(district.neighbour_unit, opens_on=today - timedelta(days=1), people=9, days=3)
    full = class_of(district.neighbour_unit, opens_on=today + timedelta(days=6), people=1)
    enrol(full, person_in(district.unit))
    class_of(district.neighbour_unit, opens_on=today - timedelta(days=9), people=9)  # over
    own = class_of(district.neighbour_unit, opens_on=today + timedelta(days=7), people=9)
    enrol(own, person)
    found = record_of(person, YEAR).classes
    assert [(each.title, each.free, each.has_begun) for each in found] == [
        (str(begun), 9, True),
        (str(soon), 2, False),
        (str(full), 0, False),
    ]
    assert found[1].hours.endswith(" 学时")
    told = slip_of(person, district.owner)
    page = opened(told, person).get(reverse("own:record", args=[token_of(told)])).content.decode()
    assert "名额已满，可以请专办员排候补" in page
    assert "已开班，只计以后的课，报名须写明原因" in page


def test_who_is_in_line_for_a_place_leaves_it_to_nobody_else_s_eyes(district, person):
    """The same number on the own record, the list of open classes and the page of enrolling."""
    course = class_of(district.neighbour_unit, opens_on=clock.today() + timedelta(days=5), people=4)
    enrol(course, person_in(district.unit))
    waits = {"application": course, "unit": district.unit, "added_by": district.owner}
    Waiting.objects.create(person=person_in(district.unit), **waits)
    assert [each.free for each in record_of(person, YEAR).classes] == [2]
    client = Client()
    client.force_login(district.owner)
    assert "剩 2<" in client.get(reverse("classes:open")).content.decode()
    assert "剩 2 个名额" in client.get(reverse("classes:enrol", args=[course.pk])).content.decode()
    Waiting.objects.create(person=person_in(district.unit), **waits)
    Waiting.objects.create(person=person_in(district.unit), **waits)
    assert [each.free for each in record_of(person, YEAR).classes] == [0]  # full, and said to be


def test_queries_do_not_grow_with_what_there_is(district, person):
    def fill(number: int) -> None:
        for n in range(number):
            posted(a_source(), district.handler, hours(person, "1", YEAR, title=f"班{n}"))
            declaration_of(district.unit, person, state="refused", year=YEAR)
            class_of(district.neighbour_unit, opens_on=clock.today() + timedelta(days=3), people=5)
            course = class_of(district.neighbour_unit, opens_on=date(YEAR, 5, 18))
            Outcome.objects.create(
                recognition=recognition_of(course, state="recognised"), enrolment=enrol(course, person)
            )

    told = slip_of(person, district.owner)
    phone = opened(told, person)
    address = reverse("own:record", args=[token_of(told)])
    phone.get(address)
    fill(3)
    with statements() as few:
        assert phone.get(address, {"year": YEAR}).status_code == 200
    fill(27)
    with statements() as many:
        assert phone.get(address, {"year": YEAR}).status_code == 200
    assert len(many) == len(few) <= 24


def test_own_papers_are_downloaded_on_record_and_nobody_elses(district):
    """Whose they are decides, whatever address is asked for."""
    mine, theirs = staff(district.unit, 2)
    batch = stamped(district, [mine, theirs])
    papers = {each.subject_id: each for each in Paper.objects.of(batch).filter(kind=PAGE.key)}
    of = {record.person_id: papers[record.pk] for record in batch.records.all()}
    told = slip_of(mine, district.owner)
    phone, token = opened(told, mine), token_of(told)
    shown = phone.get(reverse("own:record", args=[token])).content.decode()
    assert of[mine.pk].number in shown
    assert of[theirs.pk].number not in shown
    response = phone.get(reverse("own:paper", args=[token, of[mine.pk].uid]))
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert history(mine).first().name == "own_paper_opened"
    assert phone.get(reverse("own:paper", args=[token, of[theirs.pk].uid])).status_code == 404


def test_amounts_are_those_of_the_ledger(district, person):
    posted(a_source(), district.handler, hours(person, "7.5", YEAR, title="七个半"))
    assert lines_of(person)["七个半"][0] == "7.5 学时"
