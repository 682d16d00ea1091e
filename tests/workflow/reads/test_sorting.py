"""What a form for many says beforehand of each case is what its own page says of it."""

from __future__ import annotations

import pytest

from tests.workflow.reads.scenes import LOGINS, Scene
from workflow.reads.case_page import case_page
from workflow.reads.many import sort_out
from workflow.verbs.bulk import seen_of

TRIGGERS = ("transfer", "sign_for", "report_rectified", "verify", "close", "send_back", "remind", "supervise")


@pytest.mark.parametrize("login", ["song", "lin", "zhao", "chen", "feng", "zhou", "han", "ma"])
def test_a_step_fits_exactly_the_cases_whose_page_offers_it(scene: Scene, login: str) -> None:
    assert login in LOGINS
    seen = scene.look(login, lambda store, occasion, actor: seen_of(store, occasion, actor, scene.ids.values()))
    pages = {case_id: scene.look(login, case_page, case_id) for case_id in seen}
    for trigger in TRIGGERS:
        found = scene.look(login, sort_out, seen, trigger)
        offered = {i for i, page in pages.items() for button in page.buttons if button.trigger == trigger and button.allowed}
        assert set(found.fits) == offered, trigger
        assert len(found.fits) + found.many_left == len(seen)
