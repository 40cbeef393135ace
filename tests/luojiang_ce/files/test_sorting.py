"""Files of several kinds chosen together: each is put where its name says, is told where, and can be put elsewhere."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from luojiang_ce.files.materials import Material, MaterialRow
from luojiang_ce.files.models import Attachment
from luojiang_ce.files.services import attach, move
from luojiang_ce.files.sorting import place_of
from luojiang_ce.home.templatetags.home import that_take
from luojiang_ce.refusals import NotPossible
from luojiang_ce.uploads.places import PHOTOGRAPH
from luojiang_ce.workflow.events import history
from tests.conftest import District
from tests.documents import PDF
from tests.luojiang_ce.home.test_many import said
from tests.training.plans.factories import a_plan
from tests.training.recognition.cases import a_recognition
from tests.units.views.helpers import browser
from tests.verification.declarations.cases import declaration_of
from training.recognition.materials import courseware_code, materials_of
from training.recognition.models import Recognition
from verification.declarations.materials import materials

pytestmark = pytest.mark.django_db


def code_for(recognition: Recognition, name: str) -> str:
    return place_of(name, materials_of(recognition))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("签到表11月30日.pdf", "sheets"),
        ("签退.jpg", "sheets"),
        ("2026年培训通知.pdf", "notice"),
        ("关于举办培训班的通知.docx", "notice"),
        ("花名册（盖章）.pdf", "roster"),
        ("学员名单.xlsx", "roster"),
        ("现场照片1.jpg", "photos"),
        ("IMG_20261130_0915.JPG", "photos"),
        ("微信图片_20261130.jpg", "photos"),
        ("考试成绩.pdf", "exam"),
        ("扫描件.pdf", "other"),
        ("新建文档.docx", "other"),
        ("情况说明.pdf", "other"),
    ],
)
def test_the_name_says_where_it_belongs(district: District, name: str, code: str) -> None:
    assert code_for(a_recognition(district, "draft"), name) == code


def test_courseware_goes_to_the_course_that_it_names(district: District) -> None:
    recognition = a_recognition(district, "draft")
    courses = [each for each in materials_of(recognition) if each.code.startswith("courseware")]
    for each in courses:
        course = each.title.partition("：")[2]
        assert code_for(recognition, f"{course}.pptx") == each.code == courseware_code(course)
        assert code_for(recognition, f"课件-{course}（终稿）.pdf") == each.code
    alone = code_for(recognition, "课件.pptx")
    assert alone == (courses[0].code if len(courses) == 1 else "other"), "of two alike none is guessed"


def test_evidence_of_a_conference(district: District) -> None:
    asked = materials(declaration_of(district.unit, form="conference", paid=True))
    names = {"邀请函.pdf": "notice", "单位同意报名表.pdf": "consent", "学时证明.jpg": "proof", "发票.pdf": "voucher"}
    assert {name: place_of(name, asked) for name in names} == names
    assert place_of("abc.pdf", asked) == "other"


def chosen(*names: str) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, PDF + name.encode()) for name in names]


def test_files_chosen_together_are_sorted_and_moved(district: District) -> None:
    recognition, client = a_recognition(district, "draft"), browser(district.owner)
    page = client.get(recognition.get_absolute_url()).content.decode()
    url = reverse("files:sort", args=["training_recognition.recognition", recognition.pk])
    assert f'action="{url}"' in page
    names = ("签到表.pdf", "报名通知.pdf", "花名册.pdf")
    answer = client.post(url, {"files": [*chosen(*names), SimpleUploadedFile("坏.exe", b"MZ")]})
    assert answer.headers["Location"] == recognition.get_absolute_url()
    kept = dict(Attachment.objects.of(recognition).values_list("name", "material"))
    assert kept == {"签到表.pdf": "sheets", "报名通知.pdf": "notice", "花名册.pdf": "roster"}
    told = said(client)
    assert "已上传：签到表.pdf，归入“签到表（签字扫描件）”" in told
    assert "“坏.exe”不是可以接收的文件" in told

    file = Attachment.objects.get(name="签到表.pdf")
    move = reverse("files:move", args=[file.uid])
    assert move in client.get(recognition.get_absolute_url()).content.decode()
    client.post(move, {"material": "exam"})
    file.refresh_from_db()
    assert (file.material, history(recognition).first().name) == ("exam", "file_moved")
    assert "已把“签到表.pdf”归入“考核成绩单”" in said(client)
    for wrong in ("nothing", ""):
        assert client.post(move, {"material": wrong}).status_code == 404
    assert browser(district.neighbour).post(move, {"material": "other"}).status_code == 404
    assert browser(district.neighbour).post(url, {"files": chosen("通知.pdf")}).status_code == 404


def test_a_material_that_takes_no_such_file_is_neither_offered_nor_taken(district: District) -> None:
    recognition = a_recognition(district, "draft")
    file = attach(
        case=recognition, material="notice", upload=chosen("通知.pdf")[0], actor=district.owner, may_change=_may
    )
    photographs, papers = Material("photographs", "照片", takes=PHOTOGRAPH), Material("papers", "文件")
    rows = [MaterialRow(each, required=False, files=[]) for each in (photographs, papers)]
    assert [row.material.code for row in that_take(rows, file)] == ["papers"]
    with pytest.raises(NotPossible, match="没有移动：“照片”"):
        move(attachment=file, case=recognition, material=photographs, actor=district.owner, may_change=_may)
    file.refresh_from_db()
    assert file.material == "notice"


def _may(*_: object) -> bool:
    return True


def test_the_same_file_is_not_there_twice(district: District) -> None:
    recognition, client = a_recognition(district, "draft"), browser(district.owner)
    for material in ("exam", "other"):
        to = reverse("files:upload", args=["training_recognition.recognition", recognition.pk, material])
        client.post(to, {"files": chosen("成绩.pdf")})
    file = Attachment.objects.get(material="other")
    client.post(reverse("files:move", args=[file.uid]), {"material": "exam"})
    assert "那里已有同一个文件" in said(client)
    file.refresh_from_db()
    assert file.material == "other"


def test_what_says_nothing_goes_nowhere_where_there_is_no_place_for_it(district: District) -> None:
    plan, client = a_plan(district.unit), browser(district.owner)
    url = reverse("files:sort", args=["training_plans.plan", plan.pk])
    client.post(url, {"files": chosen("2026年度培训方案.pdf", "abc.pdf")})
    assert [file.material for file in Attachment.objects.of(plan)] == ["scheme"]
    assert "“abc.pdf”从文件名看不出是哪一种材料" in said(client)
    client.post(url, {})
    assert "还没有选择文件" in said(client)
