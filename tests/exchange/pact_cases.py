"""A footprint of PACT 3.0.3 of a synthetic category of iLEAP."""

from datetime import UTC, datetime

from sisterport.exchange.pact import Publisher, footprint

CARRIER = {"energyCarrier": "HFO", "relativeShare": "1", "emissionFactorWTW": "0.09", "emissionFactorTTW": "0.08"}
TOC = {"tocId": "t", "mode": "Sea", "energyCarriers": [CARRIER], "co2eIntensityWTW": "0.05", "co2eIntensityTTW": "0.04",
       "transportActivityUnit": "TEUkm"}  # fmt: skip
PUBLISHER = Publisher(name="Synthetic Port", ids=("urn:example:port",), domain="port.example")
PERIOD = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
CREATED = datetime(2026, 2, 1, tzinfo=UTC)


def made(category, **options):
    given = {"publisher": PUBLISHER, "period": PERIOD, "created": CREATED, "t_per_teu": 10.0, "gwp": "AR5"} | options
    return footprint(category, **given)
