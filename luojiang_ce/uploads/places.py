"""What may be sent where: each view that takes files names its place, and a place the kinds of files that it takes,
told by their content. A view that names none gets no files (`luojiang_ce.bodies`), so that no place can be forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """A kind of file, as its content type; what a file is called says nothing."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    OLE = "application/x-ole-storage"
    ZIP = "application/zip"
    PAGE = "text/html"
    JSON = "application/json"
    TEXT = "text/plain"

    @property
    def label(self) -> str:
        """How it is called where somebody is told what to send."""
        return _LABELS[self]


_LABELS = {
    Kind.PDF: "PDF",
    Kind.JPEG: "JPG 图片",
    Kind.PNG: "PNG 图片",
    Kind.WORD: "Word 文档",
    Kind.EXCEL: "Excel 工作簿",
    Kind.SLIDES: "PowerPoint 演示文稿",
    Kind.OLE: "旧版 Office / WPS 文件",
    Kind.ZIP: "ZIP 压缩包",
    Kind.PAGE: "网页表格",
    Kind.JSON: "JSON 文件",
    Kind.TEXT: "文本",
}
# By its ending a computer tells what opens a file: a workbook that is called .hta would be run. Of each kind all that
# stay as they are; the first is given to what has none of them.
_ENDINGS: dict[str, tuple[str, ...]] = {
    Kind.PDF: (".pdf",),
    Kind.JPEG: (".jpg", ".jpeg"),
    Kind.PNG: (".png",),
    Kind.WORD: (".docx", ".dotx"),
    Kind.EXCEL: (".xlsx", ".xltx"),
    Kind.SLIDES: (".pptx", ".ppsx", ".potx"),
    Kind.OLE: (".doc", ".dot", ".xls", ".xlt", ".ppt", ".pps", ".wps", ".wpt", ".et", ".ett", ".dps", ".dpt"),
}
_NOTHING_OPENS = (".bin",)
IMAGES = (Kind.JPEG, Kind.PNG)
SCANS = (Kind.PDF, *IMAGES)
DOCUMENTS = (*SCANS, Kind.WORD, Kind.EXCEL, Kind.SLIDES, Kind.OLE)


def with_ending(name: str, kind: str) -> str:
    """How a file is kept and handed out: as it is called, under an ending of its kind, which its content has told."""
    endings = _ENDINGS.get(kind, _NOTHING_OPENS)
    return name if name.lower().endswith(endings) else f"{name}{endings[0]}"


@dataclass(frozen=True)
class Place:
    """Where files are sent. `kinds`: what is taken. `told`: what is said of any other kind, after the file's name;
    empty where the kinds are listed. `own_reader`: what else a file may be is said by the one who reads it here, and
    nothing of it is kept as it came. `blank`: what is said of a picture without a line in it, where one is refused."""

    kinds: tuple[Kind, ...]
    told: str = ""
    own_reader: bool = False
    blank: str = ""

    @property
    def said(self) -> str:
        """Of a file of another kind: why it is not taken, and what is."""
        taken = "、".join(kind.label for kind in self.kinds)
        return self.told or f"不是可以接收的文件（按内容判断，与扩展名无关）。请上传 {taken}"


_PICTURES = "不是照片（按内容判断）。请选 JPG 或 PNG 图片"

MATERIAL = Place(DOCUMENTS)
SCAN = Place(SCANS)
PHOTOGRAPH = Place(IMAGES, _PICTURES)
SIGNATURE = Place(IMAGES, _PICTURES, blank="签名是空白的，请签名后再保存")
SIGNED_SHEET = Place(SCANS, "不是照片或扫描件（按内容判断）。请上传 JPG、PNG 图片或扫描的 PDF")
SEAL_PICTURE = Place((Kind.PNG,), "不是 PNG 图片（按内容判断，与扩展名无关）。请把印模扫描后去掉底色，存成 PNG")
# Sorted by the worker, where each file is looked into as a MATERIAL.
EVIDENCE = Place((*DOCUMENTS, Kind.ZIP))
TABLE = Place((Kind.EXCEL, Kind.OLE, Kind.TEXT, Kind.PAGE), own_reader=True)
RECORD = Place((Kind.JSON,), own_reader=True)
# Its bytes are compared, its signatures read; nothing is kept.
COMPARED = Place(
    (Kind.PDF,), "不是 PDF（按内容判断，与扩展名无关）。签发的文书都是 PDF，请选择收到的原文件", own_reader=True
)
