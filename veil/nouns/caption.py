"""A subtitle: one or two lines that stand together in the picture, when, and who says each."""

from dataclasses import dataclass

from veil.nouns.time import Span


@dataclass(frozen=True)
class Caption:
    """One or two lines of words, and the label of who says each of them.

    `begins` is True where somebody else speaks than in the subtitle before it.
    """

    span: Span
    lines: tuple[str, ...]
    speakers: tuple[str, ...]  # one for each line
    begins: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.lines)

    @property
    def letters_a_second(self) -> float:
        """How fast it must be read, in characters a second, spaces included."""
        return len(self.text) / max(1e-3, float(self.span.length_s))
