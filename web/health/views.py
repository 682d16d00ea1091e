"""Views of the area `health`."""

from __future__ import annotations

from web.access import Route

ROUTES: tuple[Route, ...] = ()
