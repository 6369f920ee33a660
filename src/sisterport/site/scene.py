"""What the sections share: the period with its joined frames, charts in frames, columns, codes in words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
from markupsafe import Markup

from sisterport.site import charts
from sisterport.site.activity import Activity
from sisterport.site.tabulate import Column
from sisterport.site.words import GROUPS, MODES, QUALITIES, SYSTEMS, ship_class

if TYPE_CHECKING:
    from sisterport.site.report import Period

HOURS = Column(key="hours", label="Ship hours", unit="h", most=1)
OPEN = Column(key="hours_open", label="not est.", unit="h", most=1)
SHIPS = Column(key="ships", label="Ships", kind="count")
ENERGY = Column(key="energy_kwh", label="Energy", unit="MWh", factor=1e-3)
EMITTED = (
    Column(key="co2_t", label="CO₂", unit="t"),
    Column(key="co2e_ttw_t", label="CO₂e TtW", unit="t"),
    Column(key="co2e_wtw_t", label="CO₂e WtW", unit="t"),
    Column(key="nox_kg", label="NOₓ", unit="kg"),
    Column(key="sox_kg", label="SOₓ", unit="kg"),
    Column(key="pm25_kg", label="PM₂.₅", unit="kg"),
    Column(key="bc_kg", label="BC", unit="kg"),
)
BAND = Column(key="co2e_ttw_t_band", label="80\u202f% band", unit="t", kind="band")
INVENTORY = (SHIPS, HOURS, OPEN, ENERGY, *EMITTED[:2], BAND, *EMITTED[2:])


class Figure(NamedTuple):
    """A chart with its caption."""

    caption: str
    svg: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One period with its joined frames and the prefix of its ids."""

    key: str
    period: "Period"
    found: Activity

    def banded(self, rows: pl.DataFrame, key: str, group: str) -> pl.DataFrame:
        """Return rows of a group, one per `key`, with their band of CO2e in ``co2e_ttw_t_band``, if there is any."""
        if key not in self.period.bands:
            return rows
        ends = pl.concat_list("co2e_ttw_t_low", "co2e_ttw_t_high")
        known = pl.when(pl.col("co2e_ttw_t_low").is_not_null()).then(ends).alias(BAND.key)
        bands = self.period.bands[key].filter(group=group).select(key, known)
        return rows.join(bands, on=key, how="left", maintain_order="left")

    def band(self, name: str, group: str, **only: str) -> tuple[float, float] | None:
        """Return the ends of the band of an amount of a group, or of a part of it; None if there is none."""
        key = next(iter(only), "group")
        if key not in self.period.bands:
            return None
        rows = self.period.bands[key].filter(group=group, **only).drop_nulls(f"{name}_low")
        return rows.select(f"{name}_low", f"{name}_high").row(0) if rows.height else None

    def bias(self, name: str, group: str) -> float | None:
        """Return by which share an amount of a group is too high by known biases."""
        rows = self.period.bands["group"].filter(group=group) if "group" in self.period.bands else None
        return None if rows is None or rows.is_empty() else rows[f"{name}_bias"][0]

    @property
    def hours(self) -> float:
        """Length of the period [h]."""
        return (self.period.end_utc - self.period.start_utc).total_seconds() / 3600.0


def figure(scene: Scene, name: str, caption: str, spec: charts.Spec) -> Figure:
    """Return a rendered chart."""
    text = charts.svg(spec, name=f"{scene.key}-chart-{name}", title=caption)
    return Figure(caption, Markup(text))  # noqa: S704 - Vega escapes what it writes


def worded(*columns: str) -> dict[str, pl.Expr]:
    """Return expressions that put codes into words."""
    words = {"group": GROUPS, "mode": MODES, "system": SYSTEMS, "quality": QUALITIES}
    expressions = {}
    for name in columns:
        if name == "ship_class":
            expressions[name] = pl.col(name).map_elements(ship_class, return_dtype=pl.String)
        else:
            expressions[name] = pl.col(name).replace(words[name])
    return expressions


def low(group: str) -> str:
    """Return a group in words, as it stands inside a sentence."""
    return GROUPS[group].lower()
