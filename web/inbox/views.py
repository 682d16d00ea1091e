"""Views of the area `inbox`."""

from __future__ import annotations

from web.access import Route

ROUTES: tuple[Route, ...] = ()
