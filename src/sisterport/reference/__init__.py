"""The only reader of ``reference/data``: every constant with its source and status."""

from sisterport.reference.ports import country_of, ports, resolve_locode
from sisterport.reference.store import catalogue, constant, load, path, used, value

__all__ = ["catalogue", "constant", "country_of", "load", "path", "ports", "resolve_locode", "used", "value"]
