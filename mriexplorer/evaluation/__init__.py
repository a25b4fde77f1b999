"""Figures on what the model makes, each with what it is to be compared with."""
