"""The one human decision: who may be seen, and what everyone else wears."""

from dataclasses import dataclass, field
from typing import Literal

from veil.nouns.time import Instant, Span

Cover = Literal["double", "shadow", "blackout"]
COVERS: tuple[Cover, ...] = ("double", "shadow", "blackout")


@dataclass(frozen=True)
class Role:
    """What one person wears; `seen` are the spans in which they may be seen as they are."""

    cover: Cover = "double"
    double: str | None = None  # a name from the wardrobe; None lets Veil cast
    seen: tuple[Span, ...] = ()

    def shows(self, at: Instant) -> bool:
        return any(at in span for span in self.seen)


@dataclass(frozen=True)
class Plan:
    """Roles by label. Whoever has none, strangers included, wears `others`; nobody falls through to the original."""

    seed: int
    roles: dict[str, Role] = field(default_factory=dict)
    others: Role = Role()
    sound: Literal["left out", "as it is"] = "left out"
    codec: Literal["h264", "hevc"] = "h264"
    quality: int = 20
    preset: str = "veryfast"

    def role_of(self, label: str) -> Role:
        return self.roles.get(label, self.others)
