"""What the pages of photographed sheets show, gathered in a bounded number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from luojiang_ce.access import Actor
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.words import first_of
from training.attendance.links import Place
from training.attendance.models import Sign
from training.attendance.pages import NAMED, slot_label
from training.classes.models import ClassApplication, Enrolment
from training.classes.models.enrolment import names_apart
from training.half_days import Slot, SlotKey

from . import layout, services
from .models import Photograph
from .proposals import Doubt, Fault, Ink

SHOWN = 200  # photographs of a class on its page, the newest first
KINDS = {"in": "签到", "out": "签退"}
Stage = Photograph.Stage
MEANINGS: dict[str, str] = {Stage.WAITING: "wait", Stage.READ: "turn", Stage.UNREAD: "late", Stage.CONFIRMED: "done"}
FAULTS = {
    Fault.BROKEN: "文件打不开，可能已损坏或过大。请重拍，或存成 JPG 再传",
    Fault.NO_SHEET: "没有找到签到表：照片里看不到四角的方块和二维码。请用本系统打印的签到表，平放后整张拍下；"
    "旧版签到表没有二维码，请在半日页面上传扫描件并按名单登记",
    Fault.NO_PICTURE: "这一页 PDF 不是扫描件，里面没有图像，例如系统生成、还没有签字的签到表。请打印、签字后拍照"
    "或扫描上传；在平板上签的，请存成图片（JPG、PNG）上传",
    Fault.NO_CODE: "看得到签到表，读不出右上角的二维码：可能被遮住、折起、反光或不是本系统打印的。请露出二维码重拍",
    Fault.BLURRED: "照片模糊，认不出签到表。请擦净镜头、对好焦、光线足一些重拍",
    Fault.SMALL: "签到表在照片里太小，笔迹看不清。请靠近些，让签到表占满画面重拍",
    Fault.TOO_MANY: "这个 PDF 的页数太多，没有读。请分成几个文件上传，每个不超过 60 页",
    Fault.FOREIGN_CODE: "二维码不是本系统签到表的，或印得不清。请用本系统打印的签到表",
}


@dataclass(frozen=True)
class PhotographRow:
    """A photograph in the list of its class."""

    row: Photograph
    what: str
    why: str = ""

    @property
    def meaning(self) -> str:
        return MEANINGS.get(self.row.stage, "idle")


def photograph_rows(application: ClassApplication, account: Actor) -> list[PhotographRow]:
    """The class's photographs, those to be confirmed first. Two queries."""
    rows = list(application.photographs.exclude(stage=Stage.DISCARDED).select_related("uploaded_by")[:SHOWN])
    rows.sort(key=lambda row: (row.stage != Stage.READ, row.date is None, row.date, row.half_day, row.page))
    others = classes_named(rows, account)
    same = Counter((row.key, row.page) for row in rows if row.stage == Stage.READ)
    return [PhotographRow(row, what_of(row), _why(row, others, same)) for row in rows]


def what_of(row: Photograph) -> str:
    """Which page of which half-day: 5月11日 上午 第 1 页（共 2 页）; the file's name where that is not known."""
    return f"{slot_label(row.key)} 第 {row.page} 页（共 {row.pages} 页）" if row.key else str(row)


def _why(row: Photograph, others: Mapping[int, str], same: Counter[Any]) -> str:
    if row.fault:
        return why_unread(row, others)
    if row.stage == Stage.READ and same[row.key, row.page] > 1:
        return "同一页有几张照片：逐张确认也只登记一次，多余的可以放弃"
    if row.stage == Stage.CONFIRMED:
        left = row.result.get("left", 0)
        text = f"登记签到 {row.result.get('in', 0)} 人、签退 {row.result.get('out', 0)} 人"
        return f"{text}；{left} 项原来已有" if left else text
    return ""


def why_unread(row: Photograph, others: Mapping[int, str]) -> str:
    """Why a photograph could not be read, and what to do."""
    fault = Fault(row.fault)
    if fault is Fault.CORNERS:
        where = "、".join(layout.CORNERS[corner] for corner in row.found.get("missing", ()))
        return f"{where or '四角'}的方块没有拍到，或被遮住、折起。请把四角的方块都拍进画面重拍"
    if fault is Fault.OTHER_CLASS:
        named = others.get(row.found.get("application", 0))
        return f"这是另一个班的签到表{f'：{named}，请到那个班上传' if named else '，没有读。请核对后重新上传'}"
    return FAULTS[fault]


def classes_named(rows: Sequence[Photograph], account: Actor) -> dict[int, str]:
    """The other classes whose sheets these are, as far as the account sees them."""
    wanted = {row.found["application"] for row in rows if "application" in row.found}
    if not wanted:
        return {}
    return {each.pk: str(each) for each in ClassApplication.objects.visible_to(account).filter(pk__in=wanted)}


@dataclass
class Choice:
    """A cell of one trainee: what it looks like, what is proposed, what is recorded already."""

    name: str  # of the form's field
    kind: str
    ink: Ink
    doubt: Doubt
    cut: str = ""
    there: str = ""  # the time of the sign that is recorded already

    @property
    def is_asked(self) -> bool:
        return self.ink is Ink.DOUBTFUL and not self.there

    @property
    def label(self) -> str:
        return KINDS[self.kind]


@dataclass
class Line:
    """A line of the sheet with its trainee."""

    enrolment: Enrolment
    called: str
    choices: list[Choice]


@dataclass
class SheetPage:
    """A photographed page as it is confirmed: its lines, and what is told besides."""

    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def asked(self) -> int:
        return sum(choice.is_asked for line in self.lines for choice in line.choices)


def sheet_page(row: Photograph, slot: Slot) -> SheetPage:
    """The lines of a photograph held against the class as it is now. Three queries and a file."""
    everybody = {each.pk: each for each in row.application.enrolments.all()}
    present = list(row.application.enrolments.present())
    called = names_apart(present)
    signs = _signs(row, slot.key)
    cuts, page = services.cuts_of(row), SheetPage()
    gone: list[str] = []
    early: list[str] = []
    for number, (pk, *proposed) in enumerate(row.found.get("lines", ())):
        trainee = everybody.get(pk)
        if trainee is None or pk not in called:
            gone.append(trainee.name if trainee else f"第 {number + 1} 行")
        elif trainee.missed(slot.begins):
            early.append(called[pk])
        else:
            choices = _choices(pk, proposed, cuts[number] if number < len(cuts) else {}, signs[pk])
            page.lines.append(Line(trainee, called[pk], choices))
    page.notes = _notes(row, gone, early, [called[each.pk] for each in present if _is_later(each, row, slot)])
    return page


def _choices(pk: int, proposed: Sequence[str], cuts: Mapping[str, str], signs: Sequence[Sign]) -> list[Choice]:
    """What is recorded stays; where the office corrected, a signature on the sheet decides nothing by itself."""
    corrected = any(sign.struck_at or sign.reason for sign in signs)
    choices = []
    for nth, kind in enumerate(layout.SIGNED):
        choice = Choice(f"{kind}_{pk}", kind, Ink(proposed[2 * nth]), Doubt(proposed[2 * nth + 1]), cuts.get(kind, ""))
        choice.there = "、".join(f"{sign.time:%H:%M}" for sign in signs if sign.kind == kind and not sign.struck_at)
        if corrected and not choice.there and choice.ink is Ink.SIGNED:
            choice.ink, choice.doubt = Ink.DOUBTFUL, Doubt.CORRECTED
        choices.append(choice)
    return choices


def _signs(row: Photograph, key: SlotKey) -> dict[int, list[Sign]]:
    found: dict[int, list[Sign]] = defaultdict(list)
    for sign in Sign.objects.of_class(row.application).filter(date=key[0], half_day=key[1]):
        found[sign.enrolment_id].append(sign)
    return found


def _is_later(trainee: Enrolment, row: Photograph, slot: Slot) -> bool:
    """Would this page hold the trainee, had it been printed today? The lines stand in the order of enrolments."""
    lines = [pk for pk, *_ in row.found.get("lines", ())]
    if trainee.pk in lines or trainee.missed(slot.begins):
        return False
    after = lines[0] if lines and row.page > 1 else 0
    until = lines[-1] if lines and row.page < row.pages else None
    return trainee.pk > after and (until is None or trainee.pk < until)


def _notes(row: Photograph, gone: Sequence[str], early: Sequence[str], later: Sequence[str]) -> list[str]:
    """What is told beside the lines."""
    told = []
    if gone:
        told.append(f"打印以后已不在名单的，不登记：{first_of(gone, NAMED)}")
    if later:
        told.append(f"打印以后才加入名单的，不在这张表上，请另行登记：{first_of(later, NAMED)}")
    if early:
        told.append(f"本半日开始以后才补报的，从下一个半日起计学时，不登记：{first_of(early, NAMED)}")
    if extra := row.found.get("extra"):
        told.append(f"名单以外的空行里有 {extra} 行笔迹：要计学时的人须先补报学员")
    if row.found.get("turned"):
        told.append("照片方向已自动转正")
    return told


def link_to_photographs(place: Place) -> HeadLink | None:
    """To the photographs of a class, while its signs can be written."""
    if place.slot or not place.may_write:
        return None
    return HeadLink("签到表照片", reverse("photographs:class", args=[place.application.pk]), "camera")
