"""Words: what names a person, and what stands there instead."""
