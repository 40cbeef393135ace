"""A signed sheet of the demo district, photographed: drawn by the layout, uploaded and read as any other."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from contextlib import suppress

import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from luojiang_ce import clock
from luojiang_ce.jobs.services import run
from training.attendance.freezing import open_to_signs
from training.attendance.timetable import slots_of_class
from training.classes.models import ClassApplication
from units.demo import clerk_of

from . import layout, services
from .code import SheetCode
from .layout import Box
from .models import Photograph

SCALE = 8  # pixels a millimetre
FONT = "NotoSerifCJK-Regular.ttc"
INK = (45, 55, 130)
PAPER, TABLE, GRID = (250, 249, 245), (120, 95, 70), (150, 150, 150)
TILT = 4.0  # degrees


def build() -> str:
    """One page to be confirmed, of the class under way; nothing where there is one already."""
    if Photograph.objects.exists():
        return "演示签到表照片已有，未改动"
    today = clock.today()
    running = ClassApplication.objects.filter(
        state=ClassApplication.State.APPROVED, opens_on__lte=today, ends_on__gte=today
    )
    application = open_to_signs(running).select_related("unit").order_by("opens_on", "pk").first()
    slots = [slot for slot in slots_of_class(application) if slot.ends <= clock.now()] if application else []
    if application is None or not slots:
        return "没有正在举办的班，没有签到表照片"
    trainees = dict(application.enrolments.present().order_by("pk").values_list("pk", "name")[: layout.ROWS])
    code = SheetCode(application.pk, *slots[-1].key, 1, 1, tuple(trainees))
    picture = _photographed(code, list(trainees.values()))
    upload = SimpleUploadedFile("签到表.jpg", picture)
    taken = services.take_in(application=application, uploads=[upload], actor=clerk_of(application.unit))
    if taken.job:
        run(taken.job.pk)
    return f"{Photograph.objects.filter(stage=Photograph.Stage.READ).count()} 页签到表照片待确认"


def _photographed(code: SheetCode, names: Sequence[str]) -> bytes:
    """The page on a table, a little tilted, as JPEG."""
    page = Image.new("RGB", (round(layout.PAGE.width * SCALE), round(layout.PAGE.height * SCALE)), PAPER)
    draw, dice = ImageDraw.Draw(page), random.Random(code.application)  # noqa: S311  the same demo each time
    for mark in range(len(layout.MARKS)):
        for field in layout.black_fields(mark):
            draw.rectangle(_edges(field), fill="black")
    _draw_code(draw, code)
    _draw_names(draw, names)
    for row in range(len(names)):
        for column in layout.WIDTHS:
            draw.rectangle(_edges(layout.cell_box(row, column)), outline=GRID)
        for column in layout.SIGNED:
            _sign(draw, dice, layout.cell_box(row, column))
    table = Image.new("RGB", (page.width + 40 * SCALE, page.height + 40 * SCALE), TABLE)
    table.paste(page, (20 * SCALE, 20 * SCALE))
    seen = table.rotate(TILT, Image.Resampling.BICUBIC, fillcolor=TABLE).filter(ImageFilter.GaussianBlur(0.7))
    out = io.BytesIO()
    seen.save(out, format="JPEG", quality=80)
    return out.getvalue()


def _draw_code(draw: ImageDraw.ImageDraw, code: SheetCode) -> None:
    matrix = segno.make(code.printed, micro=False, error="m").matrix
    field = layout.CODE.width / len(matrix)
    for down, line in enumerate(matrix):
        for across, dark in enumerate(line):
            if dark:
                at = Box(layout.CODE.x + across * field, layout.CODE.y + down * field, field, field)
                draw.rectangle(_edges(at), fill="black")


def _draw_names(draw: ImageDraw.ImageDraw, names: Sequence[str]) -> None:
    with suppress(OSError):  # without the font: the sheet is read by its code, whoever looks at it misses the names
        font = ImageFont.truetype(FONT, 4 * SCALE)
        for row, name in enumerate(names):
            at = layout.cell_box(row, "name")
            draw.text(((at.x + 2) * SCALE, (at.y + 1.5) * SCALE), name, fill="black", font=font)


def _sign(draw: ImageDraw.ImageDraw, dice: random.Random, cell: Box) -> None:
    """Mostly a signature; some cells are empty, one in fifteen is struck out."""
    luck = dice.random()
    if luck < 0.15:
        return
    left, width, middle = cell.x + dice.uniform(2, 6), dice.uniform(12, 22), cell.y + cell.height / 2
    waves, turn = dice.uniform(3, 5), dice.uniform(0, math.tau)
    points = [
        (left + width * step / 60, middle + 2.6 * math.sin(turn + waves * math.tau * step / 60) * dice.uniform(0.8, 1))
        for step in range(61)
    ]
    _stroke(draw, points)
    if luck > 14 / 15:
        _stroke(draw, [(cell.x + 1, middle + 0.5), (cell.x + cell.width - 3, middle - 0.5)])


def _stroke(draw: ImageDraw.ImageDraw, points: Sequence[tuple[float, float]]) -> None:
    draw.line([(x * SCALE, y * SCALE) for x, y in points], fill=INK, width=4, joint="curve")


def _edges(box: Box) -> tuple[float, float, float, float]:
    left, top, right, below = (*box.corners[0], *box.corners[2])
    return round(left * SCALE), round(top * SCALE), round(right * SCALE), round(below * SCALE)
