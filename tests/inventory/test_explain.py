"""A figure and its derivation agree to the last digit, and every number in it has a source."""

import json
import random
from datetime import datetime, timedelta
from importlib.resources import files

import polars as pl
import pytest

from sisterport.errors import InputError, MethodError
from sisterport.inventory import emissions, explain, summarise
from sisterport.inventory.explain_parts import UNITS
from sisterport.inventory.explain_text import text
from sisterport.project import read_project, run
from sisterport.project.explained import explain_cell, worked_example
from sisterport.project.outputs import _SUMMARIES
from tests.inventory.frames import NA, START, segment, segments, ship, ships

ENGINES = [
    ("SSD", "residual"),
    ("MSD", "vlsfo"),
    ("HSD", "distillate"),
    ("SSD", "methanol"),
    ("LPDF_4S", "lng"),
    ("LPDF_2S", "lng"),
    ("HPDF", "lng"),
    ("LBSI", "lng"),
    ("ST", "residual"),
    ("GT", "distillate"),
    (None, None),
]
OPTIONS = [
    {"method": "ghg4"},
    {"method": "ghg4", "aux_table": "ghg3", "slip_low_load": True, "year": 2018, "gwp": "AR6"},
    {"method": "ghg4", "tier3_everywhere": True},
    {"method": "ghg4", "lng_aux_ch4": "otto"},
    {"method": "epa"},
    {"method": "epa", "load_based_bsfc": True, "year": 2013},
    {"method": "epa", "aux_table": "starcrest2016"},
]
SCALES = {"kWh": 1.0, "t": 1e6, "kg": 1e3}


@pytest.fixture(scope="module")
def demo():
    return run(read_project(files("sisterport.demo").joinpath("new_york", "project.toml")))


def adds_up(said):
    """Assert that the parts are products of the listed factors and add up to the value."""
    rows = said.rows
    assert rows["product"].sum() == pytest.approx(said.value or 0.0, rel=1e-9, abs=1e-15)
    energy = rows["load_hours"] * rows["power_kw"] - rows["shore_kwh"]
    recomputed = energy * rows["coefficient"] / SCALES[said.unit]
    assert recomputed.to_list() == pytest.approx(rows["product"].to_list(), rel=1e-9)
    own = said.factors.filter(role="factor").group_by("row").agg(pl.col("value").product())
    listed = rows.join(own, on="row", how="left")
    if said.unit != "kWh":
        assert listed["value"].to_list() == pytest.approx(rows["coefficient"].to_list(), rel=1e-12)
    powers = said.factors.filter(role="power").group_by("row").agg(pl.col("value").product())
    power = rows.join(powers, on="row", how="inner")
    assert power["value"].to_list() == pytest.approx(power["power_kw"].to_list(), rel=1e-9)
    for column in ("source", "status"):
        assert (said.factors[column].fill_null("") != "").all()


@pytest.mark.parametrize("seed", range(10))
def test_a_random_cell_of_the_demo_adds_up_to_the_printed_value(demo, seed):
    pick = random.Random(seed)  # noqa: S311
    period, by = pick.choice(demo.periods), pick.choice(list(_SUMMARIES.values()))
    table = summarise(period.emissions, period.segments, period.ships, by=by, areas=demo.areas.frame)
    row = pick.choice(table.drop_nulls("co2e_ttw_t").to_dicts())
    for amount in ("co2e_ttw_t", *pick.sample(list(UNITS), 4)):
        said = explain_cell(demo, period.name, {key: row[key] for key in by}, amount)
        assert said.value == (None if row[amount] is None else pytest.approx(row[amount], rel=1e-12))
        assert (said.ships, said.hours) == (row["ships"], pytest.approx(row["hours"]))
        assert said.hours_not_estimated == pytest.approx(row["hours_not_estimated"])
        adds_up(said)


def fleet():
    """A ship of each engine in each mode, inside a control area and outside, some with a scrubber or on shore power."""
    parts, rows = [], []
    for i, (engine, fuel) in enumerate(ENGINES):
        mmsi = 366000001 + i
        # chemical tankers have their own rows in all tables; one small ship falls under the rule of main power
        known = {"engine_type": engine, "fuel": fuel, "nox_tier": i % 4, "scrubber": i == 0, "keel_year": 2017}
        rows.append(ship(mmsi, **known, dwt_t=45000.0, power_kw=400.0 if i == 2 else 9000.0, build_year=1980 + 3 * i))
        for j, (mode, zone) in enumerate(
            (mode, zone) for mode in ("berth", "anchorage", "manoeuvring", "cruise") for zone in (None, "north_america")
        ):
            moving = mode in {"manoeuvring", "cruise"}
            loads = [(0.1, 0.5), (0.24, 0.5), (0.7, 1.0)] if moving else []
            extra = {} if moving else {"hours": 2.0}
            kind = {"engine_type": engine or "SSD"}
            start = START + timedelta(hours=3 * j)
            parts.append(
                segment(100 * i + j, loads, mmsi=mmsi, mode=mode, zone_id=zone, start_utc=start, **kind, **extra)
            )
    return segments(*parts), ships(*rows)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("amount", UNITS)
def test_every_engine_and_fuel_and_amount_is_explained(options, amount):
    cut, known = fleet()
    shore = pl.DataFrame(
        {
            "mmsi": [366000001],
            "start_utc": [START],
            "end_utc": [START + timedelta(hours=1.5)],
            "energy_kwh": [None],
        },
        schema_overrides={"energy_kwh": pl.Float64},
    )
    given = options | {"zones": NA, "shore_power": shore}
    rows = emissions(cut, known, **given)
    said = explain(rows, cut, known, where={}, amount=amount, **given)
    assert said.value == pytest.approx(rows[amount].sum(), rel=1e-9) if said.value is not None else amount == "bc_kg"
    adds_up(said)


def container(hours=10.0):
    cut = segments(segment(0, mode="berth", hours=hours, zone_id="north_america"))
    return cut, ships(ship())


def test_a_container_ship_at_berth_by_hand():
    cut, known = container()
    rows = emissions(cut, known, zones=NA)
    said = explain(rows, cut, known, where={"mode": "berth", "ship_class": "container"}, zones=NA)
    # Fourth IMO GHG Study: 1100 kW and 590 kW at berth (Table 17), 185 and 320 g/kWh distillate (Table 19), 3.206 g/g;
    # N2O 0.04 g/kWh at 265, CH4 0.01 and 0.002 g/kWh at 28
    auxiliary = 10 * 1100 * (185 * 3.206 + 0.04 * 265 + 0.01 * 28) / 1e6
    boiler = 10 * 590 * (320 * 3.206 + 0.04 * 265 + 0.002 * 28) / 1e6
    assert said.value == pytest.approx(auxiliary + boiler)
    first = said.rows.row(0, named=True)
    assert (first["what"], first["system"], first["fuel"]) == ("CO2", "auxiliary_engine", "distillate")
    assert (first["load_hours"], first["power_kw"]) == pytest.approx((10.0, 1100.0))
    assert first["coefficient"] == pytest.approx(185 * 3.206)
    told = said.factors.filter(row=0)
    assert told["value"].to_list() == [1100.0, 185.0, 3.206]
    assert told["status"].to_list() == ["checked"] * 3
    assert told["table"][0] == "aux_boiler_power_ghg4: container, 5, auxiliary_engine, berth"
    assert said.narrow["input"][0] in {"auxiliary_power", "boiler_power"}
    assert said.rests_on.filter(input="size").row(0) == ("size", "register", pytest.approx(1.0), pytest.approx(1.0))
    assert said.rests_on.filter(input="main power").is_empty(), "the main engine is off at berth"


def test_a_long_stay_lists_the_share_of_power():
    cut, known = container(hours=48.0)
    rows = emissions(cut, known, zones=NA, long_stay="maru")
    said = explain(rows, cut, known, where={}, amount="energy_kwh", zones=NA, long_stay="maru")
    adds_up(said)
    told = said.factors.filter(role="power", row=0)
    assert told["value"].to_list() == [1100.0, pytest.approx(0.875)], "a day at full power, a day at three quarters"


def test_tier_three_is_split_at_a_quarter_of_load():
    cut = segments(segment(0, [(0.2, 1.0), (0.5, 2.0)], zone_id="north_america"))
    known = ships(ship(nox_tier=3, keel_year=2018, build_year=2019, power_kw=10_000.0))
    rows = emissions(cut, known, zones=NA)
    said = explain(rows, cut, known, where={"system": "main"}, amount="nox_kg", zones=NA)
    parts = dict(said.rows.select("what", "product").iter_rows())
    assert parts["NOx"] == pytest.approx(10_000 * 0.5 * 2.0 * 3.4 / 1e3)
    assert parts["NOx below 25 % load"] == pytest.approx(10_000 * 0.2 * 1.0 * 14.4 / 1e3)


def test_a_computed_factor_lists_what_it_is_computed_from():
    cut = segments(segment(0, [(0.5, 1.0)], zone_id="north_america"))
    known = ships(ship())
    rows = emissions(cut, known, zones=NA)
    said = explain(rows, cut, known, where={"system": "main"}, amount="pm10_kg", zones=NA)
    parts = said.factors.filter(role="part")["value"].to_list()
    base, consumption, slope, sulphur, start = parts
    assert said.rows["coefficient"][0] == pytest.approx(base + consumption * slope * (sulphur - start))
    assert (base, start, sulphur) == (0.23, 0.0024, pytest.approx(0.0007)), "distillate, content below the limit"


def test_shares_say_what_the_value_rests_on():
    cut = segments(segment(0, [(0.5, 1.0)], mmsi=366000001), segment(1, [(0.5, 3.0)], mmsi=366000002))
    guessed = {"power_kw_source": "class average (x)", "v_ref_kn_source": "class average (x)"}
    known = ships(ship(366000001), ship(366000002, **guessed))
    rows = emissions(cut, known, zones=NA)
    said = explain(rows, cut, known, where={"system": "main"}, amount="fuel_t", zones=NA)
    shares = dict(said.rests_on.filter(input="main power").select("grade", "share_value").iter_rows())
    assert shares == {"class_average": pytest.approx(0.75), "register": pytest.approx(0.25)}
    assert said.narrow["input"][0] == "particulars"
    assert said.narrow["grade"][0] == "class average"
    assert said.leading_ships["mmsi"][0] == 366000002


def test_other_options_than_those_of_the_emissions_are_refused():
    cut, known = container()
    rows = emissions(cut, known, zones=NA)
    for wrong in ({"method": "epa"}, {"aux_table": "ghg3"}, {"gwp": "AR6"}):
        with pytest.raises(MethodError, match="were not made by this method"):
            explain(rows, cut, known, where={"mode": "berth"}, zones=NA, **wrong)


def test_unknown_words_are_answered_with_the_nearest():
    cut, known = container()
    rows = emissions(cut, known, zones=NA)
    with pytest.raises(MethodError, match="did you mean 'co2e_ttw_t'"):
        explain(rows, cut, known, where={}, amount="co2e_ttw")
    with pytest.raises(MethodError, match="did you mean 'ship_class'"):
        explain(rows, cut, known, where={"shipclass": "container"})


def test_an_empty_cell_says_so_and_what_was_perhaps_meant():
    cut, known = container()
    rows = emissions(cut, known, zones=NA)
    said = explain(rows, cut, known, where={"mode": "berht"}, zones=NA)
    assert said.value is None
    assert said.rows.is_empty()
    assert said.note == "the cell is empty: no segment has mode = berht (did you mean 'berth'?)"
    assert said.note in text(said)


def test_what_cannot_be_estimated_is_named():
    cut = segments(segment(0, [(0.5, 4.0)]))
    known = ships(ship(power_kw=None, v_ref_kn=None, ship_class="unknown_cargo", size=None, size_bin=None, teu=None))
    rows = emissions(cut, known, zones=NA)
    said = explain(rows, cut, known, where={"mode": "cruise"}, zones=NA)
    assert said.value is None
    assert said.hours_not_estimated == 4.0
    reasons = dict(said.missing.select("system", "reason").iter_rows())
    assert reasons["main"] == "main power or reference speed not known"
    assert reasons["boiler"].startswith("class or size not known")


@pytest.mark.parametrize("method", ["ghg4", "epa"])
def test_a_ship_of_which_nothing_is_known_is_told_not_lost(method):
    cut = segments(segment(0, [(0.5, 1.0)], mmsi=1), segment(1, mode="berth", hours=2.0, mmsi=1))
    rows = emissions(cut, ships(ship()), method=method)
    said = explain(rows, cut, ships(ship()), where={}, method=method)
    assert (said.value, said.hours, said.hours_not_estimated) == (None, 3.0, 3.0)
    assert set(said.missing["system"]) == {"main", "auxiliary_engine", "boiler"}
    assert json.loads(said.to_json())["value"] is None


def test_json_gives_the_same_numbers_back(demo):
    day = demo.periods[1].segments["date"][0]
    said = explain_cell(demo, demo.periods[1].name, {"date": day}, "nox_kg")
    back = json.loads(said.to_json())
    assert back == said.to_dict()
    assert sum(row["product"] for row in back["rows"]) == pytest.approx(back["value"], rel=1e-9)
    assert datetime.fromisoformat(back["where"]["date"]).date() == day


def test_keys_may_be_text_as_on_a_command_line(demo):
    period = demo.periods[1]
    largest = period.emissions.sort("co2e_ttw_t", nulls_last=True, descending=True)["segment_id"][0]
    mmsi, day = period.segments.filter(segment_id=largest).select("mmsi", "date").row(0)
    typed = explain_cell(demo, period.name, {"mmsi": mmsi, "date": day, "in_domain": True})
    words = explain_cell(demo, period.name, {"mmsi": str(mmsi), "date": str(day), "in_domain": "true"})
    assert words.value == typed.value > 0


def test_text_fits_a_hundred_columns_and_the_largest_figure_is_the_example(demo):
    name, said = worked_example(demo)
    assert max(map(len, text(said).splitlines())) <= 100
    for period in demo.periods:
        keys = ["group", "ship_class", "mode"]
        sums = summarise(period.emissions, period.segments, period.ships, by=keys)["co2e_ttw_t"]
        assert sums.max() <= said.value
    assert name in {period.name for period in demo.periods}
    with pytest.raises(InputError, match="there are: 30 June 2020"):
        explain_cell(demo, "June", {})
