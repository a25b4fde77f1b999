"""The session without a window: what is looked at, how, and what it looks like."""
