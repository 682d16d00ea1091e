"""Views of the area `admin`."""

from __future__ import annotations

from web.access import Route

ROUTES: tuple[Route, ...] = ()
