"""AIS: read raw positions from any usual source, clean them and say what was done, keep them in a store."""

from sisterport.ais.clean import clean
from sisterport.ais.fixed import FIXES, fixed_point, natural
from sisterport.ais.ingest import ingest
from sisterport.ais.layouts import layout_names
from sisterport.ais.read import read_positions
from sisterport.ais.store import PositionStore, scan_store, write_store

__all__ = [
    "FIXES",
    "PositionStore",
    "clean",
    "fixed_point",
    "ingest",
    "layout_names",
    "natural",
    "read_positions",
    "scan_store",
    "write_store",
]
