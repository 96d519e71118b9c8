"""The network itself: workers under call signs, what they may do, whose keys they hold, and the audit."""
