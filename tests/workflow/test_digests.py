"""Digests say by what they were made, and each is held against the text by just that."""

from __future__ import annotations

import hashlib

import pytest

from config.settings import DIGEST_SUITES
from states.errors import NotReady
from workflow.digests import MARKS, begin, digest, end, holds, suite_of

# GB/T 32905-2016, appendix A: "abc", and "abcd" sixteen times.
EXAMPLES = {
    "abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",  # pragma: allowlist secret: of the standard
    "abcd" * 16: "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",  # pragma: allowlist secret: likewise
}


def test_the_settings_know_the_suites_that_there_are() -> None:
    assert tuple(MARKS) == DIGEST_SUITES


@pytest.mark.parametrize("text", EXAMPLES)
def test_sm3_is_that_of_the_standard_and_a_bare_digest_is_sha_256(text: str) -> None:
    assert digest("sm3", text) == f"sm3:{EXAMPLES[text]}"
    assert digest("sha256", text) == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("suite", MARKS)
def test_a_digest_is_held_against_all_of_the_text_by_the_suite_that_it_names(suite: str) -> None:
    made = digest(suite, "甲", "乙")
    assert holds(made, "甲", "乙") and suite_of(made) == suite
    assert not holds(made, "甲乙") and not holds(made, "乙", "甲") and not holds(made)
    seen = begin(suite)
    for part in ("甲", "\x1f", "乙"):
        seen.update(part.encode())
    assert end(seen) == made


def test_no_digest_passes_under_the_name_of_another_suite() -> None:
    made = digest("sm3", "甲")
    assert not holds(made.removeprefix("sm3:"), "甲")
    assert not holds(f"sm3:{digest('sha256', '甲')}", "甲")
    assert not holds(made.upper(), "甲")
    for said in (None, 7, "", "sm3:", "md5:", ["sm3:"]):
        assert not holds(said, "甲")


def test_where_openssl_offers_no_sm3_it_is_said_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    made = digest("sm3", "甲")
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    with pytest.raises(NotReady) as told:
        holds(made, "甲")
    assert told.value.params == {"why": "no_sm3"}
    assert holds(digest("sha256", "甲"), "甲")
