"""Views of the area `api`."""

from __future__ import annotations

from web.access import Route

ROUTES: tuple[Route, ...] = ()
