"""Exchange: message standards turned into frames and back."""

from sisterport.exchange.dcsa import DcsaConnections, read_dcsa
from sisterport.exchange.dcsa_write import dcsa_events, write_dcsa

__all__ = ["DcsaConnections", "dcsa_events", "read_dcsa", "write_dcsa"]
