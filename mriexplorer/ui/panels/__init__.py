"""Panels: a file and a class each; signals out, show_state in."""
