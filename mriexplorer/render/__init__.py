"""What a state of a subject looks like: pure functions of subject and state to pixels and readings."""
