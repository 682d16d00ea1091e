"""Views of the area `notices`."""

from __future__ import annotations

from web.access import Route

ROUTES: tuple[Route, ...] = ()
