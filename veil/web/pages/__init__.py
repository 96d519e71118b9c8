"""One file for each part of the work: what its pages show, and what they do."""
