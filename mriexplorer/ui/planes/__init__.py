"""Planes on the screen, alone, side by side, and of several people."""
