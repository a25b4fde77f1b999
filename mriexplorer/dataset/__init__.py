"""Many people: folders and tables of real ones, splits by person, gathered arrays, BIDS derivatives."""
