"""Pictures: planes, curves, 3-D, movies, painted by one code on the screen and without a window."""
