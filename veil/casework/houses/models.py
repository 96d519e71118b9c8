"""Tables of houses: ids, states and clocks; words are sealed."""
