"""iLEAP: a corridor's intensity goes out valid and comes back as the same numbers; what is not known is not written."""

import copy
import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.corridor import baseline, example, totals
from sisterport.errors import InputError, MethodError
from sisterport.exchange.decimals import decimal_text
from sisterport.exchange.ileap import hocs, location, tads, tocs
from sisterport.exchange.ileap_carriers import carriers_of, run_carriers, scenario_carriers
from sisterport.exchange.ileap_checks import ileap_findings
from sisterport.exchange.ileap_read import kind_of, read_activities, read_categories
from sisterport.reference import load
from tests.exchange.json_schema import faults

FOLDER = "data/exchange/ileap_1.0.0"
CORRIDORS = ("shanghai-los-angeles", "shanghai-hamburg")
NAMES = {"TOC": "toc.json", "HOC": "hoc.json", "TAD": "tad.json"}


def published(shared, kind):
    return json.loads((shared / FOLDER / NAMES[kind]).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def corridors():
    return {name: (example(name), baseline(example(name))) for name in CORRIDORS}


def write(scenario, rows, **options):
    return tocs(rows, scenario_carriers(scenario), name=scenario.id, **options)


def hub_teu(rows):
    return dict.fromkeys(rows.filter(kind="berth")["place"].unique().to_list(), 250_000.0)


@pytest.fixture(scope="module")
def everything(corridors):
    """Objects of each kind: all corridors, all boundaries, both ways to count stays."""
    found = {"TOC": [], "HOC": [], "TAD": tads(legs(), cargo(), shortest_nm={("CNSGH", "USLAX"): 5600.0}).objects}
    for scenario, _ in corridors.values():
        # Shanghai-Hamburg has no leg from end to end
        for boundary in ("direct", "string", "cargo")[scenario.id == CORRIDORS[1] :]:
            rows = baseline(scenario, boundary=boundary)
            for stays in ("transport", "hub"):
                load_factors = {one.id: one.utilisation for one in scenario.services}
                found["TOC"] += write(scenario, rows, stays=stays, load_factors=load_factors).objects
            found["HOC"] += hocs(rows, scenario_carriers(scenario), name=scenario.id, hub_teu=hub_teu(rows)).objects
    return found


@pytest.mark.parametrize("kind", NAMES)
def test_everything_written_is_valid_by_the_published_schema_and_by_our_checks(shared, everything, kind):
    schema = published(shared, kind)
    assert everything[kind]
    for found in everything[kind]:
        assert faults(found, schema, schema) == []
        assert ileap_findings(found, kind) == []
        assert faults(json.loads(json.dumps(found)), schema, schema) == []


@pytest.mark.parametrize("kind", NAMES)
@given(data=st.data())
def test_what_the_published_schema_refuses_our_checks_refuse(shared, everything, kind, data):
    schema = published(shared, kind)
    found = copy.deepcopy(data.draw(st.sampled_from(everything[kind][:4])))
    places = [(found, name) for name in found]
    places += [(one, name) for one in found.get("energyCarriers", []) for name in one]
    home, name = data.draw(st.sampled_from(places))
    wild = st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=4) | st.just([]) | st.just({})
    if data.draw(st.booleans()):
        del home[name]
    else:
        home[name] = data.draw(wild)
    errors = [one for one in ileap_findings(found, kind) if one.severity == "ERROR"]
    assert errors or not faults(found, schema, schema)


@pytest.mark.parametrize("name", CORRIDORS)
def test_intensities_are_those_of_the_baseline(corridors, name):
    scenario, rows = corridors[name]
    read = read_categories(write(scenario, rows).objects)
    for row in totals(rows, by=["service"]).iter_rows(named=True):
        own = read.filter(category_id=f"{name}:string:{row['service']}").row(0, named=True)
        # g/TEU nm against kg/TEU km
        assert own["co2e_wtw_kg_per_unit"] * 1852 == pytest.approx(row["wtw_g_per_teu_nm"], rel=1e-12)
        assert own["co2e_ttw_kg_per_unit"] * 1852 == pytest.approx(row["ttw_g_per_teu_nm"], rel=1e-12)


def test_energy_times_factor_is_intensity_times_activity(corridors):
    for scenario, rows in corridors.values():
        for toc in write(scenario, rows).objects:
            part = rows.filter(service=toc["tocId"].rsplit(":", 1)[1])
            activity = part["teu_nm_per_year"].sum() * 1.852
            for scope in ("WTW", "TTW"):
                burnt = sum(float(one["energyConsumption"]) * float(one[f"emissionFactor{scope}"])
                            for one in toc["energyCarriers"])  # fmt: skip
                assert burnt == pytest.approx(float(toc[f"co2eIntensity{scope}"]) * activity, rel=1e-9)


def test_stays_are_counted_once(corridors):
    scenario, rows = corridors[CORRIDORS[0]]
    whole = read_categories(write(scenario, rows).objects)
    at_sea = read_categories(write(scenario, rows, stays="hub").objects)
    activity = rows.group_by("service", maintain_order=True).agg(pl.col("teu_nm_per_year").sum() * 1.852)
    teu = hub_teu(rows)
    hubs = read_categories(hocs(rows, scenario_carriers(scenario), name="c", hub_teu=teu).objects)
    assert (whole["co2e_wtw_kg_per_unit"] > at_sea["co2e_wtw_kg_per_unit"]).all()
    kept = (whole["co2e_wtw_kg_per_unit"] - at_sea["co2e_wtw_kg_per_unit"]) @ activity["teu_nm_per_year"]
    moved = sum(row["co2e_wtw_kg_per_unit"] * teu[row["locode"]] for row in hubs.iter_rows(named=True))
    assert moved == pytest.approx(kept, rel=1e-9)
    with pytest.raises(MethodError, match="stays"):
        write(scenario, rows, stays="both")


def test_what_is_not_known_is_left_out_with_its_reason(corridors):
    scenario, rows = corridors[CORRIDORS[0]]
    first, second = rows["service"].unique(maintain_order=True)[:2]
    for column, word in (("co2e_wtw_t_per_year", "emissions"), ("teu_nm_per_year", "transport work")):
        gap = rows.with_columns(pl.when(pl.col("service") != first).then(pl.col(column)).alias(column))
        written = write(scenario, gap)
        assert written.left_out["what"].to_list() == [first]
        assert word in written.left_out["reason"][0]
        assert all(not toc["tocId"].endswith(first) for toc in written.objects)
    hubs = hocs(rows, scenario_carriers(scenario), name="c", hub_teu={"USLAX": 1e6})
    assert len(hubs.objects) == 1
    assert set(hubs.left_out["reason"]) == {"no throughput was given"}
    with pytest.raises(InputError, match="hub_teu of USLAX is not above zero"):
        hocs(rows, scenario_carriers(scenario), name="c", hub_teu={"USLAX": 0.0})
    other = scenario_carriers(scenario).with_columns(service=pl.lit(second))
    with pytest.raises(InputError, match=f"no energy carriers of service {first}"):
        tocs(rows, other, name="c")


def test_a_reader_is_told_what_the_number_rests_on(corridors):
    scenario, rows = corridors[CORRIDORS[0]]
    text = write(scenario, rows).objects[0]["description"]
    assert "boundary string" in text
    assert "vlsfo sent as HFO" in text
    assert "sea routes" in text
    seen = rows.with_columns(basis=pl.lit("ais"), hours_unknown_per_year=pl.col("hours_per_year") / 8)
    text = write(scenario, seen).objects[0]["description"]
    assert "as sailed" in text
    assert "12.5% of the time without an estimate" in text


def test_two_fuels_share_the_energy(corridors):
    scenario, rows = corridors[CORRIDORS[0]]
    one = scenario_carriers(scenario)
    two = pl.concat([
        one.with_columns(energy_share=pl.lit(0.25)),
        one.with_columns(energy_share=pl.lit(0.75), fuel=pl.lit("methanol"), fuel_class=pl.lit("rfnbo"),
                         co2e_wtw_g_per_mj=pl.lit(10.0), co2e_ttw_g_per_mj=pl.lit(2.0)),
    ])  # fmt: skip
    found, remarks = carriers_of(rows, two)
    assert [(one["energyCarrier"], one["relativeShare"]) for one in found] == [("Methanol", "0.75"), ("HFO", "0.25")]
    assert found[0]["feedstocks"] == [{"feedstock": "Renewable electricity"}]
    assert float(found[0]["emissionFactorWTW"]) == pytest.approx(0.010)
    assert remarks == ["vlsfo sent as HFO"]


def test_the_fuels_of_a_run_are_those_of_its_ships():
    start = datetime(2025, 1, 1, tzinfo=UTC)
    segments = [segment(n, mmsi, start) for n, mmsi in enumerate((1, 1, 2))]
    burnt = [("vlsfo", 30.0), ("distillate", 10.0), ("vlsfo", 5.0)]
    emissions = [
        {"segment_id": n, "system": "main", "fuel": fuel, "fuel_t": t, "co2e_wtw_t": 3.8 * t, "co2e_ttw_t": 3.2 * t}
        for n, (fuel, t) in enumerate(burnt)
    ]
    found = run_carriers(pl.DataFrame(segments), pl.DataFrame(emissions))
    lhv = {"vlsfo": 41.0, "distillate": 42.7}
    first = found.filter(service="mmsi:1")
    assert first["fuel"].to_list() == ["distillate", "vlsfo"]
    assert first["energy_share"].to_list() == pytest.approx([427 / 1657, 1230 / 1657])
    assert first["co2e_wtw_g_per_mj"].to_list() == pytest.approx([3800 / lhv["distillate"], 3800 / lhv["vlsfo"]])
    assert found.filter(service="mmsi:2")["energy_share"].to_list() == [1.0]


def segment(number, mmsi, start):
    from sisterport.tables import schema

    kinds = {pl.Int64: 0, pl.Float64: 0.0, pl.String: "x", pl.Boolean: False, pl.Date: start.date()}
    row = {c.name: kinds.get(type(c.dtype), start) for c in schema("segments").values() if c.required}
    return row | {"segment_id": number, "mmsi": mmsi}


def test_every_fuel_has_a_word_that_the_standard_knows_or_none():
    words = load("ileap_carriers")
    known = {name: set(load("exchange_codes").filter(standard="ileap", list=name)["code"])
             for name in ("EnergyCarrierType", "FeedstockType")}  # fmt: skip
    assert set(words["energy_carrier"]) <= known["EnergyCarrierType"]
    assert set(words["feedstock"].drop_nulls()) <= known["FeedstockType"]
    assert words.select("fuel", "fuel_class").is_unique().all()
    assert words.filter(exact="no")["note"].null_count() == 0
    fuels = {(row["fuel"], kind) for row in load("fuels").iter_rows(named=True) for kind in row["classes"].split("|")}
    assert set(words.select("fuel", "fuel_class").rows()) <= fuels
    missing = fuels - set(words.select("fuel", "fuel_class").rows())
    assert {fuel for fuel, _ in missing} <= {"ethanol", "bio_cfp", "bio_leo", "ftdiesel"}


START = datetime(2025, 1, 1, tzinfo=UTC)


def legs():
    leg = {"leg_id": "l1", "mmsi": 477000000, "from_locode": "CNSHA", "to_locode": "USLAX", "departure_utc": START,
           "arrival_utc": START + timedelta(days=14), "hours": 336.0, "distance_nm": 5700.0,
           "hours_bridged": 300.0}  # fmt: skip
    return pl.DataFrame([
        leg | {"from_locode": "CNSGH"},
        leg | {"leg_id": "l2", "from_locode": None},
        leg | {"leg_id": "l3"},
    ])  # fmt: skip


def cargo():
    return pl.DataFrame({"leg_id": ["l1", "l1", "l2", "lx"], "consignment_id": ["a", "b", "c", "d"],
                         "mass_kg": [9e3, 1e4, None, None]})  # fmt: skip


def test_activities_come_back_and_what_has_no_cargo_or_port_is_named():
    written = tads(legs(), cargo(), shortest_nm={("CNSGH", "USLAX"): 5600.0})
    assert dict(written.left_out.rows()) == {
        "l2": "a port is not known", "l3": "no consignments were given", "lx": "no such leg"}  # fmt: skip
    row = read_activities(written.objects).row(0, named=True)
    assert (row["from_locode"], row["to_locode"], row["consignments"]) == ("CNSGH", "USLAX", "a|b")
    assert (row["departure_utc"], row["mass_kg"]) == (START, 19000.0)
    assert (row["actual_nm"], row["shortest_nm"]) == pytest.approx((5700, 5600), abs=1e-3)
    assert written.objects[0]["departureAt"] == "2025-01-01T00:00:00Z"
    part = cargo().with_columns(mass_kg=pl.when(pl.col("consignment_id") == "a").then("mass_kg"))
    assert "mass" not in tads(legs(), part).objects[0]  # the mass of a part is not the mass


CARRIER = {"energyCarrier": "HFO", "relativeShare": "1", "emissionFactorWTW": "0.09", "emissionFactorTTW": "0.08"}
TOC = {"tocId": "t", "mode": "Sea", "energyCarriers": [CARRIER], "co2eIntensityWTW": "0.04", "co2eIntensityTTW": "0.03",
       "transportActivityUnit": "TEUkm"}  # fmt: skip
TCE = {"tceId": "e", "tocId": "t", "shipmentId": "s", "mass": "2000", "distance": {"actual": "100", "foo": "x"},
       "transportActivity": "200", "co2eWTW": "1", "co2eTTW": "1"}  # fmt: skip
PLACE = {"city": "A", "country": "US"}
TAD = {"activityId": "a", "consignmentIds": ["c"], "distance": {"gcd": "1"}, "origin": PLACE, "destination": PLACE,
       "departureAt": "2025-01-02T00:00:00Z", "arrivalAt": "2025-01-03T00:00:00Z", "mode": "Sea"}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "found", "change", "check"),
    [
        ("TOC", TOC, {"energyCarriers": []}, "empty"),
        ("TOC", TOC, {"certifications": []}, "empty"),
        ("TOC", TOC, {"energyCarriers": [CARRIER, CARRIER]}, "shares"),
        ("TOC", TOC, {"energyCarriers": [CARRIER, CARRIER | {"relativeShare": "0"}]}, "shares"),
        ("TOC", TOC, {"energyCarriers": [CARRIER | {"energyConsumption": "5"}]}, "consumption"),
        ("TOC", TOC, {"transportActivityUnit": "tkm"}, "unit"),
        ("TOC", TOC, {"loadFactor": "0"}, "load_factor"),
        ("TOC", TOC, {"emptyDistanceFactor": "1"}, "empty_distance"),
        ("TOC", TOC, {"co2eIntensityThroughput": "1"}, "unknown_field"),
        ("TOC", TOC, {"co2eIntensityWTW": "1e-3"}, "form"),
        ("TOC", TOC, {"co2eIntensityWTW": 0.04}, "kind"),
        ("TAD", TAD, {"consignmentIds": []}, "empty"),
        ("TAD", TAD, {"distance": {}}, "distance"),
        ("TAD", TAD, {"distance": {"gcd": None}}, "distance"),
        ("TAD", TAD, {"origin": PLACE | {"lat": "1"}}, "position"),
        ("TAD", TAD, {"arrivalAt": "2025-01-01T00:00:00Z"}, "order"),
        ("TAD", TAD, {"packagingOrTrEqAmount": "2.25"}, "kind"),
    ],
)
def test_what_the_schemas_let_pass_is_found(kind, found, change, check):
    assert ileap_findings(found, kind) == []
    assert check in [one.check for one in ileap_findings(found | change, kind)]


@pytest.mark.parametrize(
    ("change", "check"),
    [({"hocId": "h"}, "category"), ({"tocId": None}, "category"), ({"transportActivity": "2"}, "activity"),
     ({"packagingOrTrEqAmount": 2}, "kind")],
)  # fmt: skip
def test_shipments_are_checked(shared, change, check):
    whole = {"mass": "2000", "shipmentId": "s", "tces": [TCE]}
    schema = json.loads((shared / FOLDER / "shipment-footprint.json").read_text(encoding="utf-8"))
    assert faults(whole, schema, schema) == []
    assert [one.check for one in ileap_findings(whole, "ShipmentFootprint")] == ["unknown_field"]
    changed = whole | {"tces": [TCE | change]}
    assert check in [one.check for one in ileap_findings(changed, "ShipmentFootprint")]


def test_reading_refuses_what_breaks_the_standard():
    with pytest.raises(InputError, match="shares 1, 1; give shares"):
        read_categories([TOC, TOC | {"energyCarriers": [CARRIER, CARRIER]}])
    with pytest.raises(InputError, match="one of tocId, hocId"):
        kind_of({"tocId": "a", "hocId": "b"})
    with pytest.raises(InputError, match="no category"):
        read_categories([{"mass": "2000", "shipmentId": "s", "tces": [TCE]}])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_decimals_read_back_to_the_same_number(number):
    text = decimal_text(number)
    assert float(text) == number
    assert faults(text, {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}, {}) == []


def test_what_is_no_number_is_not_written():
    with pytest.raises(InputError, match="cannot be written"):
        decimal_text(float("inf"))


def test_a_port_is_a_location():
    assert location("CNSHA")["locode"] == "CNSGH"
    with pytest.raises(Exception, match="unknown port code"):
        location("XXXXX")
