"""The frames that a plan consists of."""

from dataclasses import dataclass

import polars as pl

SHORE_POWER = "shore power"
"""What stands in column ``opened`` for shore power; otherwise a fuel family."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Frames of the tables ``corridor_...``, in the order of the scenario; only what is not zero."""

    ships: pl.DataFrame
    conversions: pl.DataFrame
    sailings: pl.DataFrame
    fuel: pl.DataFrame
    tanks: pl.DataFrame
    shore: pl.DataFrame
    openings: pl.DataFrame
    counted: pl.DataFrame
    accounts: pl.DataFrame
    costs: pl.DataFrame

    @property
    def cost_musd(self) -> float:
        """Present value of all that is paid [MUSD]."""
        return float(self.costs["present_musd"].sum())
