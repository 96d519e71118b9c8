"""Why a sealed file is not opened; the sentences are fixed, so that they can be translated."""

from veil.errors import VeilError

_CHECK = "copy it again from where it came, or take it from a backup that `veil vault verify` accepts"


class NotAge(VeilError):
    """The file is not in the binary age format, version 1."""

    def __init__(self, problem: str = "the file is not sealed in the age format", hint: str = "") -> None:
        super().__init__(problem, hint or "check that this is the right file, and that it was copied whole")


class Spoiled(VeilError):
    """The file was changed, cut short or damaged: nothing that could not be proven whole was given out."""

    def __init__(self, problem: str = "the sealed file was changed or damaged") -> None:
        super().__init__(problem, _CHECK)


class NoKeyFits(VeilError):
    """The file is sealed to somebody else, or the passphrase is not right."""

    def __init__(self) -> None:
        super().__init__("no key at hand opens this file", "open it with the key or the passphrase it was sealed to")
