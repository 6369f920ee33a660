"""What-if: outlets that are assumed at berths of which nothing is known. Assumed is not built."""

import polars as pl

from sisterport.reference import value
from sisterport.shorepower.profiles import profile
from sisterport.tables import check

SOURCE = "assumed outlet, not built"


def assumed_outlets(
    berths: pl.DataFrame,
    *,
    profile_id: str = "HVSC-CONTAINER",
    voltage_kv: float | None = None,
    frequency_hz: float = value("shore_assumed_frequency_hz"),
) -> pl.DataFrame:
    """Return one outlet of one profile at every berth, marked as assumed.

    Parameters
    ----------
    berths
        Frame with ``berth_id`` and ``locode``.
    profile_id
        Profile of the reference table ``connector_profiles``: power, plugs and cable side come from it.
    voltage_kv, frequency_hz
        Voltage [kV], by default the first one of the profile, and frequency [Hz] of the outlets.

    Returns
    -------
    DataFrame
        Table ``outlets``; position, tide and short-circuit level stay unknown, as nothing is there to measure.

    Examples
    --------
    >>> berths = pl.DataFrame({"berth_id": ["b1"], "locode": ["USNYC"]})
    >>> assumed_outlets(berths).select("outlet_id", "power_mva", "sockets_n", "cable_provider", "source").row(0)
    ('assumed @ b1', 7.5, 2, 'ship', 'assumed outlet, not built')
    """
    row = profile(profile_id)
    frame = berths.select("berth_id", "locode").unique(maintain_order=True).with_columns(
        pl.concat_str(pl.lit("assumed @ "), "berth_id").alias("outlet_id"),
        *(pl.lit(cell).alias(name) for name, cell in {
            "state": "operational",
            "kind": row["kind"],
            "profile": profile_id,
            "voltage_kv": row["nominal_kv"][0] if voltage_kv is None else voltage_kv,
            "frequency_hz": frequency_hz,
            "pair": "exists",
            "outlets_n": 1,
            "power_mva": row["max_mva"],
            "sockets_n": row["n_power_cables_max"],
            "socket_current_a": row["current_a_per_plug"],
            "connector": row["connector"],
            "pilots_n": row["pilot_contacts"],
            "cable_provider": row["cable_management_side"],
            "source": SOURCE,
            "status": "unverified",
        }.items()),
    )  # fmt: skip
    return check(frame, "outlets")
