"""The bodies that the notice names; their names are data, the bureau may rename or retire them."""

from __future__ import annotations

from .models import ConsentBody

# notice 一(五)1
BODIES = ("区治理整顿培训办班工作协调小组", "区委反腐败领导小组办公室")


def load_consent_bodies() -> str:
    """Create the two bodies once; what the bureau has changed since is left alone."""
    if ConsentBody.objects.exists():
        return "会签单位已有，未改动"
    for position, name in enumerate(BODIES, 1):
        ConsentBody.objects.create(name=name, position=position)
    return f"会签单位 {len(BODIES)} 个"
