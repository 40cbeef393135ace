"""new_keys.py: prints the five keys of a production system: for its environment file, and to be kept elsewhere too."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from luojiang_ce.keys import new_keys

if __name__ == "__main__":
    print("\n".join(new_keys()))
