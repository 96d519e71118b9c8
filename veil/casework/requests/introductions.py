"""Introductions: words that somebody of ours gives to one person by voice, with which they pass the line at the form.

In a flood nobody can tell many people in need from one enemy with many pages; a word that was given from person to
person can. It says nothing of either of them, is good for one message, and only until the end of the next month.
Nothing is kept of it until it is used: that it is ours follows from the words and the gate's key.
"""

import re
import secrets
import unicodedata
from collections.abc import Container
from hashlib import blake2b

from shamir_mnemonic.wordlist import WORDLIST

from veil.casework.requests import inbox
from veil.casework.requests.words_ru import WORDS as RUSSIAN

_DRAWN_BITS, _PROOF_BITS = 14, 26  # of one guess, 1 in 67,000,000 is right
_BASES = ((WORDLIST, 4), (RUSSIAN, 5))


def new(key: bytes, spent: Container[str]) -> str:
    """Return a fresh introduction, in hexadecimal, that is not among those that were used."""
    while True:
        drawn = secrets.randbelow(1 << _DRAWN_BITS)
        told = f"{drawn << _PROOF_BITS | _proof(key, drawn, _month()):010x}"
        if told not in spent:
            return told


def words_of(told: str, language: str) -> str:
    """Return an introduction as it is said: four English words, or five Russian ones."""
    base, count = _BASES[language == "ru"]
    number, said = int(told, 16), []
    for _ in range(count):
        number, index = divmod(number, len(base))
        said.append(base[index])
    return " ".join(reversed(said))


def read(key: bytes, said: str) -> str:
    """Return the introduction that words stand for; nothing where they are not ours, or too old."""
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", said[:400]).casefold().replace("ё", "е"))
    for base, count in _BASES:
        if len(words) == count and all(word in base for word in words):
            number = 0
            for word in words:
                number = number * len(base) + base.index(word)
            drawn, proof = number >> _PROOF_BITS, number & ((1 << _PROOF_BITS) - 1)
            if any(proof == _proof(key, drawn, _month() - ago) for ago in (0, 1)):
                return f"{number:010x}"
    return ""


def _proof(key: bytes, drawn: int, month: int) -> int:
    told = blake2b(f"{drawn} {month}".encode(), key=key, digest_size=8, person=b"veil known by").digest()
    return int.from_bytes(told, "big") >> (64 - _PROOF_BITS)


def _month() -> int:
    today = inbox.today()
    return today.year * 12 + today.month
