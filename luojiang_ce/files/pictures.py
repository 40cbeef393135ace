"""How stored pictures look, read in a process of its own (`apart`) where it may take so much memory and time."""

from __future__ import annotations

import base64

from PIL import Image

from luojiang_ce.uploads.heads import MOST_PIXELS

from .apart import Apart, answer_all
from .looks import Looks, looks_of

# Pillow refuses at twice this number, and up to there only warns. What was taken years ago may have 120 million.
Image.MAX_IMAGE_PIXELS = 2 * MOST_PIXELS
MOST_MEMORY = 800_000_000  # bytes
PATIENCE = 20  # seconds for one picture


class PictureReader(Apart):
    """Asks the process about one picture after the other."""

    module = __name__

    def looks(self, path: str) -> Looks | None:
        """How the picture at this path looks; None where it is damaged, asks for too much, is too small, or of one
        shade."""
        answer = self.ask(path)
        return Looks(base64.b64decode(answer)) if answer else None


# --- in the process ---------------------------------------------------------------------------------------------------


def answer(path: str) -> str:
    """The thumbnail of the picture at a path, as letters; empty where it has none."""
    try:
        with open(path, "rb") as stream:
            looks = looks_of(Image.open(stream))
    except Exception:  # on damaged or crafted bytes Pillow raises whatever its parsers stumble on
        return ""
    return base64.b64encode(looks.thumb).decode() if looks else ""


if __name__ == "__main__":
    answer_all(answer, memory=MOST_MEMORY, patience=PATIENCE)
