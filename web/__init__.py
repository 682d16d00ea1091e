"""web: pages, JSON API, command line and wiring; every visible word, and every status of HTTP, is decided here.

It may import handlers, workflow, states, config, Flask and its family.
It must not write SQL, hold a session of the database or decide a rule.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config.settings import Settings
    from web.wiring import Office

MEBIBYTE = 1024 * 1024


def create_app(office: Office) -> Flask:
    """The site over an office. Everything about a request is decided by its route's mark before its view runs."""
    from flask import Flask
    from flask_wtf.csrf import CSRFProtect

    from web import access, errors, filters, frame, language, parts, rate, routes, security, storable, trailing, way_back
    from web.api.views import exempt
    from web.audit.views import exempt_witness
    from web.current import today
    from web.exports.handing import install_handing
    from web.passing import Arriving
    from web.patience import install_patience
    from web.proxies import behind_proxies
    from web.session.provider import exempt_finish, install_provider

    app = Flask(__name__)
    app.request_class = Arriving
    settings = office.settings
    https = _configure(app, settings)
    called = behind_proxies(app.wsgi_app, settings.trusted_proxies)
    app.wsgi_app = called  # type: ignore[method-assign, assignment]  # as Flask's guide says to
    app.extensions["duban"] = office
    app.extensions["duban_csrf"] = CSRFProtect(app)
    language.install_language(app)
    filters.install_filters(app, today)
    errors.install_errors(app)
    install_handing(app)
    install_provider(app, settings)
    security.install_security_headers(app, https=https)
    access.install_access(app)
    rate.install_rates(app, settings.requests_per_second)
    install_patience(app)
    trailing.install_trail(app)
    frame.install_frame(app)
    parts.install_parts(app)
    way_back.install_way_back(app)
    storable.install_storable(app)
    routes.install_routes(app)
    exempt(app)
    exempt_witness(app)
    exempt_finish(app)
    return app


def _configure(app: Flask, settings: Settings) -> bool:
    """What Flask is told; whether the site speaks TLS."""
    # Behind a proxy that the settings name, the address that people open says whether it speaks TLS.
    https = settings.certificate_file is not None or (
        bool(settings.trusted_proxies) and settings.site_url.startswith("https://")
    )
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        SESSION_COOKIE_NAME="__Host-duban_form" if https else "duban_form",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        MAX_CONTENT_LENGTH=settings.upload_mebibytes * MEBIBYTE,
        WTF_CSRF_TIME_LIMIT=settings.session_hours * 3600,
    )
    return https
