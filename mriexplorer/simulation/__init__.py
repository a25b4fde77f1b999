"""Simulated people: anatomy from label maps, shape, tissue, clinical record, scans."""
