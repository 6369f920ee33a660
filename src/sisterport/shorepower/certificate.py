"""A small record that proves a plan: units, shares of links, prices, and the bound they give.

Prices are rounded and packed: any prices >= 0 prove a bound, so rounding costs nothing but a little tightness.
"""

import base64
import json
import zlib
from typing import Any

import numpy as np

from sisterport.reference import value
from sisterport.shorepower.blocks import Blocks
from sisterport.shorepower.phases import Problem
from sisterport.shorepower.prices import Prices, read
from sisterport.shorepower.problem import Floats, Ints

VERSION = 1


def rounded(p: Problem, b: Blocks, y: Prices) -> Prices:
    """Return the prices as the certificate keeps them: those of options short, and none where none is asked."""
    kept = {name: np.asarray(getattr(y, name), np.float32).astype(float) for name in Prices.__slots__}
    mantissa, exponent = np.frexp(np.where(b.local[p.option], 0.0, y.option))
    bits = int(value("upgrade_price_bits"))
    kept["option"] = np.ldexp(np.rint(mantissa * 2**bits), exponent - bits)
    return Prices(**kept)


def certificate(
    p: Problem, b: Blocks, y: Prices, x: Ints, z: Floats, *, terms: dict[str, Any], bound: float | None = None
) -> dict[str, Any]:
    """Return the certificate of plan `x` with shares `z` under prices `y`.

    Parameters
    ----------
    p, b
        Problem and its berths.
    y
        Prices, as `rounded` gives them.
    x, z
        Units of each upgrade copy, share of each link copy.
    terms
        What the problem was made of (objective, cost, budget or phases, floors), to be made again by `verify`.
    bound
        The bound that the prices prove; computed if not given.
    """
    net = p.network
    names, links = net.upgrades["upgrade_id"], net.links["link_id"]
    built = np.nonzero(x)[0]
    open_ = (z > 0) & (z < 1)
    tried = np.unique(p.base[b.local])
    return {
        "version": VERSION,
        "terms": terms,
        "plan": [[names[int(p.base[u])], int(p.phase[u]), int(x[u])] for u in built],
        "connected": pack(z > 0),
        "shares": [[links[int(p.link_base[e])], int(p.link_phase[e]), float(z[e])] for e in np.nonzero(open_)[0]],
        "value": float(p.gain @ z),
        "tried": [names[int(u)] for u in tried],
        "prices": {name: pack(getattr(y, name)) for name in Prices.__slots__},
        "bound": read(p, b, y).bound if bound is None else bound,
    }


def pack(values: Any) -> str:
    """Return an array of floats (or of booleans, as bits) as text: little-endian, deflated, base 64."""
    array = np.asarray(values)
    raw = np.packbits(array, bitorder="little") if array.dtype == bool else array.astype("<f4")
    return base64.b64encode(zlib.compress(raw.tobytes(), zlib.Z_BEST_COMPRESSION)).decode("ascii")


def to_json(record: dict[str, Any]) -> str:
    """Return the certificate as JSON text, the same for the same plan."""
    return json.dumps(record, indent=1, sort_keys=True) + "\n"
