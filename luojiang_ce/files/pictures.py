"""How stored pictures look, read in a process of its own (`apart`) where it may take so much memory and time."""

from __future__ import annotations

import io

from PIL import Image

from luojiang_ce.uploads.heads import MOST_PIXELS
from luojiang_ce.uploads.reader import Budget

from .apart import Apart
from .looks import Looks, looks_of

# Pillow refuses at twice this number, and up to there only warns. What was taken years ago may have 120 million.
Image.MAX_IMAGE_PIXELS = 2 * MOST_PIXELS
ONE_PICTURE = Budget(cpu=20, wall=60, memory=800_000_000)


class PictureReader(Apart):
    """Asks the process about one picture after the other."""

    function, budget = f"{__name__}:shown", ONE_PICTURE

    def looks(self, content: bytes) -> Looks | None:
        """How the picture looks; None where it is damaged, asks for too much, is too small, or of one shade."""
        answer = self.ask(content)
        return Looks(answer.content) if answer and answer.content else None


# --- in the process ---------------------------------------------------------------------------------------------------


def shown(content: bytes) -> tuple[None, bytes]:
    """The thumbnail of a picture; empty where it has none."""
    try:
        looks = looks_of(Image.open(io.BytesIO(content)))
    except Exception:  # on damaged or crafted bytes Pillow raises whatever its parsers stumble on
        return None, b""
    return None, looks.thumb if looks else b""
