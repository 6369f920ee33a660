"""Savings: every golden case, the published case of Shanghai, and all columns against plain loops."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sisterport.errors import InputError, MethodError, SchemaError
from sisterport.reference import load, value
from sisterport.shorepower import saving_formulas as law
from sisterport.shorepower.economics import economics
from sisterport.shorepower.figures import figures
from sisterport.shorepower.grid import grid_factors
from sisterport.shorepower.saving_explained import EXPLAINED, explain_savings
from sisterport.shorepower.saving_text import saving_text
from sisterport.shorepower.savings import AMOUNTS, savings
from sisterport.tables import empty
from tests.conftest import ROOT

CASES = pl.read_csv(ROOT / "tests/cases/shorepower.csv").rows(named=True)
DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_golden(case):
    found = figures(json.loads(case["inputs_json"]))
    for name, expected in json.loads(case["expected_json"]).items():
        if expected is None:
            assert found.get(name) is None, name
        else:
            assert found[name] == pytest.approx(expected, rel=float(case["rel_tol"])), name


def test_shanghai_2017_from_the_published_factors():
    """US-China EcoPartnerships: 410,210 kWh gave 102.55 t fuel, 300 t CO2, 3.08 t SOx, 3.97 t NOx, 1.11 t PM.

    The factors are read off the same publication, so only the fuel and the arithmetic test anything.
    """
    given = {"energy_kwh": 110_910 + 299_300, "sfoc_g_per_kwh": 250.0, "cf_t_per_t": 300 / 102.55}
    found = figures(given | {"sulphur_share": 0.015, "nox_g_per_kwh": 9.68, "pm_g_per_kwh": 2.71})
    published = {"fuel_saved_t": 102.55, "co2_gross_t": 300, "sox_t": 3.08, "nox_t": 3.97, "pm_t": 1.11}
    for name, number in published.items():
        assert found[name] == pytest.approx(number, rel=2e-3), name


def test_blind_prediction_of_shanghai_2017_is_five_percent_low():
    rows = stay(hours=24.0, aux_mwh=410.21)
    saved = savings(rows, assume_fuel="distillate", t_connect_h=0, t_disconnect_h=0).row(0, named=True)
    assert saved["co2_gross_t"] / 300 - 1 == pytest.approx(-0.049, abs=0.001)
    assert saved["fuel_source"] == "assumed distillate, EPA tables"
    assert savings(rows).row(0, named=True)["co2_gross_t"] is None  # nothing is assumed unless asked for


def test_no_abatement_cost_where_nothing_is_saved():
    worse = next(case for case in CASES if case["id"] == "DEV-WORSE")
    given = json.loads(worse["inputs_json"]) | {
        "capex_usd": 1e6,
        "interest": 0.05,
        "years": 20,
        "tariff_usd_per_kwh": 0.1,
        "fuel_usd_per_t": 700,
    }
    found = figures(given)
    assert found["co2_net_t"] < 0
    assert "abatement_usd_per_t" not in found
    assert found["cost_usd_per_kwh"] > 0


def test_a_misspelt_input_is_named():
    with pytest.raises(MethodError, match=r"unknown input 'energy_kw' \(did you mean 'energy_kwh'\?\)"):
        figures({"energy_kw": 1.0})


@pytest.mark.parametrize(("interest", "years"), [(0.06, 20), (0.0, 10), (0.12, 1)])
def test_annuity_pays_the_loan_back(interest, years):
    debt, rate = 1.0, law.capital_recovery_factor(interest=interest, years=years)
    for _ in range(years):
        debt = debt * (1 + interest) - rate
    assert debt == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("interest", "years"), [(-0.01, 20), (0.05, 0)])
def test_no_annuity(interest, years):
    with pytest.raises(InputError, match="no annuity"):
        law.capital_recovery_factor(interest=interest, years=years)


def test_formulas_take_numbers_arrays_and_expressions():
    hours = [0.5, 1.5, 30.0]
    terms = {"t_connect_h": 1.0, "t_disconnect_h": 0.5}
    one = [law.connected_h(h, **terms) for h in hours]
    assert one == [0.0, 0.0, 28.5]
    assert law.connected_h(np.array(hours), **terms).tolist() == one
    frame = pl.DataFrame({"h": hours})
    assert frame.select(law.connected_h(pl.col("h"), t_connect_h=1.0, t_disconnect_h=0.5))["h"].to_list() == one


def stay(**more):
    row = {
        "stay_id": "a",
        "imo": 9074729,
        "locode": "CNSGH",
        "berth_id": "b1",
        "start_utc": DAY,
        "end_utc": DAY + timedelta(hours=24),
        "hours": 24.0,
    } | more
    return pl.DataFrame([row])


@st.composite
def many_stays(draw):
    rows = []
    for number in range(draw(st.integers(1, 8))):
        hours = draw(st.floats(0.1, 60))
        known = draw(st.booleans())
        mwh = draw(st.floats(0.01, 90)) if known else None
        burnt = draw(st.booleans()) and known
        amounts = {f"aux_{name}_t": draw(st.floats(0, 1)) * mwh if burnt else None for name in ("fuel", *AMOUNTS)}
        start = DAY + timedelta(minutes=draw(st.integers(0, 5000)))
        rows.append(
            {
                "stay_id": f"s{number}",
                "imo": 9074729,
                "locode": draw(st.sampled_from(["CNSGH", "NOOSL", "USLAX", "KEMBA"])),  # no factor for Kenya
                "berth_id": draw(st.sampled_from(["b1", "b2", None])),
                "place": draw(st.sampled_from(["berth", "berth", "anchorage", None])),
                "start_utc": start,
                "end_utc": start + timedelta(hours=hours),
                "hours": hours,
                "aux_mwh": mwh,
                "connected_mwh": draw(st.sampled_from([None, 0.0, 0.5])),
                **amounts,
            }
        )
    return pl.DataFrame(rows, schema={name: empty("stays").schema[name] for name in rows[0]})


OUTLETS = pl.DataFrame(
    {
        "outlet_id": ["o1", "o2", "o3"],
        "berth_id": ["b1", "b1", "b1"],
        "locode": ["CNSGH"] * 3,
        "state": ["operational", "planned", "retired"],
        "t_connect_h": [0.5, 0.8, 9.0],
        "loss_share": [0.02, None, 0.5],
        "converter_efficiency": [1.0, 0.94, 0.1],
        "ef_grid_t_per_mwh": [0.1, None, None],
        "tariff_usd_per_kwh": [0.12, 0.12, None],
        "source": ["port"] * 3,
        "status": ["checked"] * 3,
    }
)


@given(many_stays(), st.booleans())
def test_every_figure_against_a_plain_loop(rows, with_outlets):
    outlets = OUTLETS if with_outlets else None
    grid = pl.DataFrame({"locode": ["USLAX"], "ef_grid_t_per_mwh": [0.2], "nox_g_per_kwh": [0.3]})
    saved = savings(rows, outlets=outlets, grid=grid, t_disconnect_h=0.25).rows(named=True)
    countries = dict(load("grid_co2_by_country").select("country_code", "ef_grid_t_per_mwh").iter_rows())
    assert [row["stay_id"] for row in saved] == rows["stay_id"].to_list()
    for row, got in zip(rows.iter_rows(named=True), saved, strict=True):
        at_b1 = with_outlets and row["berth_id"] == "b1"
        connect = 0.8 if at_b1 else value("shore_connect_h")  # the longer of two outlets that are not retired
        loss = 0.02 if at_b1 else value("shore_loss_share")
        efficiency = 0.94 if at_b1 else value("shore_converter_efficiency")
        factor = 0.1 if at_b1 else 0.2 if row["locode"] == "USLAX" else countries.get(row["locode"][:2])
        if row["place"] == "anchorage" or row["aux_mwh"] is None:
            assert got["reason"] == ("at anchor" if row["place"] == "anchorage" else "no energy known")
            assert got["energy_mwh"] is got["co2_net_t"] is got["grid_mwh"] is None
            continue
        on = max(0.0, row["hours"] - connect - 0.25)
        already = row["connected_mwh"] or 0.0
        energy = max(0.0, (row["aux_mwh"] + already) * on / row["hours"] - already)
        assert got["connected_h"] == pytest.approx(on, abs=1e-9)
        assert got["energy_mwh"] == pytest.approx(energy, abs=1e-9)
        taken = energy / (efficiency * (1 - loss))
        assert got["grid_mwh"] == pytest.approx(taken, abs=1e-9)
        for name in ("fuel", *AMOUNTS):
            made = row[f"aux_{name}_t"]
            gross = None if made is None else energy * made / row["aux_mwh"]
            key = "fuel_t" if name == "fuel" else f"{name}_gross_t"
            assert got[key] == (None if gross is None else pytest.approx(gross, abs=1e-9)), key
            if name == "fuel":
                continue
            own = {"co2": factor, "co2e": factor, "nox": 0.3e-3 if row["locode"] == "USLAX" else None}.get(name)
            net = None if gross is None or own is None else gross - taken * own
            assert got[f"{name}_net_t"] == (None if net is None else pytest.approx(net, abs=1e-9)), name


@settings(max_examples=40)
@given(many_stays())
def test_what_a_saving_must_obey(rows):
    saved = savings(rows)
    for name in AMOUNTS:
        counted = saved.drop_nulls(f"{name}_gross_t")
        made = rows.filter(pl.col("stay_id").is_in(counted["stay_id"].implode()))[f"aux_{name}_t"]
        assert (counted[f"{name}_gross_t"] <= made + 1e-9).all()  # never more than was emitted
    counted = saved.filter((pl.col("energy_mwh") > 0) & pl.col("co2_net_t").is_not_null())
    # the sign of the net saving says on which side of the break-even the grid is
    cleaner = counted["break_even_t_per_mwh"] - counted["ef_grid_t_per_mwh"]
    clear = (cleaner.abs() > 1e-9).to_numpy()
    same = np.sign(cleaner.to_numpy()[clear]) == np.sign(counted["co2_net_t"].to_numpy()[clear])
    assert same.all()
    for lossy in (savings(rows, loss_share=0.2), savings(rows, converter_efficiency=0.8), savings(rows, t_connect_h=3)):
        assert (lossy["energy_mwh"].fill_null(0) <= saved["energy_mwh"].fill_null(0) + 1e-12).all()
    # explain works every figure out again and compares
    for amount in EXPLAINED:
        said = explain_savings(saved, amount=amount)
        total = saved[amount].sum() if saved[amount].count() else None
        assert said.value == (None if total is None else pytest.approx(total, abs=1e-9))
        assert max(map(len, saving_text(said).splitlines())) <= 100
        json.loads(said.to_json())


def test_recorded_energy_counts_as_it_was_metered():
    rows = stay(aux_mwh=6.0, aux_co2_t=4.2, aux_fuel_t=1.3, connected_mwh=30.0)
    did = savings(rows, recorded=True, loss_share=0, converter_efficiency=1).row(0, named=True)
    assert did["energy_mwh"] == 30.0
    assert did["co2_gross_t"] == pytest.approx(21.0)
    assert did["connected_h"] is None
    none = savings(stay(aux_mwh=6.0), recorded=True).row(0, named=True)
    assert (none["reason"], none["energy_mwh"]) == ("no record of a connection", None)


def test_default_terms_say_so_and_the_outlet_comes_first():
    rows = pl.concat([stay(aux_mwh=24.0), stay(stay_id="b", berth_id="b9", aux_mwh=24.0)])
    first, second = savings(rows, outlets=OUTLETS).rows(named=True)
    assert first["t_connect_h_source"] == "outlets of the berth differ: the cautious value"
    assert first["loss_share_source"] == "outlet"
    assert (first["ef_grid_source"], first["ef_grid_status"]) == ("outlet", "given")
    assert second["loss_share_source"] == "default (unverified)"
    assert (second["tariff_usd_per_kwh"], second["tariff_usd_per_kwh_source"]) == (None, None)
    assert second["ef_grid_source"] == "country CN, 2024"


@pytest.mark.parametrize(
    "terms", [{"loss_share": 1.0}, {"converter_efficiency": 0.0}, {"t_connect_h": -1.0}, {"converter_efficiency": 1.1}]
)
def test_terms_that_make_no_sense(terms):
    with pytest.raises(MethodError, match="makes no sense"):
        savings(stay(aux_mwh=1.0), **terms)
    with pytest.raises(MethodError, match="unknown fuel 'diesel'"):
        savings(stay(aux_mwh=1.0), assume_fuel="diesel")


@st.composite
def hourly(draw):
    hours = sorted(draw(st.sets(st.integers(-2, 40), min_size=1)))
    return {DAY + timedelta(hours=h): draw(st.floats(0, 1)) for h in hours}


@given(hourly(), st.integers(0, 1200), st.integers(1, 1200))
def test_hourly_grid_against_minutes_counted_one_by_one(steps, on, length):
    grid = pl.DataFrame({"time_utc": list(steps), "ef_grid_t_per_mwh": list(steps.values())})
    begin, end = DAY + timedelta(minutes=on), DAY + timedelta(minutes=on + length)
    period = pl.DataFrame({"locode": ["CNSGH"], "on_utc": [begin], "off_utc": [end]})
    found = grid_factors(period, grid=grid).row(0, named=True)
    total, covered = 0.0, 0
    for minute in range(on, on + length):
        factor = steps.get(DAY + timedelta(hours=minute // 60))
        covered += factor is not None
        total += 0.56 if factor is None else factor
    assert found["ef_grid_t_per_mwh"] == pytest.approx(total / length, abs=1e-9)
    if covered == length:
        assert found["ef_grid_source"] == "hourly"
    else:
        assert "country CN, 2024" in found["ef_grid_source"]
        assert found["ef_grid_status"] == "secondary"


def test_hourly_grid_by_port_and_for_pollutants():
    grid = pl.DataFrame(
        {
            "time_utc": [DAY + timedelta(hours=h) for h in range(24)],
            "locode": ["CN SHG"] * 24,
            "ef_grid_t_per_mwh": [0.5] * 12 + [0.3] * 12,
            "nox_g_per_kwh": [0.4] * 24,
        }
    )
    rows = pl.concat(
        [stay(aux_mwh=24.0, aux_nox_t=0.24), stay(stay_id="b", locode="USLAX", aux_mwh=24.0, aux_nox_t=0.24)]
    )
    terms = {"t_connect_h": 0, "t_disconnect_h": 0, "loss_share": 0, "converter_efficiency": 1}
    first, second = savings(rows, grid=grid, **terms).rows(named=True)
    assert first["ef_grid_t_per_mwh"] == pytest.approx(0.4)
    assert first["nox_net_t"] == pytest.approx(0.24 - 24 * 0.4e-3)
    assert (second["ef_grid_source"], second["nox_net_t"]) == ("country US, 2024", None)
    assert second["nox_gross_t"] == pytest.approx(0.24)


def test_faults_of_a_grid_frame_at_once():
    grid = pl.DataFrame(
        {"locode": ["USLAX", "USLAX", None], "ef_grid_t_per_mwh": [0.3, -0.1, None], "nox_g_per_kwh": [0.1, -1.0, 0.1]}
    )
    with pytest.raises(SchemaError) as caught:
        savings(stay(), grid=grid)
    for part in ("'ef_grid_t_per_mwh': 1 rows below 0", "'nox_g_per_kwh': 1 rows below 0", "2 rows have the same"):
        assert part in str(caught.value)
    with pytest.raises(SchemaError, match="needs 'time_utc'"):
        savings(stay(), grid=grid.drop("locode"))


def test_dead_outlets_are_refused():
    dead = OUTLETS.with_columns(loss_share=1.0)
    with pytest.raises(SchemaError, match="2 outlets lose all energy, first: o1"):
        savings(stay(aux_mwh=1.0), outlets=dead)


def test_an_altered_figure_is_not_explained():
    saved = savings(stay(aux_mwh=24.0, aux_co2_t=16.0))
    with pytest.raises(MethodError, match="does not follow from its factors, first: a"):
        explain_savings(saved.with_columns(pl.col("co2_net_t") * 1.01))
    with pytest.raises(MethodError, match=r"did you mean 'co2_net_t'"):
        explain_savings(saved, amount="co2_net")


def test_an_explanation_names_each_factor_with_source_and_status():
    unknown = stay(stay_id="x", aux_mwh=None, aux_co2_t=None)
    rows = pl.concat([stay(aux_mwh=24.0, aux_co2_t=16.0), unknown], how="vertical_relaxed")
    said = explain_savings(savings(rows), where={"locode": "CNSGH"})
    names = dict(zip(said.factors["name"], said.factors["status"], strict=True))
    assert names["loss_share"] == "unverified"
    assert names["grid, CO2e"] == "secondary"
    assert said.factors.null_count().sum_horizontal().item() == 0
    assert said.not_counted.rows() == [("no energy known", 1, 24.0)]
    text = saving_text(said)
    for part in ("Our World in Data", "boilers stay on board", "grid_mwh = energy_mwh / (converter efficiency"):
        assert part in text


def test_economics_of_a_year_against_the_golden_case():
    """DEV-COST: one berth with converter, 3 GWh a year; here as one stay in a tenth of a year."""
    case = next(case for case in CASES if case["id"] == "DEV-COST")
    given, expected = json.loads(case["inputs_json"]), json.loads(case["expected_json"])
    mwh = given["energy_kwh"] / 1e4
    fuel = law.fuel_saved_t(mwh * 1e3, sfoc_g_per_kwh=given["sfoc_g_per_kwh"])
    rows = stay(hours=200.0, aux_mwh=mwh, aux_fuel_t=fuel, aux_co2_t=fuel * given["cf_t_per_t"])
    saved = savings(
        rows,
        grid=pl.DataFrame({"country_code": ["CN"], "ef_grid_t_per_mwh": [given["grid_co2_kg_per_kwh"]]}),
        t_connect_h=0,
        t_disconnect_h=0,
        loss_share=given["grid_loss"],
        converter_efficiency=given["converter_efficiency"],
        tariff_usd_per_kwh=given["tariff_usd_per_kwh"],
    )
    terms = {"period_h": 876.0, "price_year": 2024, "interest": given["interest"], "years": given["years"]}
    money = {"capex_usd": given["capex_usd"], "opex_usd": given["opex_usd"]}
    found = economics(saved, by=["berth_id"], fuel_usd_per_t=given["fuel_usd_per_t"], outlets_n=1, **terms, **money)
    row = found.row(0, named=True)
    for name in ("abatement_usd_per_t", "cost_usd_per_kwh", "crf", "co2_net_t"):
        assert row[name] == pytest.approx(expected[name], rel=case["rel_tol"]), name
    assert row["break_even_t_per_mwh"] == pytest.approx(expected["break_even_grid_kg_per_kwh"])
    assert row["utilisation"] == pytest.approx(2000 / 8760)
    assert (row["price_year"], row["note"]) == (2024, None)
    own = pl.DataFrame({"berth_id": ["b1"], **{name: [number] for name, number in money.items()}})
    by_frame = economics(saved, by=["berth_id"], fuel_usd_per_t=given["fuel_usd_per_t"], investments=own, **terms)
    assert by_frame["abatement_usd_per_t"].item() == pytest.approx(row["abatement_usd_per_t"])
    bare = economics(saved, by=[], **terms, **money).row(0, named=True)
    assert (bare["abatement_usd_per_t"], bare["note"]) == (None, "no price of fuel")
    free = economics(savings(rows), **terms, **money).row(0, named=True)
    assert (free["cost_usd_per_kwh"], free["note"]) == (None, "no tariff for some stays")
    dirty = saved.with_columns(co2_net_t=-1.0)
    worse = economics(dirty, fuel_usd_per_t=1.0, **terms, **money).row(0, named=True)
    assert worse["abatement_usd_per_t"] is None
    assert "not defined" in worse["note"]


def test_economics_refuses_what_it_cannot_do():
    with pytest.raises(MethodError, match="no period"):
        economics(empty("savings"), period_h=0, price_year=2024, interest=0.05, years=20)
    with pytest.raises(MethodError, match=r"unknown key 'port'"):
        economics(empty("savings"), by=["port"], period_h=1, price_year=2024, interest=0.05, years=20)
    with pytest.raises(SchemaError, match="column 'capex_usd' missing"):
        economics(
            empty("savings"),
            period_h=1,
            price_year=2024,
            interest=0.05,
            years=20,
            investments=pl.DataFrame({"locode": ["USLAX"]}),
        )


def test_break_even_of_the_facts():
    """EPA-type auxiliary engine on marine gas oil: 217 g/kWh x 3.206."""
    found = law.break_even_grid_t_per_mwh(217e-3 * 3.206, 1.0, converter_efficiency=1.0, loss_share=0.06)
    assert found == pytest.approx(0.654, abs=5e-4)
    dirty = load("grid_co2_by_country").filter(pl.col("ef_grid_t_per_mwh") > found)["country"]
    assert {"India", "South Africa"} <= set(dirty)
