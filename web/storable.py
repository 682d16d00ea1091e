"""What no database could hold never gets to a view: endless numbers of an address and null signs of a form stop here."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter

LARGEST = 2**63 - 1  # both databases keep a whole number in eight bytes


class StorableConverter(IntegerConverter):
    """`<int:…>` of an address, as far as a database can count; beyond, the address does not exist."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"max": LARGEST, **more})


def install_storable(app: Flask) -> None:
    """Bounds the numbers of addresses, before the routes are made, and refuses null signs in forms."""
    app.url_map.converters["int"] = StorableConverter
    app.before_request(_refuse_null_signs)


def _refuse_null_signs() -> None:
    if any("\0" in value for value in request.form.values()):
        raise BadRequest()


def whole(text: str) -> int:
    """A whole number of a form, for `form.get(…, type=whole)`; ValueError for anything that is none or too large."""
    number = int(text)
    if abs(number) > LARGEST:
        raise ValueError(text)
    return number
