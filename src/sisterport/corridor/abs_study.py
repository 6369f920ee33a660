"""The one public total of a corridor, held against itself in both readings and against the example's services.

The study of ABS for C40 Cities (Singapore-Los Angeles/Long Beach) is known through trade press: "3.9 Mt of fuel oil,
about 5.7 Mt of greenhouse gases per year" for 642 ships on 1,606 voyages from the first quarter of 2021 to the third of
2023. Whether the 3.9 Mt are of the whole period or of each year is not said.
"""

from functools import cache

import polars as pl

from sisterport.corridor.baseline import baseline, tonnes
from sisterport.corridor.examples import example
from sisterport.corridor.vessels import GJ_PER_TJ
from sisterport.fuels import wtw
from sisterport.reference import load, value

CORRIDOR = "singapore-la-lb"
EXAMPLE = "singapore-los-angeles"
BOUNDARY = (
    "string: all voyages of ships between the ends, with calls in between; "
    "the study has {share:g} % of the energy on direct voyages"
)
_QUARTERS_PER_YEAR = 4
_MILLION = 1e6
_FUEL, _ENGINE = "residual", "SSD"
"""What "fuel oil" is taken for: residual fuel in slow two-stroke engines (FuelEU Annex II)."""


@cache
def _fact(item: str) -> float:
    found = load("corridor_facts").filter(corridor_id=CORRIDOR, item=item)["value"].item()
    return float(found)


def _years() -> float:
    return value("abs_study_quarters") / _QUARTERS_PER_YEAR


def abs_comparison() -> pl.DataFrame:
    """Return both readings of the study's 3.9 Mt, as yearly figures beside those that it gives itself.

    Returns
    -------
    polars.DataFrame
        ``reading`` (whole period, per year), ``boundary``, ``fuel_mt_per_year``, ``energy_tj_per_year``,
        ``ttw_mt_per_year``, ``wtw_mt_per_year``, ``energy_tj_per_voyage``; the study's ``energy_2030_tj`` and
        ``ghg_mt_per_year``, and the ratio of the reading to each (``energy_ratio``, ``ghg_ratio``: well to wake).

    References
    ----------
    Table ``corridor_facts`` (secondary: TradeWinds, Safety4Sea); factors of Regulation (EU) 2023/1805 Annex II.

    Examples
    --------
    >>> abs_comparison().select("reading", pl.col("energy_ratio").round(2), pl.col("ghg_ratio").round(2)).rows()
    [('whole period', 0.96, 0.92), ('per year', 2.63, 2.54)]
    """
    years = _years()
    oil = wtw(_FUEL, _ENGINE)
    energy_2030, ghg = _fact("energy_demand_2030"), _fact("ghg")
    rows = []
    for reading, over in (("whole period", years), ("per year", 1.0)):
        fuel = _fact("fuel_oil") / over
        energy_gj = fuel * _MILLION * oil.lcv_mj_per_kg
        per_year = _fact("voyages_q1_2021_q3_2023") / years
        ttw, well = (tonnes(energy_gj, g) / _MILLION for g in (oil.ttw_g_per_mj, oil.wtw_g_per_mj))
        rows.append(
            {
                "reading": reading,
                "boundary": BOUNDARY.format(share=_fact("direct_voyages_share_of_energy")),
                "fuel_mt_per_year": fuel,
                "energy_tj_per_year": energy_gj / GJ_PER_TJ,
                "ttw_mt_per_year": ttw,
                "wtw_mt_per_year": well,
                "energy_tj_per_voyage": energy_gj / GJ_PER_TJ / per_year,
                "energy_2030_tj": energy_2030,
                "ghg_mt_per_year": ghg,
                "energy_ratio": energy_gj / GJ_PER_TJ / energy_2030,
                "ghg_ratio": well / ghg,
            }
        )
    return pl.DataFrame(rows)


def abs_per_voyage() -> pl.DataFrame:
    """Return the energy of a voyage in both readings beside that of the example's representative services.

    A voyage of a service is half of its round trip. The services are no list of those that the study saw, and a fifth
    of its energy is of other ships: only the size can be compared.

    Returns
    -------
    polars.DataFrame
        ``what``, ``boundary``, ``energy_tj_per_voyage``, ``voyages_per_year``.

    Examples
    --------
    >>> abs_per_voyage()["what"].to_list()[:2]
    ['study, whole period', 'study, per year']
    """
    study = abs_comparison()
    per_year = _fact("voyages_q1_2021_q3_2023") / _years()
    own = (
        baseline(example(EXAMPLE), boundary="string")
        .group_by("service", maintain_order=True)
        .agg(pl.col("energy_gj_per_year").sum(), pl.col("trips_per_year").first())
        .select(
            what="representative service " + pl.col("service"),
            boundary=pl.lit("string: half of a round trip, stays in port included"),
            energy_tj_per_voyage=pl.col("energy_gj_per_year") / GJ_PER_TJ / (2 * pl.col("trips_per_year")),
            voyages_per_year=2 * pl.col("trips_per_year"),
        )
    )
    said = study.select(
        what="study, " + pl.col("reading"),
        boundary="boundary",
        energy_tj_per_voyage="energy_tj_per_voyage",
        voyages_per_year=pl.lit(per_year),
    )
    return pl.concat([said, own])
