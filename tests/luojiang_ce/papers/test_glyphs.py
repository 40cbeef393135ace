"""A character outside the fonts is told before number and seal, and never printed as a box (field case 16)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from luojiang_ce.jobs.services import run, sweep
from luojiang_ce.papers import issuing
from luojiang_ce.papers.form_pdf import form_printable
from luojiang_ce.papers.glyphs import ANY, FontsSilent, refusals, undrawable, with_blanks
from luojiang_ce.papers.models import NumberSeries, Paper, SealUse
from luojiang_ce.papers.rendering import render
from luojiang_ce.papers.services import request_paper, request_papers, retry
from luojiang_ce.workflow.engine import Refused, fire
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.papers.reading import missing_glyphs, text_of
from tests.luojiang_ce.papers.samples import ROSTER, boxes, roster_row
from tests.training.attendance.photographs.printed import pages_for
from tests.training.classes.factories import an_application
from tests.verification.batches.samples import a_batch, a_seal, staff
from training.classes.models import ClassApplication
from units.models import Person, Unit
from verification.batches.models import Batch

RARE = ("王\U0002e9f5样", "王\U00023236样")  # Extension F and B: no font that Debian has draws them
SHIPPED = "欧阳𬭎䶮㛃·阿依古丽〔〕Ⅰ①（）“”—…℃"


@pytest.mark.parametrize("name", RARE)
def test_what_no_font_draws_is_found_and_said_with_what_to_do(name: str) -> None:
    assert undrawable(f"{name}和{name}") == [name[1]]
    (said,) = refusals([name, "温知故", name])
    for part in (name, f"U+{ord(name[1]):04X}", "还没有编号、用印", "安装收有此字的字体", "留空"):
        assert part in said


def test_what_the_fonts_draw_is_let_pass() -> None:
    assert undrawable(SHIPPED) == []
    assert undrawable("禰\U000e0100葛\ufe00") == []  # variation selectors choose a form, they are no characters
    assert with_blanks(SHIPPED) == SHIPPED


def test_without_fontconfig_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luojiang_ce.papers.glyphs.shutil.which", lambda name: None)
    assert undrawable(RARE[0]) == []


@pytest.fixture
def silent_fonts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """fc-list is there and does not answer."""
    command = tmp_path / "fc-list"
    command.write_text("#!/bin/sh\nexec sleep 30\n")
    command.chmod(0o755)
    monkeypatch.setattr("luojiang_ce.papers.glyphs.PATIENCE", 0.2)
    monkeypatch.setattr("luojiang_ce.papers.glyphs.shutil.which", lambda name: str(command))


@pytest.fixture
def broken_fonts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """fc-list cannot be started."""
    command = tmp_path / "fc-list"
    command.write_text("no program")
    monkeypatch.setattr("luojiang_ce.papers.glyphs.shutil.which", lambda name: str(command))


@pytest.mark.django_db
@pytest.mark.parametrize("fonts", ["silent_fonts", "broken_fonts"])
def test_fonts_that_do_not_answer_are_a_refusal_that_says_what_to_do(
    fonts: str, district: District, request: pytest.FixtureRequest
) -> None:
    batch, seal = stamping(district, RARE[0]), a_seal(district.bureau)
    request.getfixturevalue(fonts)
    client = Client()
    client.force_login(district.keeper, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("workflow:act", args=["verification_batches.batch", batch.pk, "stamp"])
    assert client.get(address).status_code == 200
    answer = client.post(address, {"seal": seal.pk})
    assert answer.status_code == 422
    for part in ("查不出本机字体", "U+2E9F5", "还没有编号、用印", "过几分钟再办", "系统管理员"):
        assert part in answer.content.decode()
    assert not Paper.objects.exists()
    assert not SealUse.objects.exists()
    batch.refresh_from_db()
    assert batch.state == "decided"
    assert with_blanks(RARE[0]) == RARE[0]


@pytest.mark.parametrize("name", RARE)
def test_a_printed_sheet_leaves_room_to_write_by_hand(name: str) -> None:
    sheet = replace(pages_for([name], unit="青麓")[0], by_hand=ANY)
    content = render(sheet).content
    text = text_of(content)
    assert "王样" in text.replace("\u3000", "")
    assert missing_glyphs(content, "王样") == set()
    assert name[1] not in text


def stamping(district: District, name: str) -> Batch:
    people = staff(district.unit, 2)
    Person.objects.filter(pk=people[0].pk).update(name=name)
    batch = a_batch(district, "decided", people=people)
    batch.records.update(state="verified")
    return batch


@pytest.mark.django_db
@pytest.mark.parametrize("name", RARE)
def test_whoever_stamps_is_told_before_number_and_seal(district: District, name: str) -> None:
    batch, seal = stamping(district, name), a_seal(district.bureau)
    with pytest.raises(Refused, match=f"U\\+{ord(name[1]):04X}"):
        fire(batch, "stamp", actor=district.keeper, data={"seal": seal})
    client = Client()
    client.force_login(district.keeper, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("workflow:act", args=["verification_batches.batch", batch.pk, "stamp"])
    assert "印不出的字留空，盖章后手写" in client.get(address).content.decode()
    answer = client.post(address, {"seal": seal.pk})
    assert answer.status_code == 422
    assert f"“{name}”中的“{name[1]}”" in answer.content.decode()
    assert not Paper.objects.exists()
    assert not SealUse.objects.exists()
    assert not NumberSeries.objects.filter(series__startswith="verification").exists()


@pytest.mark.django_db
def test_with_leave_the_place_is_left_blank_and_the_paper_issued(district: District) -> None:
    batch, seal = stamping(district, RARE[0]), a_seal(district.bureau)
    client = Client()
    client.force_login(district.keeper, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("workflow:act", args=["verification_batches.batch", batch.pk, "stamp"])
    assert client.post(address, {"seal": seal.pk, "by_hand": RARE[0][1]}).status_code == 302
    sweep()
    assert set(Paper.objects.values_list("state", flat=True)) == {"issued"}
    for paper in Paper.objects.all():
        with paper.file.open() as file:
            content = file.read()
        assert RARE[0][1] not in text_of(content)
    assert SealUse.objects.count() == 3


@pytest.mark.django_db
def test_of_two_characters_only_the_one_that_was_told_is_left(district: District) -> None:
    batch, seal = stamping(district, RARE[0]), a_seal(district.bureau)
    other = batch.records.exclude(person__name=RARE[0]).get()
    Person.objects.filter(pk=other.person_id).update(name=RARE[1])
    client = Client()
    client.force_login(district.keeper, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("workflow:act", args=["verification_batches.batch", batch.pk, "stamp"])
    asked = client.get(address).content.decode()
    assert all(f"（U+{ord(name[1]):04X}）留空" in asked for name in RARE)
    answer = client.post(address, {"seal": seal.pk, "by_hand": RARE[0][1]})
    assert answer.status_code == 422
    assert f"“{RARE[1]}”中的“{RARE[1][1]}”" in answer.content.decode()
    assert not Paper.objects.exists()
    assert client.post(address, {"seal": seal.pk, "by_hand": [name[1] for name in RARE]}).status_code == 302
    assert set(Paper.objects.values_list("by_hand", flat=True)) == {RARE[0][1] + RARE[1][1]}


@pytest.mark.django_db
def test_what_was_not_told_is_found_by_the_worker(district: District) -> None:
    """Leave for one character of a name is none for another in a place."""
    tried_in_vain(district, by_hand=RARE[1][1])


@pytest.mark.django_db
def test_where_nobody_is_asked_whatever_is_missing_is_left(district: District) -> None:
    Unit.objects.filter(pk=district.unit.pk).update(name=PLACE)
    seal = a_seal(district.bureau)
    paper = request_paper("sample.letter", district.unit, actor=district.handler, seal=seal, by_hand=ANY)
    sweep()
    paper.refresh_from_db()
    assert paper.state == "issued"


@pytest.mark.django_db
def test_nobody_else_is_asked(district: District) -> None:
    batch = stamping(district, "温知故")
    client = Client()
    client.force_login(district.keeper, backend="django.contrib.auth.backends.ModelBackend")
    a_seal(district.bureau)
    address = reverse("workflow:act", args=["verification_batches.batch", batch.pk, "stamp"])
    assert "留空" not in client.get(address).content.decode()


PLACE = "洛江区\U0002e9f5农业中心"


def tried_in_vain(district: District, by_hand: str = "") -> Paper:
    """A paper whose text, of which no act has asked, holds such a character; the worker has given it up."""
    Unit.objects.filter(pk=district.unit.pk).update(name=PLACE)
    seal = a_seal(district.bureau)
    paper = request_paper("sample.letter", district.unit, actor=district.handler, seal=seal, by_hand=by_hand)
    for _ in range(3):
        run(paper.job_id)
    paper.refresh_from_db()
    assert paper.state == "failed"
    assert not paper.file
    assert not SealUse.objects.exists()
    return paper


@pytest.mark.django_db
def test_what_no_act_has_asked_about_is_found_before_the_number(district: District) -> None:
    paper = tried_in_vain(district)
    assert paper.number is None
    assert not NumberSeries.objects.exists()
    for part in (PLACE, "U+2E9F5", "还没有编号、用印", "安装收有此字的字体", "重新生成"):
        assert part in paper.job.message


@pytest.mark.django_db
def test_mended_and_tried_again_it_gets_the_first_number(district: District) -> None:
    paper = tried_in_vain(district)
    Unit.objects.filter(pk=district.unit.pk).update(name="洛江区农业中心")  # as it is registered
    retry(paper, actor=district.handler)
    sweep()
    paper.refresh_from_db()
    assert paper.state == "issued"
    assert paper.number.endswith("1号")


@pytest.mark.django_db
def test_a_box_that_the_fonts_did_not_own_up_to_is_not_issued(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fonts are said to have it, and the page that is laid out shows that they have not."""
    monkeypatch.setattr("luojiang_ce.papers.glyphs._is_drawn", lambda character: True)
    tried_in_vain(district)


@pytest.mark.django_db
def test_fonts_that_are_silent_once_are_not_asked_again_for_each_paper(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question takes ten seconds, and a lease has six hundred."""
    people = [person_in(district.unit, name) for name in ("安知夏", "陈清和", "温知故")]
    papers = request_papers("sample.page", district.unit, actor=district.handler, subjects=people)
    asked: list[str] = []
    alive: list[int] = []

    def silent(html: str) -> list[str]:
        asked.append(html)
        raise FontsSilent("现在查不出本机字体")

    monkeypatch.setattr(issuing, "refusals_of_sheet", silent)
    left = issuing.Left()
    ids = [paper.pk for paper in papers]
    built = issuing._built(ids)
    assert issuing._drawable(ids, built, left, alive=lambda: alive.append(1)) == []
    assert (len(asked), left.broken, left.why) == (1, ids, ["现在查不出本机字体"])
    monkeypatch.setattr(issuing, "refusals_of_sheet", lambda html: [])
    assert issuing._drawable(ids, built, issuing.Left(), alive=lambda: alive.append(1)) == ids
    assert len(alive) == len(ids)


def test_a_long_list_is_asked_about_part_by_part() -> None:
    rows = [{**roster_row(n), "department": f"{PLACE}" if n == 450 else "农技推广股"} for n in range(500)]
    sheet = form_printable(ROSTER, rows, head={"unit": "洛江区青麓农业技术推广中心"}, boxes=boxes())
    parts = list(sheet.in_parts())
    assert [part.count('id="row-') for part in parts] == [200, 200, 100]
    assert ["区人社局验证意见</" in part for part in parts] == [False, False, True]
    (said,) = issuing._undrawable(sheet)
    assert "U+2E9F5" in said


REFUSED = ["training_classes.classapplication", "refuse"]


@pytest.mark.django_db
def test_what_is_typed_in_the_act_is_looked_at_too(district: District) -> None:
    case = an_application(district.unit, ClassApplication.State.CHECKED)
    client = Client()
    client.force_login(district.approver, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("workflow:act", args=[REFUSED[0], case.pk, REFUSED[1]])
    assert "留空" not in client.get(address).content.decode()
    typed = {"note": f"授课教师{RARE[0]}没有师资简历"}
    answer = client.post(address, typed)
    assert answer.status_code == 422
    said = answer.content.decode()
    for part in ("理由", "“\U0002e9f5”（U+2E9F5）本机字体印不出来", "印不出的字留空", typed["note"]):
        assert part in said
    assert not Paper.objects.exists()
    assert not NumberSeries.objects.filter(series="class_refusal").exists()
    assert client.post(address, typed | {"by_hand": RARE[0][1]}).status_code == 302
    sweep()
    with Paper.objects.get().file.open() as file:
        assert "授课教师王" in text_of(file.read())


@pytest.mark.django_db
def test_what_is_typed_and_not_printed_stands_in_nobodys_way(district: District) -> None:
    case = an_application(district.unit, ClassApplication.State.CHECKED)
    client = Client()
    client.force_login(district.approver, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("workflow:act", args=[REFUSED[0], case.pk, "approve"])
    assert client.post(address, {"note": f"与{RARE[0]}核对过"}).status_code == 302
    assert Paper.objects.get().by_hand == ""


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["title", "place", "unit"])
def test_a_class_whose_title_place_or_unit_cannot_be_printed_is_told_at_the_approval(
    where: str, district: District
) -> None:
    case = an_application(district.unit, ClassApplication.State.CHECKED)
    if where == "unit":
        Unit.objects.filter(pk=case.unit_id).update(name=PLACE)
    else:
        ClassApplication.objects.filter(pk=case.pk).update(**{where: PLACE})
    case = ClassApplication.objects.get(pk=case.pk)
    with pytest.raises(Refused, match="U\\+2E9F5"):
        fire(case, "approve", actor=district.approver)
    client = Client()
    client.force_login(district.approver, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("workflow:act", args=[REFUSED[0], case.pk, "approve"])
    answer = client.post(address, {"note": ""})
    assert answer.status_code == 422
    assert "中的“\U0002e9f5”（U+2E9F5）本机字体印不出来" in answer.content.decode()
    assert not Paper.objects.exists()
    assert not NumberSeries.objects.filter(series="opening_notice").exists()
