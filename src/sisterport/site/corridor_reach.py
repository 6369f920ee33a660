"""The page of reach: how far each new fuel gets with today's tanks, with cargo space, with one more call."""

import polars as pl

from sisterport.corridor.reach import WAYS as ORDER
from sisterport.corridor.scenario import Scenario
from sisterport.site import charts
from sisterport.site.charts import LETTER_PX, LONGEST, WIDTH, Spec
from sisterport.site.corridor_parts import passport
from sisterport.site.corridor_words import WAYS, ends_of, place_name, port_name
from sisterport.site.digits import counted, percent, plain
from sisterport.site.parts import Content, Number, Section, picture
from sisterport.site.tabulate import Column, tabulate

TABLE = "The numbers are in the table below."
_COLOURS = {"tanks_today": charts.NAVY, "cargo_space": "#5b9cc9", "extra_call": "#e3b25c", "either": charts.SKY}
_FUELS = {
    "lng": "LNG",
    "methanol": "Methanol",
    "ammonia": "Ammonia",
    "liquid_hydrogen": "Liquid hydrogen",
    "compressed_hydrogen": "Hydrogen, compressed",
}
_SHOWN = 40


def page(reach: pl.DataFrame, served: pl.DataFrame, *, scenario: Scenario) -> Content:
    """Return the page.

    Parameters
    ----------
    reach
        Of `sisterport.corridor.reach.reach`.
    served
        Of `sisterport.corridor.reach.served` with the same options.
    scenario
        The scenario.
    """
    named = _worded(reach)
    today, best = named.filter(way="tanks_today"), named.filter(way="either")
    full = [name for name, share in today.select("name", "voyages_share").iter_rows() if (share or 0.0) > 1 - 1e-9]
    short = [name for name, share in today.select("name", "voyages_share").iter_rows() if (share or 0.0) <= 1 - 1e-9]
    cargo = float(reach["cargo_pct"].max() or 0.0)  # type: ignore[arg-type]
    return Content(
        kind=f"Reach on the corridor {scenario.name}",
        lead=_lead(full, short, ends_of(scenario), cargo),
        numbers=[
            Number(
                row["name"], percent(row["voyages_share"]), f"Of voyages with today's tanks; {percent(then)} at best."
            )
            for row, then in zip(today.to_dicts(), best["voyages_share"], strict=True)
        ],
        reserve=[
            "Volume only: whether a tank of another fuel may stand where the oil tank is, is not asked.",
            (
                f"{percent(scenario.ships.tank_reserve)} of every tank is not counted on. Boil-off is taken as "
                f"{scenario.ships.boiloff}."
            ),
            "The method is that of the ICCT for hydrogen between China and the United States (working paper 2020-05).",
        ],
        sections=[_shares(named, scenario, cargo), _legs(served), passport(scenario)],
    )


def _lead(full: list[str], short: list[str], ends: str, cargo: float) -> str:
    parts = []
    if full:
        parts.append(f"Every voyage between {ends} can be sailed on {_listed(full)} in the tank room of today.")
    if short:
        parts.append(
            f"On {_listed(short)} some voyages cannot be sailed so: {plain(cargo)} % of the cargo space or one more "
            "call on the way is what is tried for them."
        )
    return " ".join(parts)


def _listed(names: list[str]) -> str:
    lower = [name if name.isupper() else name[0].lower() + name[1:] for name in names]
    return lower[0] if len(lower) == 1 else f"{', '.join(lower[:-1])} and {lower[-1]}"


def _worded(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(name=pl.col("fuel").replace(_FUELS), words=pl.col("way").replace(WAYS))


def _shares(named: pl.DataFrame, scenario: Scenario, cargo: float) -> Section:
    wide = named.pivot("way", index="name", values=["voyages_share", "legs_share"])
    of = {"voyages_share": "Voyages", "legs_share": "Legs"}
    columns = [
        Column(key="name", label="Fuel", kind="text"),
        *(
            Column(key=f"{key}_{way}", label=f"{label}: {WAYS[way].lower()}", kind="share")
            for key, label in of.items()
            for way in ORDER
        ),
    ]
    dark = int(named["legs_unknown"].max() or 0)  # type: ignore[arg-type]
    stops = ", ".join(port_name(code) for code in scenario.extra_calls) or "none"
    return Section(
        key="shares",
        title="Share of voyages and legs",
        words=[
            (
                f"With cargo space: {plain(cargo)} % of it beside the tanks of today. With one more call: at {stops}, "
                "where it is nearest to the middle of the leg. A voyage goes from one end to the other; all its legs "
                "have to be served. Legs whose tank or energy is not known count as not served."
            ),
        ],
        parts=[
            picture("reach-shares", "Share of voyages that can be sailed on each fuel", _grouped(named), says=TABLE),
            tabulate(
                wide,
                columns,
                caption="What each fuel can serve, of all that is sailed in a year",
                notes=[f"Tank or energy of {counted(dark, 'leg')} is not known."] if dark else (),
            ),
        ],
    )


def _grouped(named: pl.DataFrame) -> Spec:
    """Return bars side by side: for each fuel one for each way."""
    names = named["name"].unique(maintain_order=True).to_list()
    room = 14 + LETTER_PX * min(LONGEST, max((len(name) for name in names), default=0))
    ways = [WAYS[way] for way in ORDER]
    rows = named.select(f="name", w="words", v="voyages_share").drop_nulls("v")
    return {
        "data": {"values": rows.to_dicts()},
        "width": WIDTH - room - 16,
        "height": {"step": 11},
        "mark": {"type": "bar", "height": 9},
        "encoding": {
            "y": {"field": "f", "type": "nominal", "sort": names, "axis": {"title": None, "minExtent": room}},
            "yOffset": {"field": "w", "type": "nominal", "sort": ways},
            "x": {
                "field": "v",
                "type": "quantitative",
                "scale": {"domain": [0, 1]},
                "axis": {
                    "title": "of voyages from end to end",
                    "format": ".0%",
                    "tickCount": 5,
                    "ticks": False,
                    "domain": False,
                },
            },
            "color": {
                "field": "w",
                "type": "nominal",
                "scale": {"domain": ways, "range": [_COLOURS[way] for way in ORDER]},
            },
        },
    }


def _legs(served: pl.DataFrame) -> Section:
    """Return the legs that are hardest to serve: what they need of each fuel beside the room that there is."""
    today = served.filter(way="tanks_today")
    wide = today.pivot(
        "fuel", index=["ship", "from_locode", "to_locode", "distance_nm", "energy_gj", "room_m3"], values="need_m3"
    )
    fuels = [name for name in _FUELS if name in wide.columns]
    other = [name for name in today["fuel"].unique(maintain_order=True) if name not in _FUELS]
    legs = wide.sort("distance_nm", descending=True).with_columns(
        leg=pl.format("{}-{}", pl.col("from_locode").fill_null("?"), pl.col("to_locode").fill_null("?")).map_elements(
            place_name, return_dtype=pl.String
        )
    )
    columns = [
        Column(key="leg", label="Leg", kind="text"),
        Column(key="ship", label="Service or ship", kind="text"),
        Column(key="distance_nm", label="Distance", unit="nm", most=0),
        Column(key="energy_gj", label="Energy", unit="TJ", factor=1e-3),
        Column(key="room_m3", label="Tank", unit="m³", most=0),
        *(Column(key=name, label=_FUELS.get(name, name), unit="m³", most=0) for name in [*fuels, *other]),
    ]
    left = legs.height - _SHOWN
    return Section(
        key="legs",
        title="What each leg needs",
        words=[
            "Volume of fuel for one leg, with the part of the tank that is not counted on, beside the tanks of today."
        ],
        parts=[
            tabulate(
                legs.head(_SHOWN),
                columns,
                caption="Legs, the longest first",
                notes=[f"{left} shorter legs are in the table reach_legs."] if left > 0 else (),
            )
        ],
    )
