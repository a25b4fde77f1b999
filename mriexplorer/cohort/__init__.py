"""Many people: anatomy from label maps, shape, simulated people, real folders and tables, splits by subject."""
