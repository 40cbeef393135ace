"""Keys for whoever starts without any: made once, kept in VAR_DIR/keys.env, and marked as not fit for production."""

from __future__ import annotations

import os
import secrets
from base64 import b64encode
from fcntl import LOCK_EX, flock
from pathlib import Path

NAMES = ("SECRET_KEY", "ID_LOOKUP_KEY", "EVENT_LOG_KEY")
SECRETS = ("ID_ENCRYPTION_KEY", "SIGNING_SECRET")  # 32 bytes each


def ensure_keys(folder: Path) -> Path | None:
    """The file with the keys of this folder, made if the environment brings none; None when it does."""
    path = folder / "keys.env"
    if path.exists():
        _add_newer(path)
        return path
    if "SECRET_KEY" in os.environ:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    _write_once(path, "\n".join([*new_keys(), "DEMO_KEYS=1"]) + "\n")
    return path


def new_keys() -> list[str]:
    """A line for each key, as an environment file has them."""
    return [*(f"{name}={secrets.token_urlsafe(48)}" for name in NAMES), *map(_secret, SECRETS)]


def _secret(name: str) -> str:
    return f"{name}={b64encode(secrets.token_bytes(32)).decode()}"


def _add_newer(path: Path) -> None:
    """What was not asked for yet when the file was made. Read again before it is written: two may start at once."""
    missing = [name for name in SECRETS if f"{name}=" not in path.read_text() and name not in os.environ]
    if missing:
        with path.open("a") as file:
            flock(file, LOCK_EX)
            file.writelines(f"{_secret(name)}\n" for name in missing if f"{name}=" not in path.read_text())


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
