"""Components of our own: see `registering`."""
