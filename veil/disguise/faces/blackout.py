"""Blackout: nothing at all is left of the head. The strongest cover, and the last step of every escalation."""

from veil.disguise.contract import Strength
from veil.nouns.cast import Face
from veil.nouns.picture import Box, Pixels


class Blackout:
    """A black rectangle over the whole head."""

    name = "blackout"
    strength = Strength.BLACKOUT

    def reach(self, face: Face) -> Box:
        """Return the head with hair, ears and chin."""
        return whole_head(face.box)

    def wear(self, patch: Pixels, face: Face, seed: int) -> Pixels:
        """Return the patch with the head black (code value 16, which every screen shows as black)."""
        del seed
        head = self.reach(face).clipped(patch.shape[1], patch.shape[0])
        covered = patch.copy()
        covered[head.top : head.bottom, head.left : head.right] = 16
        return covered


def whole_head(box: Box) -> Box:
    """Return the box of a whole head whose front (brows to chin, cheek to cheek) is `box`."""
    across, down = 0.24 * box.width, 0.3 * box.height
    return Box(
        round(box.left - across), round(box.top - down), round(box.right + across), round(box.bottom + 0.5 * down)
    )
