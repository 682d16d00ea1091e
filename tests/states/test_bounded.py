"""However a definition is meant to keep the proofs busy, they are through in seconds."""

from __future__ import annotations

import time
from typing import Any

from states.checks import prove
from states.checks.clocks import MOST_SITUATIONS, situations
from states.schema import load
from tests.states.mutations import TITLE, WHO, add_clock, add_verb
from tests.states.samples import VOCABULARY, document

SECONDS = 10.0


def ids(spoiled: dict[str, Any]) -> set[str]:
    began = time.process_time()
    found = {fault.id for fault in prove(spoiled, VOCABULARY)}
    assert time.process_time() - began < SECONDS
    return found


def test_clocks_that_replace_each_other_in_a_billion_ways_are_refused() -> None:
    tangled = document()
    for number in range(30):
        add_verb(tangled, f"replace_{number}", "received", "=")
        add_clock(tangled, f"first_{number}", "received", starts=[{"on": "open"}], settled_by=[f"replace_{number}"])
        add_clock(tangled, f"second_{number}", "received", starts=[{"on": f"replace_{number}"}])
    assert ids(tangled) == {"clocks_too_tangled"}


def test_clocks_that_only_begin_one_after_the_other_are_no_tangle() -> None:
    many = document()
    for number in range(30):
        add_verb(many, f"begin_{number}", "received", "=")
        add_clock(many, f"begun_{number}", "received", starts=[{"on": f"begin_{number}"}])
    assert ids(many) == set()
    assert len(situations(load(many))) < MOST_SITUATIONS


def test_as_many_states_verbs_and_clocks_as_there_may_be_are_proven_soon() -> None:
    large = document()
    keys = [f"s{number}" for number in range(97)]
    large["states"] += [{"key": key, "title": TITLE} for key in keys]
    for number in range(200):
        verb = {"trigger": f"t{number}", "title": TITLE, "from": ["received", *keys], "to": keys[number % 97], "who": WHO}
        large["transitions"].append(verb)
    for number in range(200):
        add_clock(large, f"c{number}", "received", starts=[{"on": "open"}], runs_in=["received", *keys])
    assert {"trap_state", "clock_never_settled"} & ids(large) == {"clock_never_settled"}


def test_more_than_that_is_not_even_read() -> None:
    large = document()
    large["states"] += [{"key": f"s{number}", "title": TITLE} for number in range(100)]
    large["fields"] *= 200
    assert ids(large) == {"too_many"}
