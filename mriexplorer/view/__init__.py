"""What is looked at, and how: the state, what it can be, presets, state files, the command line of a state."""
