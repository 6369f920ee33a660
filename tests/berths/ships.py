"""Three made-up container ships and what they burn."""

import polars as pl

from sisterport.berths.burn import burn_rates
from sisterport.fleet import particulars

MMSI = [200000001, 200000002, 200000003]
SHIPS = particulars(
    pl.DataFrame({"mmsi": MMSI, "ais_type": [70] * 3, "identities": 1, "positions": 1}),
    pl.DataFrame({"mmsi": MMSI, "ship_class": ["container"] * 3, "teu": [1500.0, 6000.0, 14000.0]}),
)
RATES = burn_rates(SHIPS, year=2026)
