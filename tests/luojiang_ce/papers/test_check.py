"""The public check: no account, the verdict first, nothing that is not printed on the paper (product.md V11)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from luojiang_ce.papers import guessing
from luojiang_ce.papers.codes import new_code, normalise, plain
from luojiang_ce.papers.forms import CodeForm
from luojiang_ce.papers.issuing import reserve
from luojiang_ce.papers.leaves import revoked_papers
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.services import request_paper, revoke_papers
from tests.factories import id_number, person_in
from tests.luojiang_ce.papers.samples import SEAL_NAME, issued_letter, issued_page, made

CHECK = reverse("papers:check")


@pytest.fixture
def number() -> str:
    return id_number()


@pytest.fixture
def page(district, number) -> Paper:
    return issued_page(district, person_in(district.unit, "欧阳温知故", number=number))


def see(client, paper_or_code) -> str:
    code = getattr(paper_or_code, "code", paper_or_code)
    return client.get(reverse("papers:check_code", args=[code])).content.decode()


def upload(client, address, content: bytes, name: str = "文书.pdf"):
    return client.post(address, {"file": SimpleUploadedFile(name, content, "application/pdf")})


def stored(paper: Paper) -> bytes:
    with paper.file.open() as file:
        return file.read()


@pytest.mark.django_db
def test_a_valid_paper_says_so_first_and_shows_what_it_says(client, page):
    response = client.get(reverse("papers:check_code", args=[page.code]))
    text = response.content.decode()
    assert response.status_code == 200
    assert text.index("有效") < text.index(page.number)
    for part in (
        page.title,
        page.number,
        "94.5（专业 64.5）",
        "2025 年度" if page.year == 2026 else "年度",
        page.code,
        SEAL_NAME,
    ):
        assert part in text
    assert "请逐项与手上的文书对照" in text
    assert "一致" not in text  # nothing was compared
    assert "样章" in text


@pytest.mark.django_db
def test_names_are_masked_and_id_numbers_never_shown(client, page, number):
    text = see(client, page)
    assert "欧***故" in text
    assert "欧阳温知故" not in text
    assert number not in text
    assert number[-4:] not in text


@pytest.mark.django_db
def test_a_revoked_paper_says_so_and_names_its_successor(client, district, seal):
    old = issued_letter(district)
    revoke_papers([old], actor=district.approver, reason="课程表被更正")
    assert "已撤销，不能使用" in see(client, old)
    assert "撤销：课程表被更正" in see(client, old)
    new = made(request_paper("sample.letter", district.unit, actor=district.keeper, seal=seal))
    text = see(client, old)
    assert f"已被 {new.number} 替代，不能使用" in text
    assert f"起以 {new.number} 为准：课程表被更正" in text
    assert "现在有效" not in text
    assert "文书已撤销，不再显示印章" in text
    assert "印章已作废" not in text
    assert reverse("papers:check_code", args=[new.code]) in text
    assert "有效" in see(client, new)


@pytest.mark.django_db
def test_only_a_paper_in_force_takes_the_place_of_another(client, district, seal):
    def again() -> Paper:
        return request_paper("sample.letter", district.unit, actor=district.keeper, seal=seal)

    def withdrawn(paper: Paper) -> Paper:
        revoke_papers([paper], actor=district.approver, reason="课程表被更正")
        return Paper.objects.get(pk=paper.pk)

    def named() -> dict[str, str]:
        return {each.code: each.replaced_by for each in revoked_papers()}

    first = withdrawn(issued_letter(district))
    second = again()
    reserve([second.pk])  # it has a number, and is not made yet
    assert (first.superseded_by, first.standing, named()) == ("", "已撤销", {plain(first.code): ""})
    assert "已撤销，不能使用" in see(client, first)
    second = withdrawn(made(second))
    third = made(again())
    assert named() == {plain(first.code): third.number, plain(second.code): third.number}
    assert f"已被 {third.number} 替代，不能使用" in see(client, first)
    # Lists say what the page says, of whatever replaced it first.
    listed = dict(Paper.objects.with_successors().values_list("pk", "successor"))
    assert (listed[first.pk], listed[second.pk]) == (third.number, third.number)
    (shown,) = Paper.objects.with_successors().filter(pk=first.pk)
    assert shown.standing == Paper.objects.get(pk=first.pk).standing == f"已被 {third.number} 替代"
    withdrawn(third)
    assert set(named().values()) == {""}
    assert "已撤销，不能使用" in see(client, first)


@pytest.mark.django_db
def test_the_signed_list_asks_as_often_for_many(district, seal, django_assert_num_queries):
    for name in ("温知故", "林䶮", "王小明"):
        revoke_papers([issued_page(district, person_in(district.unit, name))], actor=district.approver, reason="重做")
        with django_assert_num_queries(1):
            list(revoked_papers())


@pytest.mark.django_db
def test_what_is_still_being_made_does_not_exist_for_the_public(client, district):
    paper = request_paper("sample.letter", district.unit, actor=district.handler)
    assert client.get(reverse("papers:check_code", args=[paper.code])).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["7K3Q-WD82-MX4P", "x", "核验码", "7K3Q-WD82-MX4PP", "a\x00b", "%", "7" * 300])
def test_an_unknown_code_is_a_friendly_404_with_what_to_do(client, code):
    response = client.get(reverse("papers:check_code", args=[code]))
    assert response.status_code == 404
    text = response.content.decode()
    assert "查无此件" in text
    assert "扫文书上的二维码" in text


@pytest.mark.django_db
def test_a_typed_code_leads_to_the_paper_however_it_is_typed(client, page):
    for typed in (page.code, page.code.lower(), page.code.replace("-", ""), f" {page.code.replace('-', ' ')} "):
        response = client.get(CHECK, {"code": typed})
        assert response.headers["Location"] == reverse("papers:check_code", args=[page.code])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "请输入文书下方"),
        ("123", "核验码应为 12 位数字和字母（没有字母 I、L、O、U）"),
        ("U" * 50, "核验码"),
    ],
)
def test_what_cannot_be_a_code_is_said_beside_what_was_typed(client, typed, said):
    response = client.get(CHECK, {"code": typed})
    assert response.status_code == 422
    assert said in response.content.decode()


def test_the_code_that_is_shown_as_an_example_could_be_one():
    (example,) = re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}", CodeForm.base_fields["code"].error_messages["required"])
    assert normalise(example) == example
    assert not set(example) & set("ILOU")


@pytest.mark.django_db
def test_the_issued_file_is_recognised_and_a_changed_one_is_not(client, page):
    address = reverse("papers:check_code", args=[page.code])
    content = stored(page)
    assert "指纹一致" in upload(client, address, content).content.decode()
    assert "指纹不一致" in upload(client, address, content + b" ").content.decode()


@pytest.mark.django_db
def test_a_file_finds_its_paper_without_a_code(client, page):
    response = upload(client, CHECK, stored(page))
    assert response.headers["Location"] == reverse("papers:check_code", args=[page.code])
    assert "指纹一致：" in client.get(response.headers["Location"]).content.decode()
    assert "不是本系统签发的文件" in upload(client, CHECK, b"%PDF-1.7 something else").content.decode()


@pytest.mark.django_db
def test_a_revoked_paper_s_own_file_is_no_reason_to_trust_it(client, district):
    paper = issued_letter(district)
    revoke_papers([paper], actor=district.approver, reason="课程表被更正")
    text = upload(client, reverse("papers:check_code", args=[paper.code]), stored(paper)).content.decode()
    assert text.index("已撤销，不能使用") < text.index("指纹一致")
    assert "已经撤销，不能使用" in text


@pytest.mark.django_db
def test_a_missing_empty_or_huge_file_is_refused_with_words(client, page, settings):
    settings.UPLOAD_LIMIT_BYTES = 1024 * 1024
    for address in (CHECK, reverse("papers:check_code", args=[page.code])):
        assert "请先选择" in client.post(address).content.decode()
        assert "是空的" in upload(client, address, b"").content.decode()
        response = upload(client, address, b"x" * (1024 * 1024 + 1))
        assert response.status_code == 422
        assert "超过 1 MB" in response.content.decode()


@pytest.mark.django_db
def test_a_compared_file_is_not_kept(client, page, settings):
    before = sorted(settings.MEDIA_ROOT.rglob("*"))
    upload(client, reverse("papers:check_code", args=[page.code]), b"x" * 3_000_000)
    assert sorted(settings.MEDIA_ROOT.rglob("*")) == before


@pytest.mark.django_db
def test_guessing_is_answered_curtly_but_nobody_is_locked_out(client, page):
    for _ in range(guessing.MISSES):
        assert client.get(reverse("papers:check_code", args=[new_code()])).status_code == 404
    limited = client.get(reverse("papers:check_code", args=[new_code()]))
    assert limited.status_code == 429
    assert "短时间内输入了很多不存在的核验码" in limited.content.decode()
    assert "有效" in see(client, page)
    other = client.get(reverse("papers:check_code", args=[new_code()]), REMOTE_ADDR="203.0.113.9")
    assert other.status_code == 404


@pytest.mark.django_db
def test_the_check_is_neither_cached_nor_indexed(client, page):
    response = client.get(reverse("papers:check_code", args=[page.code]))
    assert "no-store" in response.headers["Cache-Control"]
    assert "noindex" in response.content.decode()


@pytest.mark.django_db
def test_the_qr_code_holds_the_address_of_the_check(page):
    from luojiang_ce.papers.content import check_of, qr_svg

    assert check_of(page).url == f"https://jxjy.luojiang.example/check/{page.code}/"
    assert check_of(page).qr == qr_svg(check_of(page).url)
    assert check_of(page).qr != qr_svg("https://jxjy.luojiang.example/")


@pytest.mark.django_db
def test_the_public_page_makes_few_queries(client, page, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        see(client, page)
