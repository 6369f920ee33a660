"""Resistance models as load laws: for each ship a table of corrections of the cubic law, by draught and speed.

    LF = K(t/t_ref, v/v_ref) (t/t_ref)^(2/3) (v/v_ref)^3 x weather and fouling

K is the power in calm water by the model, over what the cubic law makes of the installed power: the place that delta_w
has in the law of the Fourth IMO GHG Study, a constant there. It changes slowly with speed and draught, so a small table
per ship does, and a ship without corrections has the cubic law as it is. Where the exponent of the draught is not 2/3
(it is 0 in the propeller law of the EPA), it is taken out and put back in the same way.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sisterport.engines.factors import speed_power_delta
from sisterport.engines.functions import SPEED_STEPS
from sisterport.engines.hulls import Hulls, hull_arrays, hull_particulars
from sisterport.engines.laws import LoadLaw
from sisterport.engines.powering import power_of
from sisterport.engines.resistance import MODELS, propulsion_power
from sisterport.reference.store import value
from sisterport.tables import to_polars

DRAUGHTS = 25
"""Draught ratios of a table, from the lowest to the highest that is believed."""
SPEEDS = SPEED_STEPS * 5 // 4 + 1
"""Speed ratios of a table: up to 1.25 times the reference speed."""
_BLOCK = 16  # ships at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """Corrections of some ships.

    Attributes
    ----------
    basis : polars.DataFrame
        One row per ship, see `load_basis`.
    number : array
        Row of each ship in `curves`; 0 where there is none.
    curves : array or None
        Shape (corrections + 1, draught ratios, speed ratios); the first holds nothing. None of a cubic law.
    """

    basis: pl.DataFrame
    number: NDArray[np.int64]
    curves: NDArray[np.float64] | None

    def of(self, ships: pl.DataFrame) -> "Corrections":
        """Return the corrections of some of the ships, in their order."""
        numbered = self.basis.with_columns(number=pl.Series(self.number))
        rows = ships.select("mmsi").join(numbered, on="mmsi", how="left", maintain_order="left")
        return replace(self, basis=rows.drop("number"), number=rows["number"].to_numpy())

    def factor(self, ships: pl.DataFrame, factor: pl.Series, cubic: str) -> pl.Series:
        """Return the factor of the load law without the constant correction where there is a better one."""
        constant = speed_power_delta(ships, cubic)
        return pl.select(pl.when(pl.Series(self.number) > 0).then(factor / constant).otherwise(factor)).to_series()


def load_basis(ships: Any, law: LoadLaw) -> pl.DataFrame:
    """Return which law makes the load of each ship, and why it is not the resistance model where it is not.

    Parameters
    ----------
    ships
        Frame of particulars (``tables/ships.csv``).
    law
        From `load_law`.

    Returns
    -------
    DataFrame
        One row per ship: ``mmsi``; ``load_law``; ``reason`` why the cubic law has to do, null where the law is the one
        asked for; ``outside``: published bounds of the form that the hull is outside of at the reference speed and
        draught; ``load_at_reference``: power in calm water by the model at that speed and draught, over installed
        power [-].

    Examples
    --------
    >>> from sisterport.engines import load_law
    >>> ships = pl.DataFrame({"mmsi": [211839000, 366952790], "ship_class": ["container", "service_tug"],
    ...     "size_bin": [6, 1], "length_m": [336.0, 28.0], "beam_m": [42.8, 9.0], "draught_ref_m": [14.61, 4.0],
    ...     "dwt_t": [103890.0, None], "power_kw": [68640.0, 3000.0], "v_ref_kn": [24.5, 12.0]})
    >>> load_basis(ships, load_law("holtrop")).select("load_law", "reason").rows()  # doctest: +NORMALIZE_WHITESPACE
    [('holtrop', None), ('ghg4', 'no block coefficient: needs displacement, deadweight or cb')]
    """
    return load_corrections(ships, law).basis


def load_corrections(ships: Any, law: LoadLaw) -> Corrections:
    """Return the corrections of the cubic law for each ship; none of a cubic law itself.

    Parameters
    ----------
    ships, law
        As for `load_basis`.

    References
    ----------
    `sisterport.engines.propulsion_power`, without its own margin: weather, fouling and sea margin are those of the
    cubic law.
    """
    fleet = to_polars(ships)
    if law.model is None:
        nothing = {"reason": pl.String, "outside": pl.String, "load_at_reference": pl.Float64}
        basis = fleet.select(
            "mmsi", pl.lit(law.name).alias("load_law"), *(pl.lit(None, t).alias(n) for n, t in nothing.items())
        )
        return Corrections(basis=basis, number=np.zeros(fleet.height, np.int64), curves=None)
    hulls = hull_particulars(fleet)
    basis = _judged(hulls, law.model)
    rows = np.flatnonzero(basis["reason"].is_null().to_numpy())
    curves = _curves(hulls[rows], law)
    usable = (np.isfinite(curves) & (curves > 0)).all(axis=(1, 2))
    number = np.zeros(fleet.height, np.int64)
    number[rows[usable]] = np.arange(1, usable.sum() + 1)
    has = pl.Series(number > 0)
    basis = basis.with_columns(
        load_law=pl.when(has).then(pl.lit(law.name)).otherwise(pl.lit(law.cubic)),
        reason=pl.when(~has).then(pl.col("reason").fill_null("beyond the formulas at some speed or draught")),
    )
    empty = np.ones((1, DRAUGHTS, SPEEDS))
    columns = ("mmsi", "load_law", "reason", "outside", "load_at_reference")
    return Corrections(basis=basis.select(columns), number=number, curves=np.concatenate([empty, curves[usable]]))


def _judged(hulls: pl.DataFrame, model: str) -> pl.DataFrame:
    """Return the ships with the reason why the model is not for them."""
    speed = hulls["v_ref_kn"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    found = propulsion_power(hulls, speed, model=model, margin_pct=0.0)
    most = value("resistance_over_installed")
    load, power = pl.col("load_at_reference"), pl.col("power_kw")
    faults = [
        (power.is_null(), pl.lit("no main engine power")),
        (pl.col("v_ref_kn").is_null(), pl.lit("no reference speed")),
        (pl.col("told").is_not_null(), pl.col("told")),
        (
            pl.col("outside").str.contains(r"\bFn\b"),
            pl.lit("reference speed beyond the published Froude numbers"),
        ),
        (
            ~load.is_between(1 / most, most),
            pl.lit(f"power at reference speed not within a factor {most:g} of the installed power"),
        ),
    ]
    return (
        hulls.select("mmsi", "power_kw", "v_ref_kn")
        .with_columns(outside=_of_form(found["outside"]), told=found["reason"], load_at_reference=found["load_factor"])
        .with_columns(reason=pl.coalesce(pl.when(fault).then(text) for fault, text in faults))
    )


def _of_form(outside: pl.Series) -> pl.Series:
    """Leave out that the power is beyond what is installed: `load_at_reference` tells how far."""
    return outside.str.split(", ").list.set_difference(["power"]).list.sort().list.join(", ")


def _curves(hulls: pl.DataFrame, law: LoadLaw) -> NDArray[np.float64]:
    """Return the corrections of each hull by draught ratio and speed ratio."""
    method = MODELS[str(law.model)]
    draught = np.geomspace(value("draught_ratio_min"), value("draught_ratio_max"), DRAUGHTS).reshape(1, -1, 1)
    speed = (np.maximum(np.arange(SPEEDS), 1) / SPEED_STEPS).reshape(1, 1, -1)  # at standstill as at the first step
    cubic = speed**3 * draught**law.draught_exponent
    arrays, reference_kn = hull_arrays(hulls), hulls["v_ref_kn"].cast(pl.Float64).to_numpy()
    curves = np.empty((hulls.height, DRAUGHTS, SPEEDS))
    for start in range(0, hulls.height, _BLOCK):
        block = slice(start, start + _BLOCK)
        curves[block] = _load(arrays.part(block, axes=2), reference_kn[block], draught, speed, method) / cubic
    return curves


def _load(
    hulls: Hulls, reference_kn: NDArray[np.float64], draught: Any, speed: Any, method: str
) -> NDArray[np.float64]:
    rows = power_of(
        hulls, draught * hulls["draught_ref_m"], speed * reference_kn.reshape(-1, 1, 1), method, margin_pct=0.0
    )
    return rows.numbers["load_factor"]
