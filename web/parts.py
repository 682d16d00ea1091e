"""Parts of pages: what a page asks for again without a reload is the same page without its frame, from the same address.

htmx says in a header that it asks. Whoever has no script never does, and gets whole pages.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, make_response, request


def is_part() -> bool:
    """Does a page ask for a part of itself?"""
    return "HX-Request" in request.headers and "HX-History-Restore-Request" not in request.headers


def layout() -> str:
    """The frame around what is answered."""
    return "part.html" if is_part() else "base.html"


def over_page(rendered: str, status: int = 200) -> Any:
    """A page which, as a part, takes the place of everything that the page shows, whatever asked for it."""
    response = make_response(rendered, status)
    if is_part():
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#main", "innerHTML"
    return response


def beside(response: Response) -> Response:
    """A refusal which, as a part, is said beside the page: nothing that was typed there goes away."""
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "[data-toasts]", "beforeend"
    return response


def install_parts(app: Flask) -> None:
    """Tells templates what is asked for, and lets nothing but a part of its own page come into a page."""
    app.jinja_env.globals["in_place"] = is_part
    app.jinja_env.globals["layout"] = layout

    @app.after_request
    def send_on(response: Response) -> Response:
        if request.endpoint == "static":
            return response
        response.vary.add("HX-Request")
        if is_part() and response.location and not is_here(response.location):
            response.headers["HX-Redirect"] = response.location
            del response.headers["Location"]
            response.status_code = 204
        return response


def is_here(location: str) -> bool:
    """Is it the address of the page that asks for a part of itself, whatever it is narrowed to?"""
    return urlsplit(location).path == urlsplit(request.headers.get("HX-Current-URL", "")).path
