"""What a picture may ask of its reader: a sound photograph is taken, one made to take hours is refused by its head."""

from __future__ import annotations

import io
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PIL import ExifTags, Image, ImageChops, ImageCms, ImageStat

from luojiang_ce.files.checks import Checked, check_upload
from luojiang_ce.files.pictures import ONE_PICTURE, PictureReader
from luojiang_ce.uploads.bad import BadFile
from luojiang_ce.uploads.heads import MOST_PASSES, Head, head_of, what_is_wrong
from luojiang_ce.uploads.reader import TooMuch, asked, begun
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
    assert head_of(photo, JPEG) == Head(640, 480, passes=1)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"subsampling": 0}, {"restart_marker_blocks": 1}], ids=str)
def test_a_sound_picture_is_taken_however_it_was_saved(mode: str, how: dict[str, object]) -> None:
    photo = saved(photograph(1).convert(mode), **how)
    assert differs(photo, check(photo).content) < 1.5


def differs(before: bytes, after: bytes) -> float:
    """By how many levels, on the mean, two pictures of one size."""
    one, other = (Image.open(io.BytesIO(each)).convert("RGB") for each in (before, after))
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def test_what_phones_and_scanners_make_is_taken() -> None:
    phone = saved(Image.new("L", (7300, 5475), "grey"))
    assert check(phone).content_type == JPEG
    page = saved(Image.new("1", (4960, 7016)), "PNG")  # A4 at 600 dots an inch
    assert Image.open(io.BytesIO(check(page).content)).mode == "1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (saved(Image.new("L", (8064, 6048))), "8064×6048 像素，太大了（最多 4000 万像素）。请用相机的标准"),
        (saved(Image.new("1", (8064, 6048)), "PNG"), "8064×6048 像素，太大了（最多 4000 万像素）。请用 600 dpi 以下"),
    ],
    ids=["jpg", "png"],
)
def test_what_is_too_large_says_how_large_and_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(BadFile, match=said):
        check(content)


def test_nothing_is_unpacked_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = saved(photograph(1))
    monkeypatch.setattr(Image, "open", None)
    assert check(sound).content_type == JPEG
    with pytest.raises(BadFile, match="没有传完整"):
        check(sound[: len(sound) // 2])


def test_the_process_says_how_a_picture_looks() -> None:
    even = jpeg(Image.new("RGB", (300, 300), "grey"))
    with PictureReader() as reader:
        assert [reader.looks(each) for each in (b"\xff\xd8\xff broken", even, b"")] == [None] * 3
        looks = reader.looks(jpeg(photograph(1)))
    assert looks
    assert looks.thumb


@pytest.mark.parametrize(("little", "ended_by"), [({"wall": 1}, signal.SIGALRM), ({"cpu": 1}, signal.SIGPROF)])
def test_the_process_ends_over_what_is_drawn_for_ever(little: dict[str, int], ended_by: int) -> None:
    budget = replace(ONE_PICTURE, **{"wall": 60, "cpu": 60, "memory": 10**10, **little})
    with begun() as process, pytest.raises(TooMuch):
        asked(process, PictureReader.function, drawn_often(1000), budget)
    assert process.returncode == -ended_by


def with_a_place(image: Image.Image, **how: object) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (24.0, 56.0, 0.0)
    return saved(image, exif=exif, comment=b"24.56N", **how)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_blocks": 3}], ids=str)
def test_a_place_is_taken_out_and_the_picture_stays_as_it_was_held(mode: str, how: dict[str, object]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = with_a_place(form(1).convert(mode), icc_profile=profile, dpi=(300, 300), **how)
    kept = check(photo).content
    after = Image.open(io.BytesIO(kept))
    assert differs(photo, kept) < 1
    assert after.info.get("icc_profile") == (None if mode == "CMYK" else profile)
    assert "comment" not in after.info
    assert dict(after.getexif()) == {ExifTags.Base.Orientation: 6}
    assert len(kept) < 1.2 * len(photo)
    assert differs(kept, check(kept).content) < 0.5, "drawn anew again and again it stays what it was"


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
