"""A witness: another Duban, such as the superior commission's, which remembers what it was shown and signs that it saw it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from handlers.channels.webhook import allowed, post
from handlers.places import PlaceRefused, Sent


@dataclass(frozen=True, slots=True)
class Witness:
    """Shows checkpoints to the witness at `url`, whose host must be one of `hosts`."""

    url: str
    hosts: tuple[str, ...]
    name: str = "witness"
    takes_rows: bool = True

    def put(self, sent: Sent) -> str | None:
        """The witness's own signature over what it saw; PlaceRefused where it remembers something else."""
        address = f"{self.url.rstrip('/')}/witness/{sent.origin}"
        headers = {"Content-Type": "application/json; charset=utf-8"}
        status, told = post(allowed(address, self.hosts), sent.text, headers)
        if status != 200:
            raise PlaceRefused(f"the witness answered {status}")
        try:
            seen = json.loads(json.loads(told)["body"])
        except (ValueError, KeyError, TypeError) as fault:
            raise PlaceRefused("the witness answered no signature") from fault
        if (seen["origin"], seen["number"]) != (sent.origin, sent.number):
            raise PlaceRefused("the witness signed for another checkpoint")
        return told.decode("utf-8")
