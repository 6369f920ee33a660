"""What each regulation asks of a ship, a fleet or a port: one regulation, one module of pure functions."""
