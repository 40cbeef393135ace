"""python tests/simulate.py SCENARIO.json: play whole years and print what they came to, as one JSON object.

With --explain the reasons of what was refused go to stderr. Exit status 2: the scenario asks for what is not built yet.
It works on a database of its own, which is gone afterwards.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOT_BUILT = 2


def main(*arguments: str) -> int:
    """Play the scenario of the file named first."""
    files = [each for each in arguments if not each.startswith("--")]
    scenario = json.loads(Path(files[0]).read_text(encoding="utf-8"))
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="luojiang-ce-years-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "VAR_DIR": folder}
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/years.sqlite3"
        return _play(scenario, Path(folder) / "years.sqlite3", explain="--explain" in arguments)


def _play(scenario: dict[str, object], database: Path, *, explain: bool) -> int:
    from tests.migrated import migrated_copy

    with migrated_copy(database):
        import django

        django.setup()
        from tests.simulation.playing import play
        from tests.simulation.refusing import NotBuilt

        try:
            result, refusals = play(scenario)
        except NotBuilt as missing:
            print(missing, file=sys.stderr)
            return NOT_BUILT
    if explain:
        print(*refusals, sep="\n", file=sys.stderr)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
