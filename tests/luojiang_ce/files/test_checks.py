"""What may be uploaded is told by content; photographs keep their time and lose their place."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from datetime import datetime

import pytest
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from luojiang_ce import clock
from luojiang_ce.files.checks import check_upload
from luojiang_ce.uploads.bad import BadFile
from tests.documents import PDF, archive, office
from tests.luojiang_ce.files.bombs import long_directory

LIMIT = 1024 * 1024


def photo(*, gps: bool = True, taken: str = "2026:05:11 08:31:00") -> bytes:
    image = Image.new("RGB", (64, 48), "green")
    exif = Image.Exif()
    exif[ExifTags.Base.DateTime] = taken
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    if gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (24.0, 56.0, 0.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def check(content: bytes, name: str = "文件"):
    return check_upload(name, io.BytesIO(content), len(content), LIMIT)


def test_a_photograph_of_an_iphone_says_how_it_can_be_read():
    with pytest.raises(BadFile, match=r"HEIC.*兼容性最佳"):
        check(b"\0\0\0\x18ftypheic" + b"0" * 40)


def test_a_photograph_loses_its_place_and_keeps_its_time():
    checked = check(photo())
    assert checked.taken_at == datetime(2026, 5, 11, 8, 31, tzinfo=clock.SHANGHAI)
    exif = Image.open(io.BytesIO(checked.content)).getexif()
    assert ExifTags.Base.GPSInfo not in exif
    assert exif.get_ifd(ExifTags.IFD.Exif) == {ExifTags.Base.DateTimeOriginal: "2026:05:11 08:31:00"}


XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>24,56.7N</exif:GPSLatitude></x:xmpmeta>'


def with_xmp(kind: str) -> bytes:
    image, out = Image.open(io.BytesIO(photo(gps=False))), io.BytesIO()
    texts = PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    image.save(out, kind, exif=image.getexif(), **({"xmp": XMP} if kind == "JPEG" else {"pnginfo": texts}))
    return out.getvalue()


def with_exif_as_text() -> bytes:
    """PNG as ImageMagick writes it: EXIF, position and all, as a text of hexadecimal digits."""
    exif = Image.open(io.BytesIO(photo())).info["exif"]
    texts, out = PngInfo(), io.BytesIO()
    texts.add_text("Raw profile type exif", f"\nexif\n{len(exif):8}\n{exif.hex()}\n")
    Image.new("RGB", (64, 48)).save(out, "PNG", pnginfo=texts)
    return out.getvalue()


def with_a_comment() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "JPEG", comment=b"24.56N GPSLatitude")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [with_xmp("JPEG"), with_xmp("PNG"), with_exif_as_text(), with_a_comment()],
    ids=["jpg", "png", "hex", "text"],
)
def test_a_place_beside_the_exif_goes_too(content):
    kept = check(content).content
    image = Image.open(io.BytesIO(kept))
    assert image.size == (64, 48)
    assert b"GPSLatitude" not in kept
    assert ExifTags.Base.GPSInfo not in image.getexif()
    assert {"xmp", "comment", "Raw profile type exif", "XML:com.adobe.xmp"} & image.info.keys() == set()


def parts(png: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(png):
        size, kind = struct.unpack_from(">I4s", png, at)
        found.append((kind, png[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
@pytest.mark.parametrize("gps", [True, False])
def test_of_a_png_only_the_picture_and_its_time_stay(mode, gps):
    image = (
        Image.effect_noise((300, 200), 60).convert("RGBA").convert(mode) if mode != "I;16" else Image.new(mode, (9, 9))
    )
    texts, out = PngInfo(), io.BytesIO()
    texts.add_text("Software", "扫描仪 24.56N")
    texts.add_text("Comment", "GPSLatitude" * 50, zip=True)
    texts.add_itxt("Title", "GPSLatitude")
    texts.add(b"prVt", b"GPSLatitude", after_idat=True)
    texts.add(b"tIME", b"\x07\xea\x05\x0b\x08\x1f\x00")
    exif = Image.open(io.BytesIO(photo(gps=gps))).getexif()
    image.save(out, "PNG", pnginfo=texts, exif=exif, compress_level=1, dpi=(300, 300))
    content = out.getvalue() + b"GPSLatitude behind the end"
    checked = check(content)
    kept = Image.open(io.BytesIO(checked.content))
    kept.load()
    assert kept.tobytes() == image.tobytes()
    assert kept.info.keys() <= {"exif", "transparency"}
    assert checked.taken_at == datetime(2026, 5, 11, 8, 31, tzinfo=clock.SHANGHAI)
    assert ExifTags.Base.GPSInfo not in kept.getexif()
    assert b"GPSLatitude" not in checked.content
    assert {kind for kind, _ in parts(checked.content)} <= {
        b"IHDR",
        b"PLTE",
        b"tRNS",
        b"eXIf",
        b"IDAT",
        b"IEND",
    }


def test_the_same_photograph_is_drawn_the_same_again():
    content = photo()
    assert check(content).content == check(content).content != content


def test_a_phones_picture_of_several_frames_keeps_the_first_and_no_place():
    first, second = (Image.open(io.BytesIO(photo())) for _ in range(2))
    out = io.BytesIO()
    first.save(out, "MPO", save_all=True, append_images=[second], exif=first.getexif())
    assert Image.open(io.BytesIO(out.getvalue())).format == "MPO"

    checked = check(out.getvalue())
    kept = Image.open(io.BytesIO(checked.content))
    assert (kept.format, ExifTags.Base.GPSInfo in kept.getexif()) == ("JPEG", False)
    assert checked.taken_at == datetime(2026, 5, 11, 8, 31, tzinfo=clock.SHANGHAI)


def test_a_picture_with_a_damaged_exif_is_refused():
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG", exif=b"Exif\x00\x00no TIFF at all")
    with pytest.raises(BadFile, match="打不开"):
        check(out.getvalue())


@pytest.mark.parametrize("stamp", ["", "0000:00:00 00:00:00", "昨天"])
def test_a_camera_without_a_clock_gives_no_time(stamp):
    assert check(photo(taken=stamp)).taken_at is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (b"\xef\xbb\xbf" + PDF, "application/pdf"),
        (office("word"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (office("xl"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (office("ppt"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ],
)
def test_kind_by_content(content, kind):
    assert check(content).content_type == kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空文件"),
        (b"x" * (LIMIT + 1), "超过 1 MB"),
        (b"<html>", "不是可以接收的文件"),
        (b"\xff\xd8\xff broken picture", "打不开"),
        (b"\x89PNG\r\n\x1a\n broken", "打不开"),
        (photo()[:-40], "没有传完整"),
        (archive({"word/document.xml": b"<x/>"}), "不是可以接收的文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "打不开"),
        (b"PK\x03\x04 cut off", "不是可以接收的文件"),
        (b"<html><script>alert(1)</script>", "不是可以接收的文件"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "不是可以接收的文件"),
        (b"MZ\x90\x00", "不是可以接收的文件"),
        (b"GIF89a", "不是可以接收的文件"),
    ],
)
def test_what_is_refused_says_why_and_what_to_do(content, said):
    with pytest.raises(BadFile, match=said):
        check(content, "现场照片.jpg")


def test_a_small_file_that_unpacks_to_a_huge_picture_is_refused():
    out = io.BytesIO()
    Image.new("1", (12_001, 10_000)).save(out, "PNG")
    with pytest.raises(BadFile, match="12001×10000 像素，太大了"):
        check(out.getvalue())


def test_an_archive_of_an_unknown_version_is_refused():
    content = bytearray(office("word"))
    content[content.index(b"PK\x01\x02") + 6] = 173  # the version needed, in the directory
    with pytest.raises(BadFile):
        check(bytes(content))


def test_an_archive_whose_names_are_no_text_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/é.xml", "<x/>")
    with pytest.raises(BadFile):
        check(out.getvalue().replace("é".encode(), b"\xff\xff"))


def test_a_directory_of_many_entries_is_not_read() -> None:
    began = time.process_time()
    for said in (446_000, 1):
        with pytest.raises(BadFile):
            check_upload(
                "表.docx", stream := io.BytesIO(long_directory(300_000, said=said)), len(stream.getvalue()), 2**25
            )
    assert time.process_time() - began < 0.5
