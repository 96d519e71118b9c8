"""The steps a film goes through: watch, plan, cut, attack. Each is a function from values to values."""
