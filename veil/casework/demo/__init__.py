"""The invented network of `veil serve --demo`: nobody in it exists, and it is gone when the demonstration ends.

It is made by the workers' own hands through the same functions as a real one, each thing at its own time, so that
keys, clocks and boards are as in reality. Only a guess at a passphrase costs less here than it ever may elsewhere.
"""

from veil.casework.demo.filling import Demo, fill

__all__ = ["Demo", "fill"]
