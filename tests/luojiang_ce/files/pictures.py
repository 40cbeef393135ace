"""Invented photographs of rooms with people, and scans of forms: made by a seed, with nothing but Pillow."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
FORM_ROWS = 11


def photograph(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A room: a wall in some light, a floor, a screen, pictures, rows of people."""
    chance, (w, h) = random.Random(seed), size
    light = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize(size)
    image = Image.composite(Image.new("RGB", size, _shade(chance)), Image.new("RGB", size, _shade(chance)), light)
    draw = ImageDraw.Draw(image)
    floor = int(h * chance.uniform(0.35, 0.65))
    draw.rectangle((0, floor, w, h), fill=_shade(chance))
    left, top = chance.uniform(0.05, 0.55) * w, chance.uniform(0.03, 0.2) * h
    screen = (left, top, left + chance.uniform(0.2, 0.45) * w, top + chance.uniform(0.18, 0.35) * h)
    draw.rectangle(screen, fill=(235, 238, 240))
    for _ in range(chance.randint(1, 5)):
        x, y = chance.randint(0, w), chance.randint(0, floor)
        draw.rectangle(
            (x, y, x + w * chance.uniform(0.02, 0.2), y + h * chance.uniform(0.02, 0.3)), fill=_shade(chance)
        )
    rows = chance.randint(2, 5)
    for row in range(rows):
        _people(draw, chance, floor + (h - floor) * row // rows, int(h * (0.05 + 0.05 * row)), w)
    return _grainy(image, chance, 0.12)


def form(filled: int, size: tuple[int, int] = (700, 990)) -> Image.Image:
    """A scan of one and the same form, filled in differently by its seed."""
    chance, (w, h) = random.Random(filled), size
    image = Image.new("RGB", size, (245, 245, 245))
    draw, small, large = ImageDraw.Draw(image), ImageFont.load_default(18), ImageFont.load_default(30)
    draw.text((w * 0.2, 40), "CERTIFICATE OF HOURS", font=large, fill=(30, 30, 30))
    step = (h - 230) // FORM_ROWS
    for row in range(FORM_ROWS):
        y = 110 + row * step
        draw.rectangle((55, y, w - 55, y + step), outline=(40, 40, 40), width=2)
        for x in (180, 390, 500):
            draw.line((x, y, x, y + step), fill=(40, 40, 40), width=2)
        for x, longest in ((190, 16), (510, 10)):
            text = "".join(chance.choice("ABCDEFGHKMNRSTW0123456789") for _ in range(chance.randint(2, longest)))
            draw.text((x, y + step // 3), text, font=small, fill=(20, 20, 20))
        draw.text((64, y + step // 3), ("NAME", "UNIT", "FROM", "HOURS")[row % 4], font=small, fill=(30, 30, 30))
    draw.ellipse((w - 280, h - 180, w - 170, h - 70), outline=(90, 90, 90), width=5)
    return _grainy(image, chance, 0.04)


def letter(seed: int, size: tuple[int, int] = (700, 990)) -> Image.Image:
    """A scan of a page of text, longer or shorter by its seed."""
    chance, image = random.Random(seed), Image.new("RGB", size, (245, 245, 245))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(16)
    for row in range(chance.randint(6, 35)):
        text = "".join(chance.choice("ABCDEFGHKMN ") for _ in range(chance.randint(20, 50)))
        draw.text((70, 80 + 22 * row), text, font=font, fill=(30, 30, 30))
    return _grainy(image, chance, 0.04)


def copies(image: Image.Image, chance: random.Random) -> Iterator[tuple[str, Image.Image]]:
    """The same picture re-compressed, cut by 5 % on each side and on all, made smaller and larger."""
    (w, h), quality = image.size, chance.randint(40, 80)
    cut_w, cut_h = round(w * 0.05), round(h * 0.05)
    boxes = {
        "left": (cut_w, 0, w, h),
        "right": (0, 0, w - cut_w, h),
        "top": (0, cut_h, w, h),
        "bottom": (0, 0, w, h - cut_h),
        "all": (cut_w, cut_h, w - cut_w, h - cut_h),
    }
    yield "compressed", sent(image, quality)
    for name, box in boxes.items():
        yield f"cut {name}", sent(image.crop(box), quality)
    for scale in (0.5, chance.uniform(0.5, 1.5), 1.5):
        yield f"scaled {scale:.2f}", sent(image.resize((int(w * scale), int(h * scale))), quality)


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def sent(image: Image.Image, quality: int) -> Image.Image:
    """As it arrives after somebody has saved it anew."""
    return Image.open(io.BytesIO(jpeg(image, quality)))


def _shade(chance: random.Random) -> Colour:
    return chance.randint(20, 240), chance.randint(20, 240), chance.randint(20, 240)


def _people(draw: ImageDraw.ImageDraw, chance: random.Random, y: int, size: int, w: int) -> None:
    number = chance.randint(3, 9)
    for each in range(number):
        x = int((each + chance.uniform(0.1, 0.9)) * w / number)
        draw.ellipse((x - size // 2, y - size, x + size // 2, y), fill=(60, 45, 40))
        draw.rectangle((x - size, y, x + size, y + size * 2), fill=_shade(chance))


def _grainy(image: Image.Image, chance: random.Random, amount: float) -> Image.Image:
    """With the noise of a sensor, and not quite sharp."""
    w, h = image.width // 3, image.height // 3
    grain = Image.frombytes("L", (w, h), chance.randbytes(w * h)).resize(image.size)
    return Image.blend(image, Image.merge("RGB", (grain,) * 3), amount).filter(ImageFilter.GaussianBlur(0.8))
