"""Segments by a resistance model: near the model itself, and the cubic law untouched where there is no hull."""

import math
from itertools import cycle

import polars as pl
import pytest

from sisterport.engines import STATISTICS, load_basis, load_corrections, load_law, propulsion_power
from sisterport.engines.factors import law_factor
from sisterport.voyages import build_zones, mode_rules, read_areas, segments
from sisterport.voyages.segments import _job
from tests import factory
from tests.voyages import plain

START = 1_600_000_000
SHIP = factory.ships(
    mmsi=[200_000_001],
    ship_class="container",
    size_bin=6,
    length_m=336.0,
    beam_m=42.8,
    draught_ref_m=14.6,
    dwt_t=103890.0,
    power_kw=68640.0,
    v_ref_kn=25.0,
)
BLIND = SHIP.with_columns(beam_m=pl.lit(None, pl.Float64))


@pytest.fixture(scope="module")
def zones():
    return build_zones(read_areas(factory.areas()), near_nm=mode_rules("sisterport").near_nm)


def voyage(speeds, draughts, hours=2):
    """A ship far at sea, a fix every ten minutes, at transmitted speeds and draughts."""
    steps = range(6 * hours)
    told = zip(steps, cycle(speeds), cycle(draughts), strict=False)
    fixes = [(200_000_001, START + 600 * i, 4_500_000 + 100 * i, -5_000_000, sog, draught) for i, sog, draught in told]
    names = ["mmsi", "t_s", "lat_e5", "lon_e5", "sog_dkn", "draught_dm"]
    kinds = [pl.Int32, pl.Int64, pl.Int32, pl.Int32, pl.Int16, pl.Int16]
    return pl.DataFrame(fixes, schema=dict(zip(names, kinds, strict=True)), orient="row")


@pytest.mark.parametrize("model", ["holtrop", "kristensen"])
def test_energy_is_that_of_the_model_with_the_weather_and_fouling_of_the_method(zones, model):
    fixes = voyage([140], [120])
    found = segments([fixes], SHIP, zones, law=model).segments
    calm = propulsion_power(SHIP, 14.0, 12.0, model=model, margin_pct=0)["load_factor"][0]
    factor = law_factor(SHIP, "ghg4")[0]
    assert found["lf_h"].sum() == pytest.approx(calm * factor * 11 / 6, rel=0.005)
    epa = load_law(model, cubic="epa_propeller")
    found = segments([fixes], SHIP, zones, law=epa).segments
    assert found["lf_h"].sum() == pytest.approx(calm * 1.15 * 11 / 6, rel=0.005)


def test_without_a_draught_the_reference_draught_counts(zones):
    unknown = segments([voyage([140], [None])], SHIP, zones, law="holtrop").segments
    full = segments([voyage([140], [146])], SHIP, zones, law="holtrop").segments
    assert unknown["lf_h"].sum() == pytest.approx(full["lf_h"].sum(), rel=1e-12)
    ballast = segments([voyage([140], [90])], SHIP, zones, law="holtrop").segments
    assert ballast["lf_h"].sum() < 0.9 * full["lf_h"].sum()


def test_caps_are_those_of_the_method(zones):
    fast = voyage([320], [146])
    slow = voyage([40], [146])
    assert segments([fast], SHIP, zones, law="holtrop").segments["lf_h"].sum() == pytest.approx(11 / 6)
    assert segments([slow], SHIP, zones, law="holtrop").segments["lf_h"].sum() == 0.0, "off below 7 %"
    epa = load_law("holtrop", cubic="epa_admiralty")
    assert segments([slow], SHIP, zones, law=epa).segments["lf_h"].sum() == pytest.approx(0.02 * 11 / 6)


@pytest.mark.parametrize("cubic", ["ghg4", "epa_propeller", "epa_admiralty"])
def test_a_ship_without_a_hull_has_the_cubic_law_to_the_last_bit(zones, cubic):
    fixes = voyage([130, 171, None, 155], [None, 120, 133])
    wanted = segments([fixes], BLIND, zones, law=cubic).segments
    got = segments([fixes], BLIND, zones, law=load_law("holtrop", cubic=cubic)).segments
    assert got.equals(wanted)
    assert not segments([fixes], SHIP, zones, law=load_law("holtrop", cubic=cubic)).segments.equals(wanted)


def test_ships_that_nobody_knows_stay_without_load(zones):
    found = segments([voyage([140], [120])], SHIP.with_columns(mmsi=pl.lit(5, pl.Int64)), zones, law="holtrop").segments
    assert found["lf_h"].sum() == 0.0


@pytest.mark.parametrize("model", ["holtrop", "kristensen"])
def test_the_plain_code_with_the_model_itself_comes_within_half_a_percent(zones, model):
    """Every speed from 8 kn on and draughts from half to full: not the table but `propulsion_power` at each fix."""
    speeds, draughts = list(range(80, 250, 7)), [75, 91, 104, 118, 127, 140, 146, 158]
    fixes, law = voyage(speeds, draughts, hours=20), load_law(model)
    numbers = _job(SHIP, zones, mode_rules("sisterport"), law, None, None, None).ships[0]
    ship = plain.Ship(*numbers[:5], tanker=False, calm_water=plain.by_model(SHIP, model))
    rows = list(fixes.drop("mmsi").iter_rows())
    told, _ = plain.run(
        rows, ship, law, mode_rules("sisterport"), lambda lat, lon: int(zones.locate(lat, lon)), zones.area_kind
    )
    found = segments([fixes], SHIP, zones, law=law).segments
    for name in STATISTICS:
        wanted = math.fsum(segment.sums.get(name, 0.0) for segment in told)
        assert found[name].sum() == pytest.approx(wanted, rel=0.005, abs=1e-3), name


@pytest.mark.parametrize("law", ["holtrop", "ghg4"])
def test_corrections_that_are_made_once_serve_any_of_the_ships(zones, law):
    """In another order, and for more ships than are there."""
    fleet = pl.concat([BLIND.with_columns(mmsi=pl.lit(9, pl.Int64)), SHIP])
    made = load_corrections(fleet, load_law(law))
    fixes = voyage([130, 171, None, 155], [None, 120, 133])
    wanted = segments([fixes], SHIP, zones, law=law).segments
    assert segments([fixes], SHIP, zones, law=law, corrections=made).segments.equals(wanted)
    turned = fleet.reverse()
    assert made.of(turned).basis.equals(load_basis(turned, load_law(law)))
