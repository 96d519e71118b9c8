"""Extraction, moves and check-ins: the way to a safe bed, and who must know if it fails."""
