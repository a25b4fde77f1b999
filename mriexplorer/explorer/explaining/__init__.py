"""Why an image looks as it does: curves, words, costs, lessons."""
