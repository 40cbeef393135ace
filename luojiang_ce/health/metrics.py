"""Figures for Prometheus: requests of every web process (PROMETHEUS_MULTIPROC_DIR), and how things stand now.

Labels are routes, never addresses: an address may name a case.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from luojiang_ce import clock
from luojiang_ce.jobs.heartbeat import last_heartbeat
from luojiang_ce.jobs.models import Job
from luojiang_ce.notices.models import Delivery
from luojiang_ce.workflow.models import ChainLink, Event

from .probes import all_probes, troubles

log = logging.getLogger(__name__)
CONTENT_TYPE = CONTENT_TYPE_LATEST
BUCKETS = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)  # seconds
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"))
REQUESTS = Histogram(
    "http_request_seconds", "Requests by route", ("method", "route", "status"), buckets=BUCKETS, registry=REGISTRY
)


def note_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request that was answered; where the figures cannot be kept, the page is nevertheless."""
    try:
        REQUESTS.labels(kind_of(method), route, str(status)).observe(seconds)
    except OSError as error:
        log.warning("figures are not kept: %s", error.strerror)


def kind_of(method: str) -> str:
    """The method, if it is one: whoever invents them makes no figures of his own."""
    return method if method in METHODS else "OTHER"


def exposition() -> bytes:
    """All figures as text."""
    together = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    else:
        together.register(REQUESTS)
    together.register(_Standing())
    return generate_latest(together)


class _Standing(Collector):
    """What the database and the probes say at the moment of asking."""

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        jobs = GaugeMetricFamily("jobs", "Jobs by state", labels=["state"])
        for state, number in Job.objects.order_by().values_list("state").annotate(Count("pk")):
            jobs.add_metric([state], number)
        yield jobs
        waiting = Delivery.objects.filter(state=Delivery.State.WAITING).count()
        yield GaugeMetricFamily("deliveries_waiting", "Messages that were not sent yet", value=waiting)
        unsealed = Event.objects.count() - ChainLink.objects.count()
        yield GaugeMetricFamily("events_unsealed", "Events that the chain does not hold yet", value=unsealed)
        last = last_heartbeat()
        silent = (clock.now() - last).total_seconds() if last else float("inf")
        yield GaugeMetricFamily("worker_silent_seconds", "Since any scheduled task ended", value=silent)
        failed = {each.probe.name for each in troubles()}
        probes = GaugeMetricFamily("probe_failed", "1 where a probe of /health/ready found something", labels=["probe"])
        for probe in all_probes():
            probes.add_metric([probe.name], probe.name in failed)
        yield probes
        yield GaugeMetricFamily("build_demo", "1 where this is a demo", value=settings.DEMO)
