"""Tables of requests: ids, states and clocks; words are sealed."""
