"""Regions, lines and what is measured in them."""
