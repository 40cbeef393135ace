"""Faults are reported with where they happened, never with whom they were about.

Loaded by the settings: it may ask for nothing of Django.
"""

from __future__ import annotations

from typing import Any

KEPT_OF_REQUEST = ("method",)


def report_to(dsn: str) -> None:
    """Begin to report to the service of this address."""
    import sentry_sdk  # takes a fifth of a second to load, which only who reports pays

    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=without_data,
        traces_sample_rate=0,
    )


def without_data(event: Any, hint: Any) -> Any:
    """The event without addresses, cookies, headers, what was typed, who it was, and the words of errors, which may
    hold what somebody typed."""
    request = event.get("request", {})
    event["request"] = {name: request[name] for name in KEPT_OF_REQUEST if name in request}
    for name in ("user", "breadcrumbs", "extra", "logentry", "server_name"):
        event.pop(name, None)
    for raised in event.get("exception", {}).get("values", []):
        raised["value"] = ""
    return event
