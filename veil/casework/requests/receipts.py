"""Receipts: random words with which somebody comes back to read an answer; the mailbox is made from them alone.

80 bits each: eight English words of 1,024, or ten Russian ones of 256. Nothing is stored from which they follow.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b

from shamir_mnemonic.wordlist import WORDLIST

from veil.casework.requests.words_ru import WORDS as RUSSIAN
from veil.vault import seal

SEED_BYTES = 10


@dataclass(frozen=True)
class Mailbox:
    """Where answers to one sender lie: its random name, and the pair that they are sealed to."""

    name: str
    secret: bytes
    public: bytes


def new_seed() -> str:
    """Return the 80 random bits of a new receipt, in hexadecimal."""
    return secrets.token_hex(SEED_BYTES)


def words_of(seed: str, language: str) -> list[str]:
    """Return a receipt as words of a language."""
    number = int.from_bytes(bytes.fromhex(seed), "big")
    base, count = (RUSSIAN, 10) if language == "ru" else (WORDLIST, 8)
    told = []
    for _ in range(count):
        number, index = divmod(number, len(base))
        told.append(base[index])
    return told[::-1]


def seed_of(words: str) -> str:
    """Return the seed that words stand for; words that stand for none give a seed that opens nothing."""
    told = unicodedata.normalize("NFKC", words[:2000]).casefold().replace("ё", "е")
    said = re.findall(r"[^\W\d_]+", told)
    for base, count in ((RUSSIAN, 10), (WORDLIST, 8)):
        if len(said) == count and all(word in base for word in said):
            number = 0
            for word in said:
                number = number * len(base) + base.index(word)
            return number.to_bytes(SEED_BYTES, "big").hex()
    return new_seed()


def is_seed(told: str) -> bool:
    """Tell whether a form carried a seed."""
    return re.fullmatch(r"[0-9a-f]{20}", told) is not None


def mailbox_of(seed: str) -> Mailbox:
    """Return the mailbox of a seed."""
    key = blake2b(bytes.fromhex(seed), digest_size=32, person=b"veil receipt").digest()
    secret = seal.derived(key, "answers")
    return Mailbox(seal.derived(key, "box").hex()[:32], secret, seal.public_of(secret))
