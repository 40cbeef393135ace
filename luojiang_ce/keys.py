"""Keys for whoever starts without any: made once, kept in VAR_DIR/keys.env, and marked as not fit for production."""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from pathlib import Path

NAMES = ("SECRET_KEY", "ID_LOOKUP_KEY", "EVENT_LOG_KEY")


def ensure_keys(folder: Path) -> Path | None:
    """The file with the keys of this folder, made if the environment brings none; None when it does."""
    path = folder / "keys.env"
    if path.exists():
        return path
    if "SECRET_KEY" in os.environ:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{name}={secrets.token_urlsafe(48)}" for name in NAMES]
    lines += [f"ID_ENCRYPTION_KEY={b64encode(secrets.token_bytes(32)).decode()}", "DEMO_KEYS=1"]
    _write_once(path, "\n".join(lines) + "\n")
    return path


def _write_once(path: Path, text: str) -> None:
    """Written aside and linked into place, so that of two first starts only one makes the keys."""
    draft = path.with_suffix(f".{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
