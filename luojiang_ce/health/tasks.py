"""The worker's side: who mends the system is told of what was found."""

from celery import shared_task
from django.contrib.auth import get_user_model
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.notices.services import notify

from .probes import troubles


@shared_task
def watch() -> int:
    """Tell the system's administrators of every trouble, of each once a day; how many there are."""
    found = troubles()
    people = list(get_user_model()._default_manager.holding(Role.SYSTEM_ADMIN)) if found else []
    for each in found:
        key = f"health-{each.probe.name}-{clock.today()}"
        notify(people, f"运行状况：{each.probe.label}", key=key, text=each.said, url=reverse("health:page"))
    return len(found)
