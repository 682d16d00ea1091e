"""The headers that every answer carries: nothing loads from another host, nothing inline runs, nobody frames a page."""

from __future__ import annotations

from flask import Flask, Response, request

# No 'unsafe-inline' anywhere: templates hold no script, no style element and no style attribute.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",  # previews of photographs taken on the phone, before they are sent
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "frame-src": "'self'",  # a file of ours that is looked at in its page
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {sources}" for name, sources in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Villages photograph evidence on the page; where they stand is a fact about a person and stays unknown.
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
}
_HSTS = "max-age=31536000"


def install_security_headers(app: Flask, *, https: bool) -> None:
    """Adds the headers after each request; `https` says that every page of this server is behind TLS."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers.setdefault("Strict-Transport-Security", _HSTS)
        _keep_out_of_caches(response)
        return response


def _keep_out_of_caches(response: Response) -> None:
    # A page shows what one person may see; only the built assets are the same for everybody. A file that is handed out says
    # no-cache by itself, which lets a cache keep it.
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
