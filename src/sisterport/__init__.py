"""Sisterport: from what ships did to what friendly ports should do next.

Every public name is imported when it is first used, so ``import sisterport`` costs nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "bands": "sisterport.inventory",
    "build_zones": "sisterport.voyages",
    "calls": "sisterport.voyages",
    "check": "sisterport.tables",
    "check_inventory": "sisterport.inventory",
    "clean": "sisterport.ais",
    "constant": "sisterport.reference",
    "coverage": "sisterport.shorepower.coverage",
    "emissions": "sisterport.inventory",
    "explain": "sisterport.inventory",
    "ingest": "sisterport.ais",
    "load": "sisterport.reference",
    "match": "sisterport.shorepower.match",
    "mode_rules": "sisterport.voyages",
    "particulars": "sisterport.fleet",
    "read_areas": "sisterport.voyages",
    "read_inlets": "sisterport.shorepower.registers",
    "read_outlets": "sisterport.shorepower.registers",
    "read_positions": "sisterport.ais",
    "read_project": "sisterport.project",
    "read_register": "sisterport.fleet",
    "read_stays": "sisterport.shorepower.records",
    "run": "sisterport.project",
    "savings": "sisterport.shorepower.savings",
    "sea_route": "sisterport.voyages",
    "segments": "sisterport.voyages",
    "summarise": "sisterport.inventory",
    "upgrades": "sisterport.shorepower.upgrades",
    "write_outputs": "sisterport.project",
    "wtw": "sisterport.fuels",
}

__all__ = ["__version__", *sorted(_HOME)]  # noqa: PLE0604 - plain strings from the map above


def __getattr__(name: str) -> Any:
    """Import a public name from its room when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module 'sisterport' has no attribute '{name}'")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return __all__
