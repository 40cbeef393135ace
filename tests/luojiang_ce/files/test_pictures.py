"""What a picture may ask of its reader: a sound photograph is taken, one made to take hours is refused by its head."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ExifTags, Image, ImageCms

from luojiang_ce.files import apart, pictures
from luojiang_ce.files.checks import BadFile, Checked, check_upload
from luojiang_ce.files.heads import MOST_PASSES, Head, head_of, what_is_wrong
from luojiang_ce.files.pictures import PictureReader, looked_into
from tests.luojiang_ce.files.bombs import drawn_often
from tests.luojiang_ce.files.pictures import form, jpeg, photograph

JPEG, PNG = "image/jpeg", "image/png"
SMALL = (1057, 1736)  # a bomb to test with


def check(content: bytes) -> Checked:
    return check_upload("照片.jpg", io.BytesIO(content), len(content), 20 * 1024 * 1024)


def saved(image: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


@pytest.fixture
def a_moment() -> Iterator[None]:
    """Of this process' own time: the machine may have other work."""
    began = time.process_time()
    yield
    assert time.process_time() - began < 1


@pytest.mark.usefixtures("a_moment")
@pytest.mark.parametrize("passes", [100, 1000])
def test_a_picture_that_is_drawn_for_minutes_is_refused_in_a_moment(passes: int) -> None:
    bomb = drawn_often(passes)
    assert len(bomb) < 500_000
    with pytest.raises(BadFile, match=r"分层过多.*重拍"):
        check(bomb)


@pytest.mark.usefixtures("a_moment")
@pytest.mark.parametrize(
    "hidden",
    [b"", b"\xff\xff\xff", b"\xff\x02\xff\xff", b"\xff\xd0\xff\xff", b"\xff\x01\xff\xff", b"\xff\xd8", b"\xff\0" * 99],
    ids=["plain", "filled", "unknown", "restart", "no length", "begun again", "drawn"],
)
def test_passes_are_counted_whatever_stands_before_them(hidden: bytes) -> None:
    bomb = drawn_often(MOST_PASSES + 5, SMALL).replace(b"\xff\xda", hidden + b"\xff\xda")
    assert "分层过多" in what_is_wrong(bomb, JPEG)


@pytest.mark.usefixtures("a_moment")
@pytest.mark.parametrize(
    "content",
    [b"\xff" * 20_000_000, b"\xff\xe0\0\2" * 5_000_000, b"\xff\xd0" * 10_000_000, b"\xff\xda\0\2" * 5_000_000],
    ids=["filling", "parts", "restarts", "passes"],
)
def test_a_head_without_end_is_given_up(content: bytes) -> None:
    assert what_is_wrong(b"\xff\xd8" + content, JPEG)
    begun = head_of(drawn_often(1, SMALL)[:-2] + content, JPEG)
    assert begun
    assert (begun.passes > MOST_PASSES) == (content[1] in (0xE0, 0xDA)), "what stands within a pass is no part"


def test_what_stands_in_a_thumbnail_or_behind_the_end_is_not_drawn() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = b"\xff\xda\0\2" * 200
    photo = saved(photograph(1), exif=exif) + b"\xff\xda\0\2" * 200  # as of the film behind a moving picture
    assert head_of(photo, JPEG) == Head(640, 480, passes=1, held=False)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_blocks": 1}], ids=str)
def test_a_sound_picture_is_taken_however_it_was_saved(mode: str, how: dict[str, object]) -> None:
    photo = saved(photograph(1).convert(mode), **how)
    assert check(photo).content == photo


def test_what_phones_and_scanners_make_is_taken() -> None:
    phone = saved(Image.new("L", (12_000, 9_000), "grey"))  # what is called 108 megapixels
    assert check(phone).content == phone
    page = saved(Image.new("1", (4960, 7016)), "PNG")  # A4 at 600 dots an inch
    assert check(page).content == page


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            saved(Image.new("L", (8064, 6048)), progressive=True),
            "8064×6048 像素，太大了（.*最多 4000 万像素）。请用相机",
        ),
        (saved(Image.new("1", (8064, 6048)), "PNG"), "8064×6048 像素，太大了（.*最多 4000 万像素）。请存成 JPG"),
        (saved(Image.new("L", (12_001, 10_000))), "12001×10000 像素，太大了（.*最多 12000 万像素）。请用相机的标准"),
    ],
    ids=["in passes", "png", "one pass"],
)
def test_what_is_too_large_says_how_large_and_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        check(content)


def test_what_is_not_small_is_unpacked_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    large = saved(Image.new("L", (8064, 6048)))
    monkeypatch.setattr(pictures, "_inside", None)  # in this one nothing is unpacked
    assert looked_into(large, JPEG) == pictures.Inside(plain=True, exif=b"", taken="")
    assert looked_into(large[: len(large) // 2], JPEG) is None
    assert looked_into(jpeg(photograph(1)), JPEG) is None


def test_the_process_says_how_a_picture_looks(tmp_path: Path) -> None:
    sound, bad, even = tmp_path / "sound", tmp_path / "bad", tmp_path / "even"
    sound.write_bytes(jpeg(photograph(1)))
    bad.write_bytes(b"\xff\xd8\xff broken")
    even.write_bytes(jpeg(Image.new("RGB", (300, 300), "grey")))
    with PictureReader() as reader:
        assert [reader.looks(str(each)) for each in (bad, even, tmp_path / "gone")] == [None] * 3
        looks = reader.looks(str(sound))
    assert looks
    assert looks.thumb


def test_the_process_ends_over_what_is_drawn_for_ever(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(drawn_often(1000))
    begin = (
        "from luojiang_ce.files import apart, pictures; apart.answer_all(pictures.answer, memory=10**10, patience=1)"
    )
    process = apart.begun("-c", begin)
    assert apart.asked(process, ["looks", str(bomb)]) == ""
    process.communicate()


def with_a_place(image: Image.Image, **how: object) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (24.0, 56.0, 0.0)
    return saved(image, exif=exif, comment=b"24.56N", **how)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_blocks": 3}], ids=str)
def test_a_place_is_taken_out_and_the_picture_stays_as_it_was_drawn(mode: str, how: dict[str, object]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = with_a_place(form(1).convert(mode), icc_profile=profile, dpi=(300, 300), **how)
    kept = check(photo).content
    before, after = Image.open(io.BytesIO(photo)), Image.open(io.BytesIO(kept))
    assert after.tobytes() == before.tobytes()
    assert after.info["icc_profile"] == profile
    assert after.info["dpi"] == (300, 300)
    assert "comment" not in after.info
    assert after.getexif()[ExifTags.Base.Orientation] == 6
    assert ExifTags.Base.GPSInfo not in after.getexif()
    assert check(kept).content == kept


def test_notes_that_no_one_part_holds_are_left_out() -> None:
    """A reader joins the parts of a camera's notes; what they are together may not fit into one."""
    sound = saved(Image.new("RGB", (400, 300)), exif=notes("2026:03:02 08:30:00"))
    begins = sound.index(b"\xff\xe1")
    more = b"\xff\xe1\xff\xfeExif\0\0" + bytes(0xFFFE - 8)
    assert check(sound[:begins] + sound[begins:].replace(b"\xff\xdb", more * 2 + b"\xff\xdb", 1)).content_type == JPEG


def notes(taken: str) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = taken
    return exif
