"""A seal's picture: what may be uploaded, who, what papers bear from then on, and that issued ones never change."""

from __future__ import annotations

import io
import struct
import zlib
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageDraw, PngImagePlugin

from luojiang_ce import clock
from luojiang_ce.notices.models import Notice
from luojiang_ce.papers import issuing
from luojiang_ce.papers.models import Paper, Seal, SealPicture, SealUse
from luojiang_ce.papers.pictures import KEPT_PX, LIMIT_BYTES, Drawn, drawn
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.models import Event, EventNote
from tests.conftest import District
from tests.factories import account_with
from tests.luojiang_ce.papers.samples import issued_letter, register_samples
from tests.queries import statements
from tests.verification.batches.samples import a_seal
from units.forms.seals import PictureForm
from units.services.seals import approve_seal, end_picture, register_seal, set_picture

pytestmark = [pytest.mark.django_db, pytest.mark.notice("一(一)")]
RED = (200, 16, 46, 255)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def ring(size: int = 600, *, margin: int = 0, colour: tuple[int, ...] = RED, ground: Any = (0, 0, 0, 0)) -> Image.Image:
    """A round seal, as a scanner gives it after its ground was taken away."""
    image = Image.new("RGBA", (size, size), ground)
    box = (margin, margin, size - 1 - margin, size - 1 - margin)
    ImageDraw.Draw(image).ellipse(box, outline=colour, width=size // 20)
    return image


def png(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def upload(content: bytes, name: str = "印章.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


def as_kept(content: bytes) -> Drawn:
    return drawn(io.BytesIO(content), len(content))


def bears(seal: Seal, picture: Image.Image, district: District) -> None:
    """The seal has this picture, and somebody approved of it."""
    set_picture(seal=seal, picture=as_kept(png(picture)), actor=district.handler)
    approve_seal(seal=seal, actor=district.approver)


def sent(client: Client, seal: Seal, content: bytes | None) -> Any:
    data = {} if content is None else {"picture": upload(content)}
    return client.post(reverse("seals:new_picture", args=[seal.pk]), data)


def bomb(side: int = 30000) -> bytes:
    """A PNG of a few bytes that says it has 30,000 × 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def large() -> bytes:
    return png(ring()) + b"\0" * LIMIT_BYTES


def two_seals() -> bytes:
    image = Image.new("RGBA", (1200, 600), (0, 0, 0, 0))
    for left in (0, 600):
        image.paste(ring(), (left, 0))
    return png(image)


def truncated() -> bytes:
    return png(ring())[:400]


def jpeg() -> bytes:
    out = io.BytesIO()
    ring().convert("RGB").save(out, "JPEG")
    return out.getvalue()


WRONG = {
    "bomb": (bomb, "像素，边长超过 3000"),
    "smaller bomb": (lambda: bomb(7000), "7000×7000 像素，边长超过 3000"),
    "large": (large, "超过 2 MB"),
    "small": (lambda: png(ring(120)), "边长至少 300 像素"),
    "small in a wide margin": (lambda: png(ring(900, margin=400)), "边长至少 300 像素"),
    "white ground": (lambda: png(ring(ground=(255, 255, 255, 255))), "底色不透明"),
    "no alpha": (lambda: png(ring(ground=(255, 255, 255, 255)).convert("RGB")), "底色不透明"),
    "nothing": (lambda: png(Image.new("RGBA", (600, 600), (255, 0, 0, 0))), "全透明"),
    "two seals": (two_seals, "不是圆章"),
    "jpeg": (jpeg, "不是 PNG"),
    "text": (lambda: b"<svg onload=alert(1)>", "不是 PNG"),
    "truncated": (truncated, "没有传完整"),
    "empty": (lambda: b"", "空的"),
    "none": (lambda: None, "请先选择图样"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_seals_picture_is_refused_in_words_beside_its_field(
    district: District, client: Client, name: str
) -> None:
    seal = a_seal(district.bureau)
    client.force_login(district.handler)
    made, said = WRONG[name]
    page = sent(client, seal, made())  # type: ignore[operator]
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not SealPicture.objects.exists()


def test_what_is_kept_is_pixels_alone_cropped_to_the_ink() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "secret-of-the-scanner")
    text.add_itxt("XML:com.adobe.xmp", "<x>secret-of-the-scanner</x>")
    exif = Image.Exif()
    exif[0x010E] = "secret-of-the-scanner"
    frames = [ring(1500, margin=100, colour=(0, 0, 255, 255))]
    content = (
        png(ring(1500, margin=100), pnginfo=text, exif=exif, dpi=(72, 72), save_all=True, append_images=frames)
        + b"secret-of-the-scanner"
    )
    made = as_kept(content)
    assert (made.width, made.height) == (KEPT_PX, KEPT_PX)
    kept = made.content
    chunks = {kept[at : at + 4] for at in range(len(kept)) if kept[at : at + 4] in (b"tEXt", b"iTXt", b"eXIf", b"acTL")}
    assert (b"secret" in kept, chunks) == (False, set())
    image = Image.open(io.BytesIO(kept))
    assert image.mode == "RGBA"
    assert image.getpixel((400, 10)) == RED  # cropped: the ring begins at the edge
    assert image.getpixel((400, 400))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["P", "LA", "RGBA"])
def test_other_kinds_of_png_with_transparency_are_taken(mode: str) -> None:
    image = ring(400)
    if mode == "P":
        palette = image.convert("RGB").quantize(8)
        palette.info["transparency"] = palette.getpixel((200, 200))
        content = png(palette, transparency=palette.getpixel((200, 200)))
    else:
        content = png(image.convert(mode))
    kept = as_kept(content)
    assert (kept.width, kept.height) == (400, 400)


def test_a_picture_is_on_record_shown_and_told_of(district: District, client: Client) -> None:
    seal = a_seal(district.bureau)
    client.force_login(district.handler)
    assert sent(client, seal, png(ring())).status_code == 302
    event = Event.objects.get(name="seal_picture_set", case_id=seal.pk)
    assert event.actor == district.handler
    assert EventNote.objects.get(event=event).text == "600×600 像素，此前为套印图样"
    heard = Notice.objects.filter(key__startswith=f"seal-{seal.pk}").values_list("recipient", flat=True)
    assert {district.keeper.pk, district.audit_admin.pk} <= set(heard)
    text = client.get(reverse("seals:list")).content.decode()
    assert all(word in text for word in (reverse("seals:picture", args=[seal.pk]), "套印上传的图样", "更换图样"))
    again = sent(client, seal, png(ring()))
    assert (again.status_code, SealPicture.objects.count()) == (302, 1)
    client.force_login(district.audit_admin)
    assert "上传印章图样" in client.get(reverse("audit:events")).content.decode()


def test_only_who_manages_seals_gets_at_a_picture(district: District, client: Client) -> None:
    seal = a_seal(district.bureau)
    set_picture(seal=seal, picture=as_kept(png(ring())), actor=district.handler)
    address = reverse("seals:picture", args=[seal.pk])
    assert client.get(address).status_code in (302, 404)
    for account in (district.handler, district.approver, district.keeper):
        client.force_login(account)
        answer = client.get(address)
        assert Image.open(io.BytesIO(answer.getvalue())).size == (600, 600)
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", "private, no-store")
        assert answer["X-Content-Type-Options"] == "nosniff"
    strangers = (district.owner, district.audit_admin, account_with("seal_keeper", district.education))
    for account in strangers:
        client.force_login(account)
        assert client.get(address).status_code == 404
        assert sent(client, seal, png(ring())).status_code == 404
    client.force_login(district.keeper)
    assert sent(client, seal, png(ring())).status_code == 404
    client.force_login(district.audit_admin)
    assert address not in client.get(reverse("seals:list")).content.decode()


def test_an_organs_own_seal_and_one_out_of_use_have_none(district: District, client: Client) -> None:
    client.force_login(district.handler)
    office = a_seal(district.bureau, name="甲", purpose="office", provider="blank")
    over = a_seal(district.bureau, name="乙", last_day="2020-01-01")
    assert "单位公章不套印" in sent(client, office, png(ring())).content.decode()
    assert "已停用" in sent(client, over, png(ring())).content.decode()
    assert "上传图样" not in client.get(reverse("seals:list")).content.decode()


def content_of(paper: Paper) -> bytes:
    with paper.file.open() as file:
        return bytes(file.read())


def pictures_in(paper: Paper) -> list[tuple[int, bool]]:
    """Width of each picture in the file, and whether it is transparent somewhere."""
    with pikepdf.open(io.BytesIO(content_of(paper))) as pdf:
        found = [each for each in pdf.objects if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == "/Image"]
        return [(int(each.Width), "/SMask" in each) for each in found if each.get("/ColorSpace") != "/DeviceGray"]


def test_papers_bear_the_picture_from_then_on_and_issued_ones_never_change(district: District, client: Client) -> None:
    register_samples()
    first = issued_letter(district)
    seal = first.seal
    assert seal is not None
    Seal.objects.filter(pk=seal.pk).update(demo=False)
    before = (first.sha256, content_of(first))
    assert (pictures_in(first), first.picture) == ([], None)
    bears(seal, ring(500), district)
    second = issued_letter(district, variant="neighbour_unit")
    assert pictures_in(second) == [(500, True)]
    bears(seal, ring(700), district)
    third = issued_letter(district, variant="health")
    client.force_login(district.handler)
    ended = client.post(reverse("seals:end_picture", args=[seal.pk]), {"reason": "改为手工加盖"})
    assert ended.status_code == 302
    fourth = issued_letter(district, variant="education")
    assert [each.picture.file.size if each.picture else 0 for each in (second, third)] == [
        picture.file.size for picture in SealPicture.objects.order_by("pk")
    ]
    assert [pictures_in(each) for each in (third, fourth)] == [[(700, True)], []]
    first.refresh_from_db()
    assert (first.sha256, content_of(first)) == before
    second.refresh_from_db()
    assert second.picture == SealPicture.objects.order_by("pk")[0]
    page = client.get(reverse("papers:check_code", args=[second.code])).content.decode()
    assert "套印在文书上，本页不显示图样" in page
    assert "lj-seal-picture" not in page
    assert "data:image/png" not in page


def test_without_a_picture_the_place_for_the_wet_seal_stays_and_with_one_the_register_says_no_more_of_it(
    district: District,
) -> None:
    register_samples()
    seal = a_seal(district.bureau, provider=Seal.Provider.BLANK, demo=False, name="验证专用章")
    blank = issued_letter(district, seal=seal)
    bears(seal, ring(), district)
    seal.refresh_from_db()
    borne = issued_letter(district, variant="neighbour_unit", seal=seal)
    remarks = SealUse.objects.filter(paper__in=[blank, borne]).order_by("pk").values_list("remark", flat=True)
    assert list(remarks) == ["留白，待手工加盖", ""]
    assert (pictures_in(blank), pictures_in(borne)) == ([], [(600, True)])


@pytest.mark.parametrize("had", [True, False], ids=["ended", "uploaded"])
def test_the_register_tells_of_the_sheet_as_it_was_drawn(district: District, monkeypatch: Any, had: bool) -> None:
    """Between drawing and issue the picture was ended, or there is one now."""
    register_samples()
    seal = a_seal(district.bureau, provider=Seal.Provider.BLANK, demo=False, name="验证专用章")
    if had:
        bears(seal, ring(), district)
        seal.refresh_from_db()
    render = issuing.render

    def render_and_change(*args: Any) -> Any:
        rendered = render(*args)
        if had:
            end_picture(seal=seal, actor=district.handler, reason="改为手工加盖")
        else:
            set_picture(seal=seal, picture=as_kept(png(ring())), actor=district.handler)
        return rendered

    monkeypatch.setattr(issuing, "render", render_and_change)
    letter = issued_letter(district, seal=seal)
    assert pictures_in(letter) == ([(600, True)] if had else [])
    assert SealUse.objects.get(paper=letter).remark == ("" if had else "留白，待手工加盖")


@pytest.mark.parametrize("ends", [True, False])
def test_a_sheet_is_built_anew_where_its_seal_is_used_otherwise_by_then(
    district: District, monkeypatch: Any, ends: bool
) -> None:
    """Before its number the fonts are asked about the whole sheet: seals in its boxes would be those of that moment."""
    register_samples()
    seal = a_seal(district.bureau, provider=Seal.Provider.BLANK, demo=False, name="验证专用章")
    bears(seal, ring(), district)
    seal.refresh_from_db()
    reserve, printable, built = issuing.reserve, issuing.printable, []

    def reserve_later(*args: Any) -> Any:
        if ends:
            end_picture(seal=seal, actor=district.handler, reason="改为手工加盖")
        return reserve(*args)

    def told(*args: Any) -> Any:
        built.append(len(args) == 1 or args[1] is None)
        return printable(*args)

    monkeypatch.setattr(issuing, "reserve", reserve_later)
    monkeypatch.setattr(issuing, "printable", told)
    issued_letter(district, seal=seal)
    assert built == [True, ends]


@pytest.mark.parametrize("first", [True, False], ids=["first", "another"])
def test_a_picture_is_used_once_another_person_approved_of_it(district: District, client: Client, first: bool) -> None:
    """It makes a seal that is put on by hand a printed one, which is no less than another way of use."""
    register_samples()
    seal = a_seal(district.bureau, provider=Seal.Provider.BLANK, demo=False, name="验证专用章")
    if not first:
        bears(seal, ring(700), district)
    set_picture(seal=seal, picture=as_kept(png(ring())), actor=district.approver)
    seal.refresh_from_db()
    with pytest.raises(NotPossible, match="还没有经审批人批准启用"):
        issued_letter(district, seal=seal)
    with pytest.raises(NotPossible, match="由您登记或改变"):
        approve_seal(seal=seal, actor=district.approver)
    client.force_login(account_with("bureau_approver", district.bureau, name="简行舟"))
    shown = client.get(reverse("seals:seal", args=[seal.pk])).content.decode()
    assert all(each in shown for each in ("套印上传的图样", reverse("seals:picture", args=[seal.pk]), "批准启用"))
    client.post(reverse("seals:approve", args=[seal.pk]))
    seal.refresh_from_db()
    assert pictures_in(issued_letter(district, seal=seal)) == [(600, True)]


def test_who_registered_a_seal_does_not_approve_of_it_because_another_gave_it_a_picture(district: District) -> None:
    facts = {"purpose": "verification", "arc_text": "洛江区教育局", "line_text": "验证专用章", "provider": "blank"}
    sizes = {"diameter_mm": Decimal(40), "ring_mm": Decimal(1), "first_day": clock.today(), "last_day": None}
    seal = register_seal(owner=district.education, actor=district.approver, signer="", **facts, **sizes)
    set_picture(seal=seal, picture=as_kept(png(ring())), actor=district.handler)
    with pytest.raises(NotPossible, match="由您登记或改变"):
        approve_seal(seal=seal, actor=district.approver)


def test_the_list_asks_as_often_with_many_pictures(district: District, client: Client) -> None:
    client.force_login(district.handler)
    counted = []
    for number in (2, 6):
        for n in range(number):
            seal = a_seal(district.bureau, name=f"章{number}-{n}")
            set_picture(seal=seal, picture=as_kept(png(ring(300 + n))), actor=district.handler)
        client.get(reverse("seals:list"))
        with statements() as found:
            client.get(reverse("seals:list"))
        counted.append(len(found))
    assert counted[0] == counted[1]


def test_bad_picture_is_a_refusal_beside_the_field() -> None:
    form = PictureForm({}, {"picture": upload(b"x")})
    assert list(form.errors) == ["picture"]
