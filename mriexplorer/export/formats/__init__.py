"""The formats that can be written: each module has one ``FORMAT``, and imports what it needs when it writes."""
