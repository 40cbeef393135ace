"""The files of a batch: each body's answer on paper."""

from __future__ import annotations

from luojiang_ce.files.materials import Material

from .models import ConsentBody, PlanBatch


def consent_materials(batch: PlanBatch) -> list[Material]:
    """A line per consent body for the scan of its answer."""
    return [
        Material(
            f"consent-{body.pk}", f"{body.name}意见", "会签意见或会议纪要扫描件", "一(五)1", required=lambda case: False
        )
        for body in ConsentBody.objects.filter(active=True)
    ]
