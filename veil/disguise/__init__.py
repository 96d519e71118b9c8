"""What people wear: one contract, one file a disguise, and the wardrobe."""

from veil.disguise.contract import Disguise, Strength

__all__ = ["Disguise", "Strength"]
