"""Files in the age format, version 1 (age-encryption.org/v1): any `age` tool opens them with the right key.

`seal` writes one whole or not at all, `Sealer` takes what comes bit by bit, `AgeReader` reads anywhere in it.
"""

from veil.vault.age.keys import Identity, Key, Passphrase, Recipient, Wrapper
from veil.vault.age.reader import AgeReader
from veil.vault.age.refusals import NoKeyFits, NotAge, Spoiled
from veil.vault.age.writer import Sealer, seal, sweep

__all__ = [
    "AgeReader", "Identity", "Key", "NoKeyFits", "NotAge", "Passphrase", "Recipient", "Sealer", "Spoiled", "Wrapper",
    "seal", "sweep",
]  # fmt: skip
