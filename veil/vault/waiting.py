"""Questions that wait for a security key's answer: in memory, each for one answer and a few minutes."""

import secrets
import threading
import time
from collections import OrderedDict

from veil.vault.security_key import KeyRefused, Question

LONGEST_S = 5 * 60
MOST = 256  # open pages; beyond that the oldest must be opened again


class Waiting:
    """Keeps questions between the page that asks and the form that answers; safe to share between threads."""

    def __init__(self) -> None:
        self._questions: OrderedDict[str, tuple[float, Question]] = OrderedDict()
        self._guard = threading.Lock()

    def keep(self, question: Question) -> str:
        """Return a random word for a hidden field, by which `take` finds the question."""
        word = secrets.token_urlsafe(24)
        with self._guard:
            self._questions[word] = (time.monotonic(), question)
            while len(self._questions) > MOST:
                self._questions.popitem(last=False)
        return word

    def take(self, word: str) -> Question:
        """Return the question and forget it; raise `KeyRefused` when it was taken, or is too old."""
        with self._guard:
            since, question = self._questions.pop(word, (0.0, None))
        if question is None or time.monotonic() - since > LONGEST_S:
            raise KeyRefused("this answer belongs to another page, or comes too late", "open the page again")
        return question
