"""Bundled real data of the port of New York and New Jersey, a sister port of Shanghai since 1993."""
