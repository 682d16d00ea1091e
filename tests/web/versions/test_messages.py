"""What the engine says of new versions has words in every language, and a topic by which it comes as mail."""

from __future__ import annotations

import pytest

from states.definition import LANGUAGES
from web.messages import render
from web.wiring import shipped_titles
from workflow.verbs import migrate
from workflow.versions import telling

MESSAGES = (migrate.MESSAGE, *telling.VERSION.values(), *telling.MOTION.values())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_said_with_what_it_carries(message: str, language: str) -> None:
    params = {"number": "整改〔2026〕3号", "name": "顾明", "from_on": "2026-12-01"}
    dates = {"original_due_on": "2026-11-02", "due_on": "2026-12-09"}
    said = render(shipped_titles(), message, params | dates, language)
    assert said and "{" not in said


def test_every_message_has_its_topic() -> None:
    listed = [message for topic in shipped_titles()["message_topics"].values() for message in topic["messages"]]
    assert set(MESSAGES) <= set(listed)
