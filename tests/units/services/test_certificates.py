"""Numbers of certificates: the bureau's pattern, given without doubles, unique in the district (发证, 附件4)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import id_number, person_in
from tests.queries import statements
from tests.units.roster.rosters import preview_roster, workbook
from units.identity.certificate_numbers import BadPattern, read_pattern, typed_pattern
from units.models import Certificate, CertificatePattern
from units.services.certificates import (
    Booklet,
    booklet_of,
    issue,
    keep,
    key_of,
    next_sequence,
    owners_of,
    pattern_of,
    set_pattern,
)
from units.services.employment import Newcomer, enrol
from units.services.records import save_certificate

pytestmark = [pytest.mark.django_db, pytest.mark.notice("附件4")]


@pytest.fixture
def numbered(district: District, time_machine) -> District:
    time_machine.move_to(date(2027, 1, 6), tick=False)
    set_pattern(kind="general", typed="洛继教{年}{序号:4}", following=7, actor=district.system_admin)
    return district


def numbers_of(district: District, *people, kind: str = "general") -> list[str]:
    given = issue(booklets=[Booklet(person, kind, is_new=True) for person in people], actor=district.keeper)
    return [given[person.pk] for person in people]


class TestPattern:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("洛继教{年}{序号:5}", "洛继教{year}{seq:05d}"),
            ("0526-{序号:4}", "0526-{seq:04d}"),
            (" 洛｛年｝-｛序号：3｝ ", "洛{year}-{seq:03d}"),
        ],
    )
    def test_is_typed_in_chinese_and_read_back_the_same(self, typed: str, kept: str) -> None:
        assert read_pattern(typed) == kept
        assert read_pattern(typed_pattern(kept)) == kept

    @pytest.mark.parametrize(
        "typed",
        ["洛继教", "{年}", "{序号}", "{序号:0}", "{序号:5}{序号:5}", "{seq:05d}", "{序号:5}{月}", "{序号:5}}", "{{{"],
    )
    def test_what_gives_no_numbers_is_refused(self, typed: str) -> None:
        with pytest.raises(BadPattern):
            read_pattern(typed)

    def test_is_unset_until_somebody_sets_it_and_then_numbers_are_typed(self, district: District) -> None:
        assert pattern_of("general") == ""
        with pytest.raises(NotPossible, match="编号规则未设定，请逐人填写编号"):
            numbers_of(district, person_in(district.unit))

    def test_its_page_says_unset_and_only_the_administrator_sets_it(self, client, district: District) -> None:
        client.force_login(district.system_admin)
        assert "未设定" in client.get(reverse("terms:calendar")).content.decode()
        here = reverse("terms:certificate_pattern", args=["general"])
        refused = client.post(here, {"pattern": "没有序号", "following": "1", "first_day": f"{clock.today()}"})
        assert refused.status_code == 422
        assert "请写明一处 {序号:位数}" in refused.content.decode()
        assert "没有序号" in refused.content.decode()
        client.post(here, {"pattern": "洛继教{序号:5}", "following": "301", "first_day": f"{clock.today()}"})
        rule = CertificatePattern.objects.get()
        assert (rule.pattern, next_sequence(rule)) == ("洛继教{seq:05d}", 301)
        assert "洛继教{序号:5}" in client.get(reverse("terms:calendar")).content.decode()
        assert Event.objects.get(name="certificate_pattern").actor == district.system_admin
        assert client.get(reverse("terms:certificate_pattern", args=["other"])).status_code == 404


class TestGiving:
    def test_numbers_follow_each_other_and_are_kept_with_the_people(self, numbered: District) -> None:
        one, two = person_in(numbered.unit), person_in(numbered.unit)
        assert numbers_of(numbered, one, two) == ["洛继教20270007", "洛继教20270008"]
        assert one.certificates.get().number == "洛继教20270007"
        assert one.certificates.get().valid_from == date(2027, 1, 6)
        assert Event.objects.filter(name="certificate_saved").count() == 2

    def test_what_somebody_has_already_is_passed_over(self, numbered: District) -> None:
        Certificate.objects.create(person=person_in(numbered.neighbour_unit), number="洛继教20270007")
        assert numbers_of(numbered, person_in(numbered.unit), person_in(numbered.unit)) == [
            "洛继教20270008",
            "洛继教20270009",
        ]

    def test_asking_again_gives_nobody_a_second(self, numbered: District) -> None:
        person = person_in(numbered.unit)
        assert numbers_of(numbered, person) == numbers_of(numbered, person)
        assert person.certificates.count() == 1

    def test_as_many_queries_for_thirty_as_for_three(self, numbered: District) -> None:
        counted = []
        for number in (3, 30):
            people = [person_in(numbered.unit) for _ in range(number)]
            with statements() as asked:
                numbers_of(numbered, *people)
            counted.append(len(asked))
        assert counted[0] == counted[1]

    def test_as_many_queries_however_far_the_series_lags_behind(self, numbered: District) -> None:
        counted = []
        for taken in (3, 30):
            start = next_sequence(CertificatePattern.objects.get())
            for sequence in range(start, start + taken):
                number = f"洛继教2027{sequence:04d}"
                Certificate.objects.create(person=person_in(numbered.neighbour_unit), number=number)
            with statements() as asked:
                (given,) = numbers_of(numbered, person_in(numbered.unit))
            assert given == f"洛继教2027{start + taken:04d}"
            counted.append(len(asked))
        assert counted[0] == counted[1]

    def test_what_is_free_between_taken_numbers_is_given(self, numbered: District) -> None:
        for sequence in (8, 10):
            Certificate.objects.create(person=person_in(numbered.neighbour_unit), number=f"洛继教2027{sequence:04d}")
        people = [person_in(numbered.unit) for _ in range(3)]
        assert numbers_of(numbered, *people) == ["洛继教20270007", "洛继教20270009", "洛继教20270011"]
        assert next_sequence(CertificatePattern.objects.get()) == 12


class TestUnique:
    def test_nobody_is_given_the_certificate_of_somebody_else(self, district: District) -> None:
        Certificate.objects.create(person=person_in(district.neighbour_unit), number="闽A-0007")
        person = person_in(district.unit)
        for typed in ("闽A-0007", " 闽a-0007", "闽Ａ-０００７"):
            with pytest.raises(NotPossible, match="已登记给另一人"):
                save_certificate(person=person, actor=district.owner, kind="general", number=typed)
            newcomer = Newcomer("温如故", "resident", id_number(), certificate=typed)
            with pytest.raises(NotPossible, match="已登记给另一人"):
                enrol(unit=district.unit, newcomer=newcomer, started_on=date(2026, 1, 5), actor=district.owner)
        save_certificate(person=person, actor=district.owner, kind="medical", number="闽A-0007")  # a series of its own

    def test_the_database_holds_it_too(self, district: District) -> None:
        Certificate.objects.create(person=person_in(district.unit), number="闽A-0007")
        with pytest.raises(IntegrityError), transaction.atomic():
            Certificate.objects.create(person=person_in(district.unit), number="闽a-0007")

    def test_a_number_in_dispute_is_held_too(self, numbered: District) -> None:
        first, second = person_in(numbered.neighbour_unit), person_in(numbered.unit)
        for person, disputed in ((second, True), (first, False)):
            Certificate.objects.create(person=person, number="洛继教20270007", disputed=disputed)
        key = key_of("general", "洛继教20270007")
        assert owners_of([key]) == {key: first.pk}  # who had it before
        first.certificates.all().delete()
        assert owners_of([key]) == {key: second.pk}
        stranger = person_in(numbered.unit)
        with pytest.raises(NotPossible, match="已登记给另一人"):
            save_certificate(person=stranger, actor=numbered.owner, kind="general", number="洛继教20270007")
        assert numbers_of(numbered, stranger) == ["洛继教20270008"]
        row = second.certificates.get()
        save_certificate(person=second, actor=numbered.owner, certificate=row, kind="general", number="洛继教20270007")
        assert not second.certificates.get().disputed  # nobody else has it any more

    def test_a_correction_of_ones_own_is_none_of_it(self, district: District) -> None:
        person = person_in(district.unit)
        row = Certificate.objects.create(person=person, number="闽A-0007")
        save_certificate(
            person=person, actor=district.owner, certificate=row, kind="general", number="闽A-0007",
            valid_from=date(2026, 1, 5),
        )  # fmt: skip
        assert person.certificates.get().valid_from == date(2026, 1, 5)


class TestKeptBeforeNumbersWereTidied:
    """In the table as they were typed then: with blanks, wide signs, small letters."""

    OLD = ("闽A 00 07", "闽Ａ-０００７", "闽a\u3000-0007", "LJ\u00a00007", "继教\t0007", "Ⅳ-0007")

    @pytest.mark.parametrize("old", OLD)
    def test_their_owner_is_found_however_the_number_is_typed(self, district: District, old: str) -> None:
        owner = person_in(district.neighbour_unit)
        Certificate.objects.create(person=owner, number=old)
        for typed in (old, "".join(old.split()), f" {old.lower()} "):
            assert owners_of([key_of("general", typed)]) == {key_of("general", old): owner.pk}
            with pytest.raises(NotPossible, match="已登记给另一人"):
                save_certificate(person=person_in(district.unit), actor=district.owner, kind="general", number=typed)
        assert owners_of([key_of("medical", old)]) == {}
        assert owners_of([]) == {}

    @pytest.mark.parametrize("old", OLD)
    def test_ones_own_is_no_second_one(self, district: District, old: str) -> None:
        person = person_in(district.unit)
        row = Certificate.objects.create(person=person, number=old)
        with pytest.raises(NotPossible, match="已登记过这本证书"):
            save_certificate(person=person, actor=district.owner, kind="general", number="".join(old.split()))
        keep(booklet=Booklet(person, "general", "".join(old.split())), instead_of="", actor=district.owner)
        assert person.certificates.count() == 1
        keep(booklet=Booklet(person, "general", "新 0008"), instead_of="".join(old.split()), actor=district.owner)
        row.refresh_from_db()
        assert row.number == "新0008"

    def test_a_roster_does_not_give_it_to_somebody_else(self, district: District) -> None:
        Certificate.objects.create(person=person_in(district.neighbour_unit), number="LJ 0007")
        file = workbook(("仇远", id_number(), "LJ0007"), titles=("姓名", "身份证号", "证书编号"))
        batch = preview_roster(file=file, name="表.xlsx", unit=district.unit, actor=district.owner)
        assert [each["what"] for each in batch.plan["rows"][0]["problems"]] == ["这个证书编号已登记给另一人"]

    def test_a_number_that_is_given_passes_over_it(self, numbered: District) -> None:
        Certificate.objects.create(person=person_in(numbered.neighbour_unit), number="洛继教 2027 0007")
        assert numbers_of(numbered, person_in(numbered.unit)) == ["洛继教20270008"]


class TestDated:
    """A rule holds from a day on, has numbers of its own, and says how long a booklet holds (nothing: 未设定)."""

    def test_one_that_begins_later_leaves_the_numbers_of_today_alone(self, numbered: District, time_machine) -> None:
        later = {"first_day": date(2027, 3, 1), "valid_years": 6, "document": "演示文件（虚构）"}
        set_pattern(kind="general", typed="LJ{序号:5}", following=501, actor=numbered.system_admin, **later)
        one, two = person_in(numbered.unit), person_in(numbered.unit)
        assert numbers_of(numbered, one) == ["洛继教20270007"]
        assert one.certificates.get().valid_to is None  # how long it holds nobody had said
        time_machine.move_to(date(2027, 3, 1), tick=False)
        assert numbers_of(numbered, two) == ["LJ00501"]
        held = two.certificates.get()
        assert (held.valid_from, held.valid_to) == (date(2027, 3, 1), date(2033, 2, 28))

    @pytest.mark.parametrize(
        ("typed", "begins", "gives"),
        [
            ("洛继教{年}{序号:4}", date(2027, 1, 6), "洛继教20270008"),  # the rule of today
            ("洛继教{年}{序号:4}", date(2027, 3, 1), "洛继教20270008"),  # the same from a day of the year on
            ("洛继教{年}{序号:4}", date(2028, 1, 1), "洛继教20280001"),  # from the next year on
            ("洛{序号:5}", date(2028, 1, 1), "洛00001"),  # another one
        ],
    )
    def test_a_rule_that_says_no_number_goes_on_and_skips_none(
        self, numbered: District, client, time_machine, typed: str, begins: date, gives: str
    ) -> None:
        numbers_of(numbered, person_in(numbered.unit))
        client.force_login(numbered.system_admin)
        here = reverse("terms:certificate_pattern", args=["general"])
        shown = client.get(here).context["form"].initial
        assert "following" not in shown  # what stands is not typed anew
        sent = {**shown, "pattern": typed, "first_day": f"{begins}", "valid_years": ""}
        assert client.post(here, sent).status_code == 302
        time_machine.move_to(begins, tick=False)
        assert numbers_of(numbered, person_in(numbered.unit)) == [gives]

    def test_a_small_change_of_a_rule_loses_nothing_of_it(self, numbered: District, client) -> None:
        client.force_login(numbered.system_admin)
        here = reverse("terms:certificate_pattern", args=["general"])
        facts = {"valid_years": 6, "document": "演示文件（虚构）"}
        set_pattern(kind="general", typed="", following=None, actor=numbered.system_admin, **facts)
        shown = client.get(here).context["form"].initial
        assert {name: shown[name] for name in facts} == facts  # of one that gives no numbers too
        later = {"first_day": date(2028, 1, 1), "valid_years": 8, "document": "另一演示文件（虚构）"}
        set_pattern(kind="general", typed="LJ{序号:5}", following=None, actor=numbered.system_admin, **later)
        assert client.get(here).context["form"].initial["valid_years"] == 6
        coming = f"{here}?from=2028-01-01"
        assert coming in client.get(reverse("terms:calendar")).content.decode()
        shown = client.get(coming).context["form"].initial
        assert client.post(coming, {**shown, "pattern": "LJ{序号:6}"}).status_code == 302
        rule = CertificatePattern.objects.get(first_day=date(2028, 1, 1))
        assert (rule.pattern, rule.valid_years, rule.document) == ("LJ{seq:06d}", 8, "另一演示文件（虚构）")

    @pytest.mark.parametrize("day", ["", "x", "2027-01-01", "2030-01-01", "9999-99-99"])
    def test_of_a_day_with_no_coming_rule_the_form_begins_as_today(self, numbered: District, client, day: str) -> None:
        client.force_login(numbered.system_admin)
        here = reverse("terms:certificate_pattern", args=["general"])
        assert client.get(here, {"from": day}).context["form"].initial["pattern"] == "洛继教{年}{序号:4}"

    def test_of_a_day_that_is_over_none_is_set(self, numbered: District) -> None:
        with pytest.raises(NotPossible, match="应不早于今天"):
            set_pattern(
                kind="general", typed="LJ{序号:5}", following=1, actor=numbered.system_admin,
                first_day=date(2027, 1, 5),
            )  # fmt: skip

    def test_it_can_be_unset_again_from_a_day_on(self, numbered: District) -> None:
        set_pattern(kind="general", typed="", following=1, actor=numbered.system_admin)
        with pytest.raises(NotPossible, match="编号规则未设定"):
            numbers_of(numbered, person_in(numbered.unit))

    @pytest.mark.parametrize(
        ("issued", "years", "last"),
        [
            (date(2027, 1, 6), 5, date(2032, 1, 5)),
            (date(2028, 2, 29), 4, date(2032, 2, 28)),
            (date(2028, 2, 29), 5, date(2033, 2, 28)),
            (date(2027, 3, 1), 1, date(2028, 2, 29)),
        ],
    )
    def test_the_last_day_is_the_one_before_the_anniversary(
        self, district: District, time_machine, issued: date, years: int, last: date
    ) -> None:
        time_machine.move_to(issued, tick=False)
        set_pattern(kind="general", typed="{序号:4}", following=1, actor=district.system_admin, valid_years=years)
        person = person_in(district.unit)
        issue(booklets=[Booklet(person, "general", is_new=True)], actor=district.keeper)
        assert person.certificates.get().valid_to == last


class TestExchange:
    def test_gives_another_number_and_ends_the_former(self, numbered: District) -> None:
        person = person_in(numbered.unit)
        Certificate.objects.create(person=person, number="0526-0001", valid_from=date(2020, 1, 1))
        given = issue(booklets=[Booklet(person, "general", is_new=True, exchanged="0526-0001")], actor=numbered.keeper)
        assert given == {person.pk: "洛继教20270007"}
        former, present = person.certificates.order_by("pk")
        assert (former.valid_to, present.valid_from) == (date(2027, 1, 5), date(2027, 1, 6))
        assert booklet_of(person.certificates.all(), "general") == present
        assert Event.objects.filter(name="certificate_exchanged").count() == 1

    def test_what_had_ended_before_keeps_its_day(self, numbered: District) -> None:
        person = person_in(numbered.unit)
        ended = date(2026, 6, 30)
        Certificate.objects.create(person=person, number="0526-0001", valid_to=ended)
        issue(booklets=[Booklet(person, "general", is_new=True, exchanged="0526-0001")], actor=numbered.keeper)
        assert person.certificates.get(number="0526-0001").valid_to == ended


def test_of_several_the_one_in_use_is_of_the_kind_and_not_over(district: District) -> None:
    person = person_in(district.unit)
    for number, facts in {
        "A": {"valid_from": date(2010, 1, 1), "valid_to": date(2016, 1, 1)},
        "B": {"valid_from": None},
        "C": {"kind": "medical", "valid_from": date(2024, 1, 1)},
    }.items():
        Certificate.objects.create(person=person, number=number, **facts)
    held = list(person.certificates.all())
    assert [booklet_of(held, kind).number for kind in ("general", "medical")] == ["B", "C"]
    assert booklet_of([], "general") is None
