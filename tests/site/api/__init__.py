"""Tests of the coalition's server."""
