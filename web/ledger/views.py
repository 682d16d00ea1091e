"""Views of the area `ledger`."""

from __future__ import annotations

from web.access import Route

ROUTES: tuple[Route, ...] = ()
