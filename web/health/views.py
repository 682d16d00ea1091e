"""How the machine is: for people a page, for monitors three plain addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, render_template, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from werkzeug.exceptions import NotFound

from web.access import Access, Route
from web.admin.change_words import why_words
from web.checkpointing import every, lags_of
from web.current import actor, now, office, today
from workflow.deliveries import standing
from workflow.heartbeat import is_alive, last_runs
from workflow.imports import may_import
from workflow.reads import undelivered
from workflow.reads.health import health, unfilled_organs

LOOPBACK = ("127.0.0.1", "::1")


def health_page() -> Any:
    """The last runs, postponed rungs, undelivered messages, self-checks; counts and reasons, no content of a case."""
    told = office().database.read(health)
    given_up = _by_reason(office().database.read(undelivered.count_given_up))
    failing = office().database.read(undelivered.list_failing)
    waiting = office().database.read(undelivered.health).waiting
    alive = office().database.read(lambda store: is_alive(store, now()))
    due = office().engine.count_due(now())
    unfilled = office().database.read(lambda store: unfilled_organs(store, today=today())) if _may_fill() else []
    return render_template(
        "health/health.html",
        told=told,
        given_up=given_up,
        failing=failing,
        waiting=waiting,
        alive=alive,
        stands=office().database.read(lambda store: standing(store, now(), every(office().settings))),
        rows_late=any(lag.is_late for lag in lags_of(office(), now())),
        due=due,
        unfilled=unfilled,
        aside_words=why_words,
        may_change=actor().has_role("system_admin"),
    )


def _by_reason(told: list[dict[str, Any]]) -> list[tuple[str, int, datetime]]:
    """Each kind of reason once, with how many lines it has and when the newest was: a thousand refusals are one line."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in told:
        found.setdefault(row["reason"].split(":")[0], []).append(row)
    return [(kind, sum(row["n"] for row in rows), max(row["at"] for row in rows)) for kind, rows in found.items()]


def _may_fill() -> bool:
    """Which bodies have work tells a little of where the inspectors are, so only those who can mend it are told."""
    return actor().has_role("system_admin", "security_admin") or may_import(actor())


def healthz() -> Any:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


def readyz() -> Any:
    """The database answers and the scheduler has swept lately, else 503."""
    if not office().database.answers():
        return Response("database\n", status=503, mimetype="text/plain")
    alive = office().database.read(lambda store: is_alive(store, now()))
    return Response("ok\n" if alive else "scheduler\n", status=200 if alive else 503, mimetype="text/plain")


def metrics() -> Any:
    """Figures for a monitor on this machine; nobody else is told that the address exists."""
    if request.remote_addr not in LOOPBACK:
        raise NotFound()
    registry = CollectorRegistry()
    Gauge("duban_rungs_due", "Rungs due and not climbed", registry=registry).set(office().engine.count_due(now()))
    ages = Gauge("duban_job_age_seconds", "Seconds since a job finished", ["job"], registry=registry)
    for job, at in office().database.read(last_runs).items():
        ages.labels(job=job).set((now() - at).total_seconds())
    stands = office().database.read(lambda store: standing(store, now(), every(office().settings)))
    if stands.window_from is not None:
        age = Gauge("duban_checkpoint_age_seconds", "Age of the newest checkpoint at two places outside", registry=registry)
        age.set((now() - stands.window_from).total_seconds())
    return Response(generate_latest(registry), mimetype=CONTENT_TYPE_LATEST)


ROUTES = (
    Route("/health", health_page, Access.SIGNED_IN),
    Route("/healthz", healthz, Access.PUBLIC),
    Route("/readyz", readyz, Access.PUBLIC),
    Route("/metrics", metrics, Access.PUBLIC),
)
