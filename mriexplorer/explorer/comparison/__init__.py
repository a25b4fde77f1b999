"""Several contrasts, several people, a contrast against a reference."""
