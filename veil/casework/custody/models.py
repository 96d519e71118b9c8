"""Tables of custody: ids, states and clocks; words are sealed."""
