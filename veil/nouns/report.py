"""What an attack on the finished cut found."""

from dataclasses import dataclass

from veil.nouns.picture import Box


@dataclass(frozen=True)
class Finding:
    """A face in the result that is not a double and may not be seen."""

    index: int
    box: Box
    score: float


@dataclass(frozen=True)
class Report:
    """The verdict on a cut; findings worst first."""

    frames: int
    undecodable: int  # packets of the film that could not be read
    findings: tuple[Finding, ...]

    @property
    def safe(self) -> bool:
        return not self.findings
