"""For whoever watches the service: alive, ready, measured."""

import hmac
import logging
import os
import time
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, abort, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError

from app import installed
from app.config import is_loopback
from app.core.installation import revision_of
from app.core.jobs.queries import chunks_by_state, last_heartbeat
from app.core.outbox.queries import messages_by_state
from app.core.permissions import SYSTEM
from views.base import HouseView, expose, house, public

log = logging.getLogger(__name__)

#: A worker says that it lives every few seconds.
HEARTBEAT_SECONDS = 60

_REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "gongdan_requests", "Requests answered.", ("method", "endpoint", "status"), registry=_REGISTRY
)  # fmt: skip
SECONDS = Histogram(
    "gongdan_request_seconds", "Time to answer a request.", ("endpoint",), registry=_REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip


class HealthView(HouseView):
    """Says nothing of the insides to strangers: ready or not, and which part is not."""

    route_base = ""
    default_view = "healthz"

    @expose("/healthz")
    @public
    def healthz(self) -> Any:
        """Alive: this process answers."""
        return jsonify(status="ok")

    @expose("/readyz")
    @public
    def readyz(self) -> Any:
        """Ready: database there and migrated. A missing worker is told, but the pages still work without it."""
        checks = _checks()
        ready = checks["database"] == checks["migrations"] == "ok"
        whole = "ok" if ready and checks["worker"] == "ok" else "degraded" if ready else "unavailable"
        return jsonify(status=whole, **checks), 200 if ready else 503

    @expose("/metrics")
    @public
    def metrics(self) -> Any:
        """Prometheus' text format; for this machine, or for who has the token."""
        if not _may_measure():
            abort(404)
        registry = CollectorRegistry()
        registry.register(_Queues())
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            text = generate_latest(registry)
        else:
            text = generate_latest(_REGISTRY) + generate_latest(registry)
        return Response(text, content_type=CONTENT_TYPE_LATEST)


def install(app: Flask) -> None:
    """Count and time every request of ``app``."""

    @app.after_request
    def measure(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        REQUESTS.labels(request.method, endpoint, response.status_code).inc()
        SECONDS.labels(endpoint).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        return response


def _checks() -> dict[str, str]:
    checks = {"database": "failed", "migrations": "unknown", "worker": "unknown"}
    try:
        with house().engine.connect() as connection:
            checks["database"] = "ok"
            checks["migrations"] = "ok" if revision_of(connection) == installed.newest_revision() else "pending"
        with house().transactions.reading(SYSTEM) as work:
            seen = last_heartbeat(work)
            alive = seen is not None and (work.now - seen).total_seconds() < HEARTBEAT_SECONDS
            checks["worker"] = "ok" if alive else "missing"
    except SQLAlchemyError:
        pass
    return checks


def _may_measure() -> bool:
    token = house().settings.metrics_token
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    # Behind a proxy on this machine everybody comes from here, so then only a token opens it.
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"))
    return is_loopback(request.remote_addr) and not forwarded


class _Queues:
    """What waits, read when asked for; whether there is a database to ask is measured like the rest."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = [*self._counted()]
        except SQLAlchemyError as error:
            log.warning("the database cannot be measured: %s", type(error).__name__)
            found = []
        up = GaugeMetricFamily("gongdan_database_up", "Whether the database answers: 1 or 0.")
        up.add_metric([], float(bool(found)))
        yield up
        yield from found

    def _counted(self) -> Iterator[GaugeMetricFamily]:
        with house().transactions.reading(SYSTEM) as work:
            depth = GaugeMetricFamily("gongdan_job_chunks", "Chunks of background jobs by state.", labels=["state"])
            for state, count in chunks_by_state(work).items():
                depth.add_metric([state], count)
            yield depth
            outbox = GaugeMetricFamily("gongdan_outbox_messages", "Messages of the outbox by state.", labels=["state"])
            for state, count in messages_by_state(work).items():
                outbox.add_metric([state], count)
            yield outbox
            seen = last_heartbeat(work)
            age = GaugeMetricFamily("gongdan_worker_seen_seconds", "Seconds since a worker was last heard of.")
            if seen is not None:
                age.add_metric([], (work.now - seen).total_seconds())
            yield age
