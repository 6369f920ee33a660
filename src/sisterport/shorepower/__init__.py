"""Shore power: which ship can plug in at which berth, what it saves, what to build first."""
