"""Options of the inventory: each changes what it says, exactly, and nothing else; the default changes nothing."""

from datetime import timedelta

import polars as pl
import pytest

from sisterport.engines.factors import fouling_by_age, law_factor
from sisterport.errors import MethodError
from sisterport.inventory import emissions, explain, shore_account
from sisterport.inventory.long_stay import long_stay_factor
from tests import factory
from tests.inventory.frames import NA, START, segment, segments, ship, ships


def stay(hours, ship_class="container", parts=1):
    """Berth segments in a row, `hours` in all."""
    step = hours / parts
    rows = [
        segment(i, hours=step, mode="berth", start_utc=START + timedelta(hours=step * i), mmsi=366000001)
        for i in range(parts)
    ]
    return segments(*rows), ships(ship(ship_class=ship_class, size_bin=3 if ship_class != "container" else 5))


def energy(frames, system, **options):
    return emissions(*frames, zones=NA, **options).filter(system=system)["energy_kwh"].sum()


@pytest.mark.parametrize(
    ("ship_class", "hours", "counted"),
    [
        ("container", 20, 20),
        ("container", 24, 24),
        ("container", 40, 24 + 16 * 0.75),
        ("oil_tanker", 40, 40),
        ("oil_tanker", 78, 48 + 30 / 3),
        ("chemical_tanker", 78, 48 + 30 / 3),
    ],
)
@pytest.mark.parametrize("parts", [1, 3, 8])
def test_long_stays_need_less_after_their_limit_however_they_are_cut(ship_class, hours, counted, parts):
    frames = stay(hours, ship_class, parts)
    for system in ("auxiliary_engine", "boiler"):
        plain = energy(frames, system)
        assert plain > 0
        assert energy(frames, system, long_stay="maru") / plain == pytest.approx(counted / hours, rel=1e-12)
        assert energy(frames, system, long_stay="none") == plain


def test_a_stay_ends_when_the_ship_moves_or_is_not_seen():
    whole, fleet = stay(60, parts=6)
    moved = whole.with_columns(mode=pl.when(pl.col("segment_id") == 3).then(pl.lit("manoeuvring")).otherwise("mode"))
    lost = whole.with_columns(
        pl.when(pl.col("segment_id") >= 3).then(pl.col(n) + pl.duration(hours=1)).otherwise(pl.col(n)).alias(n)
        for n in ("start_utc", "end_utc")
    )

    def factors(frame):
        known = frame.join(fleet.select("mmsi", "ship_class"), on="mmsi", maintain_order="left")
        return long_stay_factor(known, "maru").to_list()

    assert factors(whole) == pytest.approx([1, 1, 1 - 0.25 * 0.6, 0.75, 0.75, 0.75])
    assert factors(moved) == pytest.approx([1, 1, 1 - 0.25 * 0.6, 1, 1, 1])
    assert factors(lost) == pytest.approx([1, 1, 1 - 0.25 * 0.6, 1, 1, 1 - 0.25 * 0.6])


def test_the_order_of_rows_does_not_matter_to_long_stays():
    rows, fleet = stay(60, parts=6)
    known = rows.join(fleet.select("mmsi", "ship_class"), on="mmsi", maintain_order="left")
    there = dict(zip(known["segment_id"], long_stay_factor(known, "maru"), strict=True))
    back = known.reverse()
    assert dict(zip(back["segment_id"], long_stay_factor(back, "maru"), strict=True)) == there


def test_shore_power_meets_the_lower_demand_of_a_long_stay():
    rows, fleet = stay(40, parts=4)
    plug = pl.DataFrame(
        {"mmsi": [366000001], "start_utc": [START], "end_utc": [START + timedelta(hours=40)], "energy_kwh": [None]},
        schema_overrides={"energy_kwh": pl.Float64},
    )
    demand = [shore_account(rows, fleet, plug, long_stay=rule)["demand_kwh"][0] for rule in ("none", "maru")]
    assert demand[1] / demand[0] == pytest.approx((24 + 16 * 0.75) / 40)


@pytest.mark.parametrize(("engine", "factor"), [("LPDF_2S", 2.5), ("HPDF", 0.2), ("LPDF_4S", 5.5)])
def test_methane_of_lng_auxiliaries_by_both_readings(engine, factor):
    rows, fleet = segments(segment(0, hours=10.0, mode="berth")), ships(ship(engine_type=engine, fuel="lng"))
    kwh = energy((rows, fleet), "auxiliary_engine")
    for choice, g_per_kwh in (("engine", factor), ("otto", 5.5)):
        made = emissions(rows, fleet, zones=NA, lng_aux_ch4=choice)
        assert made.filter(system="auxiliary_engine")["ch4_kg"].sum() == pytest.approx(kwh * g_per_kwh / 1000)
        assert made.filter(system="boiler").equals(emissions(rows, fleet, zones=NA).filter(system="boiler"))


def test_explain_knows_the_options():
    rows, fleet = stay(40, parts=4)
    fleet = fleet.with_columns(engine_type=pl.lit("HPDF"), fuel=pl.lit("lng"))
    options = {"long_stay": "maru", "lng_aux_ch4": "otto", "slip_low_load": True, "zones": NA}
    made = emissions(rows, fleet, **options)
    said = explain(made, rows, fleet, where={"mode": "berth"}, amount="ch4_kg", **options)
    assert said.value == pytest.approx(made["ch4_kg"].sum(), rel=1e-9)


def test_options_of_the_other_method_are_refused():
    rows, fleet = stay(10)
    with pytest.raises(MethodError, match="lng_aux_ch4"):
        emissions(rows, fleet, method="epa", lng_aux_ch4="otto")
    with pytest.raises(MethodError, match="did you mean 'maru'"):
        emissions(rows, fleet, long_stay="mar")
    with pytest.raises(MethodError, match="sea margin"):
        law_factor(factory.ships(), "epa_propeller", weather="save_coastal")
    with pytest.raises(MethodError, match="year"):
        law_factor(factory.ships(), "ghg4", fouling="save_age")


def test_weather_and_fouling_replace_their_own_efficiency_and_only_that():
    fleet = factory.ships(
        ship_class=["container", "container", "cruise", "unknown"],
        size_bin=[5, 9, 5, None],
        build_year=[2000, 2020, None, 1900],
    )
    delta = [1.0, 0.75, 0.7, 1.0]
    plain = law_factor(fleet, "ghg4")
    coastal = law_factor(fleet, "ghg4", weather="save_coastal")
    assert coastal.to_list() == pytest.approx([d * 1.10 / 0.917 for d in delta])
    aged = law_factor(fleet, "ghg4", fouling="save_age", year=2024)

    # 24 years: 500 um and four years' growth; 4 years: 150 um and four; unknown: the mean; very old: as the last row
    def factor(k2_um):
        return 1.02 + 0.044 / 0.018 * ((k2_um * 1e-6) ** (1 / 3) - (120e-6) ** (1 / 3))

    assert (aged / plain * (1 / 0.917)).to_list() == pytest.approx([factor(620), factor(270), 1.07, factor(620)])
    both = law_factor(fleet, "ghg4", weather="save_coastal", fouling="save_age", year=2024)
    assert (both / coastal).to_list() == pytest.approx((aged / plain).to_list())


def test_fouling_stays_in_the_published_range():
    every = fouling_by_age(pl.Series(range(-1, 60)))
    assert every.is_between(1.02 - 1e-12, 1.11).all(), "ICCT SAVE: 1.02 to 1.11"
    assert every[0] == every[1] == pytest.approx(1.02)
