"""The model: from scans to tissue maps and back through the signal equations. The only room that knows torch."""
