"""Why an image looks as it does: curves, words, scan time, lessons."""
