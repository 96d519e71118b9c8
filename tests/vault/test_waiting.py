"""Questions to security keys wait for one answer, for a few minutes, in a bounded number."""

import time

import pytest

from veil.vault.security_key import KeyRefused, Place, begin_unlock, salt_of
from veil.vault.waiting import LONGEST_S, MOST, Waiting

QUESTION = begin_unlock(salt_of(b"a vault"), Place())


def test_one_answer_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question is given once, to whoever has its word, and not after its time."""
    waiting = Waiting()
    word, late = waiting.keep(QUESTION), waiting.keep(QUESTION)
    assert word != late
    assert waiting.take(word) is QUESTION
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + LONGEST_S + 1)
    for gone in (word, late, "", "unknown"):
        with pytest.raises(KeyRefused, match="too late"):
            waiting.take(gone)


def test_never_too_many() -> None:
    """However many pages are opened, memory does not grow: the oldest go first."""
    waiting = Waiting()
    words = [waiting.keep(QUESTION) for _ in range(MOST + 10)]
    assert waiting.take(words[10]) is QUESTION
    with pytest.raises(KeyRefused):
        waiting.take(words[9])
