"""Views of the area `cases`."""

from __future__ import annotations

from web.access import Route

ROUTES: tuple[Route, ...] = ()
