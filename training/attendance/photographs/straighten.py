"""From a photograph or a scan to the page as it was printed: upright, flat, so many pixels a millimetre.

The four corner marks tell where the page lies and which way up. Only for the process of `reading`: what comes from
outside is unpacked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import zxingcpp

from . import layout
from .proposals import Fault

SCALE = 8  # pixels a millimetre of the straightened page: 203 dots per inch
LONGEST = 4300  # pixels along the longer edge of what is searched: A4 at 370 dots per inch
COARSEST = 3.6  # pixels a millimetre of the picture, below which strokes of a pen are lost: 90 dots per inch
SHARP = 25.0  # variance of the Laplacian, below which a picture that cannot be read is called blurred
Picture = Any  # an array of pixels: rows, columns and, in colour, blue-green-red


@dataclass(frozen=True)
class Found:
    """What a picture shows: the fault, which corners are missing, the code's text, the straightened page in colour,
    and whether it lay upside down or across."""

    fault: Fault | None = None
    missing: tuple[int, ...] = ()
    code: str = ""
    page: Picture = None
    turned: bool = False


def straightened(picture: Picture) -> Found:
    """The page in a picture (blue, green, red), or why there is none."""
    if (longer := max(picture.shape[:2])) > LONGEST:
        share = LONGEST / longer
        picture = cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    marks = _marks_in(gray)
    missing = tuple(mark for mark in range(len(layout.MARKS)) if mark not in marks)
    if missing:
        code = _code_in(gray)
        if len(missing) == len(layout.MARKS) and not code:
            return Found(Fault.BLURRED if _is_blurred(gray) else Fault.NO_SHEET, missing)
        return Found(Fault.CORNERS, missing, code)
    return _laid_flat(picture, gray, marks)


def _laid_flat(picture: Picture, gray: Picture, marks: dict[int, Picture]) -> Found:
    edges = [np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1).min() for points in marks.values()]
    if min(edges) / layout.MARK < COARSEST:
        return Found(Fault.SMALL)
    seen = np.concatenate([marks[mark] for mark in sorted(marks)])
    printed = np.array([corner for box in layout.MARKS for corner in box.corners], np.float32) * SCALE
    matrix, _ = cv2.findHomography(seen, printed)
    if matrix is None:
        return Found(Fault.CORNERS)
    size = (round(layout.PAGE.width * SCALE), round(layout.PAGE.height * SCALE))
    page = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    code = _code_in(_part(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), layout.CODE, 3)) or _code_in(gray)
    if not code:
        return Found(Fault.BLURRED if _is_blurred(gray) else Fault.NO_CODE)
    first, second = marks[0].mean(axis=0), marks[1].mean(axis=0)
    across = second - first
    return Found(None, (), code, page, turned=bool(across[0] < abs(across[1])))


def _marks_in(gray: Picture) -> dict[int, Picture]:
    """The corners of each mark that is seen, clockwise from its upper left; of two of one number the larger."""
    options = cv2.aruco.DetectorParameters()
    options.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    options.minMarkerPerimeterRate = 0.02
    options.adaptiveThreshWinSizeMax = 53
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50), options)
    quads, numbers, _ = detector.detectMarkers(gray)
    found: dict[int, Picture] = {}
    for quad, known in zip(quads, [] if numbers is None else numbers.ravel(), strict=True):
        corners, number = quad.reshape(4, 2), int(known)
        larger = number not in found or cv2.contourArea(corners) > cv2.contourArea(found[number])
        if number < len(layout.MARKS) and larger:
            found[number] = corners
    return found


def _code_in(gray: Picture) -> str:
    """The text of the first code; a small or soft one is tried larger too."""
    for larger in (1, 2):
        tried = gray if larger == 1 else cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        found: Sequence[Any] = zxingcpp.read_barcodes(
            tried, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
        if found:
            return str(found[0].text)
        if max(gray.shape) > LONGEST / 2:
            break
    return ""


def _part(page: Picture, box: layout.Box, around: float) -> Picture:
    left, top = round((box.x - around) * SCALE), round((box.y - around) * SCALE)
    right, below = round((box.x + box.width + around) * SCALE), round((box.y + box.height + around) * SCALE)
    return np.ascontiguousarray(page[max(top, 0) : below, max(left, 0) : right])


def _is_blurred(gray: Picture) -> bool:
    share = 1000 / max(gray.shape)
    small = cv2.resize(gray, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) if share < 1 else gray
    return float(cv2.Laplacian(small, cv2.CV_64F).var()) < SHARP
