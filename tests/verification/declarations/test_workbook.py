"""The people of one learning from a workbook: hours and notes of their own, wrong rows back in the user's file."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from luojiang_ce.files.models import Attachment
from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.imports import read_file
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import history
from tests.factories import person_in
from tests.luojiang_ce.sheets.imports import confirmed, stage
from tests.queries import statements
from tests.units.cases import leave_of
from tests.units.views.helpers import browser
from verification.declarations.importing import PEOPLE_IMPORT
from verification.declarations.models import Declaration
from verification.declarations.together import add_to, declared_together

from .cases import declaration_of, with_evidence

pytestmark = pytest.mark.django_db
HEADER = ["姓名", "身份证号", "学时", "备注"]


def workbook(*rows, header=HEADER) -> BytesIO:
    book = Workbook()
    for row in (header, *rows):
        book.active.append(list(row))
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


@pytest.fixture
def case(district) -> Declaration:
    """The draft of the first of them, with its evidence."""
    first = person_in(district.unit, "温知微")
    draft = declaration_of(district.unit, first, form="conference", title="植保学术年会", amount=Decimal(8))
    return with_evidence(draft, district.owner)


def written(case, actor, *rows) -> dict[str, int]:
    batch = stage(PEOPLE_IMPORT, application=case, file=workbook(*rows), name="人员.xlsx", actor=actor)
    return confirmed(PEOPLE_IMPORT, batch=batch, application=case, actor=actor)


class TestWriting:
    def test_thirty_people_with_hours_and_notes_of_their_own_and_the_shared_evidence(self, district, case):
        people = [person_in(district.unit, f"人员{number:02}甲".replace("0", "零")) for number in range(1, 31)]
        rows = [[person.name, person.id_number, 6.5 if at == 0 else None, "中途报到" if at == 0 else None]
                for at, person in enumerate(people)]  # fmt: skip
        assert written(case, district.owner, *rows) == {"added": 30}
        made = {each.person_id: each for each in declared_together(case)}
        assert len(made) == 31
        first, second = made[people[0].pk], made[people[1].pk]
        assert (first.amount, first.note, second.amount, second.note) == (Decimal("6.5"), "中途报到", Decimal(8), "")
        assert {each.state for each in made.values()} == {"draft"}
        files = Attachment.objects.filter(case_id=second.pk)
        assert {file.material for file in files} == {"notice", "consent", "proof"}
        assert {file.file.name for file in files} == set(
            Attachment.objects.filter(case_id=case.pk).values_list("file", flat=True)
        )
        assert [event.name for event in history(second)] == [*["file_added"] * 3, "created"]
        fire(second, "submit", actor=district.owner)

    def test_a_file_that_not_all_have_is_nobody_elses(self, district, case):
        other = person_in(district.unit, "岳行之")
        declaration_of(district.unit, other, form="conference", title="植保学术年会", amount=Decimal(8))
        person_in(district.unit, "顾若水")
        written(case, district.owner, ["顾若水"])
        new = Declaration.objects.get(person__name="顾若水")
        assert not Attachment.objects.filter(case_id=new.pk).exists()

    def test_a_second_confirmation_writes_nothing_more(self, district, case):
        person_in(district.unit, "岳行之")
        batch = stage(PEOPLE_IMPORT, application=case, file=workbook(["岳行之"]), name="人.xlsx", actor=district.owner)
        for _ in range(2):
            confirmed(PEOPLE_IMPORT, batch=batch, application=case, actor=district.owner)
        assert Declaration.objects.count() == 2

    def test_who_was_added_by_a_colleague_meanwhile_gets_no_file_twice(self, district, case):
        person = person_in(district.unit, "岳行之")
        added = [add_to(case=case, people=[person], parts={}, actor=district.owner) for _ in range(2)]
        assert added == [1, 0]
        made = Declaration.objects.get(person=person)
        assert Attachment.objects.filter(case_id=made.pk).count() == 3

    def test_a_draft_that_was_submitted_meanwhile_takes_nobody_more(self, district, case):
        person_in(district.unit, "岳行之")
        batch = stage(PEOPLE_IMPORT, application=case, file=workbook(["岳行之"]), name="人.xlsx", actor=district.owner)
        fire(case, "submit", actor=district.owner)
        with pytest.raises(NotPossible, match="待审核"):
            confirmed(PEOPLE_IMPORT, batch=batch, application=case, actor=district.owner)
        assert Declaration.objects.count() == 1


class TestReading:
    def outcomes(self, case, *rows):
        read = read_file(PEOPLE_IMPORT, workbook(*rows), case)
        return [(row.outcome, [problem.what for problem in row.problems]) for row in read.rows]

    def test_by_name_by_id_and_what_is_there_already(self, district, case):
        one = person_in(district.unit, "岳行之")
        namesakes = [person_in(district.unit, "顾若水") for _ in range(2)]
        assert self.outcomes(
            case, ["岳 行之"], ["顾若水", namesakes[1].id_number, "7.5学时"], [case.person.name, None, 9], [one.name]
        ) == [("new", []), ("new", []), ("present", []), ("wrong", ["与第 2 行是同一人"])]

    @pytest.mark.parametrize(
        ("row", "says"),
        [
            (["查无此人"], "不是本单位在册人员的姓名"),
            (["顾若水"], "本单位有 2 人叫这个姓名"),
            (["岳行之", "999999199001010000"], "本单位没有这个证件号码的人员"),
            (["岳行之", None, "八小时"], "学时（学分）应是大于 0 的数"),
            (["岳行之", None, -3], "学时（学分）应是大于 0 的数"),
            (["岳行之", None, "NaN"], "学时（学分）应是大于 0 的数"),
            (["岳行之", None, 4.25], "最多一位小数"),
            (["岳行之", None, None, "长" * 501], "其他说明有 501 字，最多 500 字"),
        ],
    )
    def test_what_is_wrong_with_a_row(self, district, case, row, says):
        person_in(district.unit, "岳行之")
        for _ in range(2):
            person_in(district.unit, "顾若水")
        ((outcome, messages),) = self.outcomes(case, row)
        assert outcome == "wrong"
        assert says in messages[0]

    def test_a_name_that_is_not_the_numbers(self, district, case):
        one, other = person_in(district.unit, "岳行之"), person_in(district.unit, "顾若水")
        assert self.outcomes(case, [one.name, other.id_number]) == [("wrong", ["姓名与证件号码不一致"])]

    def test_people_of_others_are_nobody_by_name_or_number(self, district, case):
        stranger = person_in(district.neighbour_unit, "孟归鸿")
        assert self.outcomes(case, [stranger.name, stranger.id_number], [stranger.name]) == [
            ("wrong", ["本单位没有这个证件号码的人员"]),
            ("wrong", ["不是本单位在册人员的姓名"]),
        ]

    def test_who_was_away_or_has_it_already_is_named_with_the_reason(self, district, case):
        away, done = person_in(district.unit, "岳行之"), person_in(district.unit, "顾若水")
        leave_of(district, "approved", person=away, starts_on=case.date_from, ends_on=case.date_to)
        declaration_of(district.unit, done, form="conference", title="植保学术年会", state="accepted")
        (first, second) = self.outcomes(case, [away.name], [done.name])
        assert "长期离岗" in first[1][0]
        assert "已有同一项目的申报" in second[1][0]

    def test_as_many_queries_for_30_as_for_3(self, district, case):
        counts = []
        for number in (3, 30):
            rows = [[person_in(district.unit).name, None] for _ in range(number)]
            with statements() as queries:
                read_file(PEOPLE_IMPORT, workbook(*rows), case)
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestPages:
    def test_wrong_rows_come_back_in_the_users_own_file(self, district, case):
        person_in(district.unit, "岳行之")
        clerk, at = browser(district.owner), reverse("declarations:people_import", args=[case.pk])
        assert at in clerk.get(case.get_absolute_url()).content.decode()
        file = SimpleUploadedFile("名单.xlsx", workbook(["岳行之"], ["查无此人"]).read())
        page = clerk.post(at, {"file": file}, follow=True)
        html = page.content.decode()
        assert "不是本单位在册人员的姓名" in html
        assert "建立 1 件草稿" in html
        token = page.request["PATH_INFO"]
        assert clerk.post(token, {"do": "confirm"}).status_code == 302
        book = load_workbook(BytesIO(clerk.get(f"{token}wrong.xlsx").content))
        texts = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
        assert any("查无此人" in text for text in texts)
        assert not any("岳行之" in text for text in texts)
        assert Declaration.objects.count() == 2

    def test_the_template_names_the_columns(self, district):
        answer = browser(district.owner).get(reverse("declarations:people_template"))
        book = load_workbook(BytesIO(answer.content))
        texts = {str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row}
        assert any("姓名" in text for text in texts)
