"""What `manage.py check --deploy` refuses, so that no real people's data lie behind a demo's keys."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Keys of one's own, no debugging, no demo, encrypted connections, a backup."""
    found: list[CheckMessage] = []
    if settings.DEMO_KEYS:
        names = "SECRET_KEY, ID_ENCRYPTION_KEY, ID_LOOKUP_KEY, EVENT_LOG_KEY and SIGNING_SECRET"
        hint = f"Set {names} in the environment and keep copies."
        found.append(Error("The keys were made by a first start without any.", hint=hint, id="luojiang.E001"))
    if settings.DEBUG:
        found.append(Error("DEBUG shows strangers the inside of the system.", id="luojiang.E002"))
    if settings.DEMO:
        found.append(Error("DEMO lets anybody sign in with one click.", id="luojiang.E003"))
    if not settings.SESSION_COOKIE_SECURE:
        found.append(Error("Set HTTPS=1 and serve through TLS only.", id="luojiang.E004"))
    if not settings.EMAIL_CHANNEL:
        hint = "Set EMAIL_URL, EMAIL_FROM and PUBLIC_URL."
        found.append(Error("Nobody is reminded by e-mail.", hint=hint, id="luojiang.E005"))
    if not settings.BACKUP_DIR:
        hint = "Set BACKUP_DIR to another disk, and BACKUP_KEYS to a third place."
        found.append(Error("Nothing is backed up.", hint=hint, id="luojiang.E014"))
    if settings.OIDC_ISSUER and not settings.OIDC_ISSUER.startswith("https://"):
        hint = "Who is on the way to it could sign in as anybody."
        found.append(Error("OIDC_ISSUER is not reached through TLS.", hint=hint, id="luojiang.E030"))
    return found
