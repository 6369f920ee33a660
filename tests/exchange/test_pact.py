"""PACT: the footprint carries its category unchanged, never changes itself, and says when it holds."""

import copy
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sisterport.corridor import baseline, example
from sisterport.errors import InputError
from sisterport.exchange.ileap import hocs, tocs
from sisterport.exchange.ileap_carriers import scenario_carriers
from sisterport.exchange.ileap_read import read_categories
from sisterport.exchange.objects import fields
from sisterport.exchange.pact import Publisher, carried, footprint, footprint_findings, supersede, validity
from tests.exchange.json_schema import faults
from tests.exchange.pact_cases import CREATED, PERIOD, PUBLISHER, TOC, made


@pytest.fixture(scope="module")
def categories():
    scenario = example("shanghai-los-angeles")
    rows, carriers = baseline(scenario), scenario_carriers(scenario)
    return tocs(rows, carriers, name=scenario.id).objects + hocs(
        rows, carriers, name=scenario.id, hub_teu={"USLAX": 1e6, "CNSGH": 2e6}
    ).objects  # fmt: skip


def test_each_category_of_a_corridor_is_carried_and_comes_back(categories):
    found = [made(category) for category in categories]
    assert all(footprint_findings(one) == [] for one in found)
    back = json.loads(json.dumps(found))
    assert [one for whole in back for one in carried(whole)] == categories
    assert read_categories([one for whole in back for one in carried(whole)]).equals(read_categories(categories))
    assert len({one["id"] for one in found}) == len(found)


def test_per_tonne_is_per_teu_over_its_mass(categories):
    for category in categories:
        pcf = made(category, t_per_teu=8.0)["pcf"]
        assert float(pcf["pcfExcludingBiogenicUptake"]) == pytest.approx(float(category["co2eIntensityWTW"]) / 8)
        assert pcf["pcfIncludingBiogenicUptake"] == pcf["fossilGhgEmissions"] == pcf["pcfExcludingBiogenicUptake"]
    assert made(TOC)["pcf"]["declaredUnitOfMeasurement"] == "ton kilometer"
    assert "with 10 t of cargo in a TEU" in made(TOC)["comment"]
    hub = made(categories[-1])["pcf"]
    assert (hub["declaredUnitOfMeasurement"], hub["declaredUnitAmount"]) == ("kilogram", "1000")


def test_all_that_the_standard_needs_is_there():
    found = made(TOC)
    needed = {name for name, field in fields("pact", "ProductFootprint").items() if field.required == "yes"}
    assert needed <= set(found)
    assert len(needed) == 10
    pcf = {name for name, field in fields("pact", "CarbonFootprint").items() if field.required == "yes"}
    assert pcf <= set(found["pcf"])
    assert len(pcf) == 12
    (extension,) = found["extensions"]
    assert extension["dataSchema"] == "https://api.ileap.sine.dev/toc.json"
    assert extension["specVersion"] == "2.0.0"


def test_the_object_that_is_carried_fits_the_published_extension(shared):
    schema = json.loads((shared / "data/exchange/ileap_1.0.0/pcf-toc.json").read_text(encoding="utf-8"))
    schema["definitions"]["Toc"] = schema["definitions"]["TOC"]  # the published file names it in two ways
    assert faults(made(TOC)["extensions"][0], schema["definitions"]["DataModelExtension"], schema) == []


def test_ids_follow_the_content():
    assert made(TOC)["id"] == made(TOC)["id"] == made(TOC, created=CREATED + timedelta(days=1))["id"]
    assert made(TOC)["id"] != made(TOC, t_per_teu=11.0)["id"]
    assert made(TOC | {"tocId": "a:b/c"})["productIds"][0] == "urn:pact:port.example:supplier-id:toc:a%3Ab%2Fc"


def test_a_footprint_changes_only_by_a_new_one():
    old, new = made(TOC), made(TOC | {"co2eIntensityWTW": "0.06"})
    gone, renewed = supersede(old, new)
    assert gone == old | {"status": "Deprecated"}
    assert renewed["precedingPfIds"] == [old["id"]]
    assert renewed["id"] not in {old["id"], new["id"]}
    assert footprint_findings(gone) == footprint_findings(renewed) == []
    third = supersede(renewed, made(TOC | {"co2eIntensityWTW": "0.07"}))[1]
    assert third["precedingPfIds"] == [renewed["id"]]
    with pytest.raises(InputError, match="nothing changed"):
        supersede(old, made(TOC))
    with pytest.raises(InputError, match="not active"):
        supersede(old, gone | {"id": new["id"]})


def test_it_holds_for_three_years_unless_it_says_otherwise():
    assert validity(made(TOC)) == (PERIOD[1], datetime(2029, 1, 1, tzinfo=UTC))
    leap = made(TOC, period=(PERIOD[0], datetime(2028, 2, 29, tzinfo=UTC)))
    assert validity(leap)[1] == datetime(2031, 2, 28, tzinfo=UTC)
    told = made(TOC) | {"validityPeriodStart": "2026-03-01T00:00:00Z", "validityPeriodEnd": "2026-04-01T00:00:00Z"}
    assert validity(told) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    assert footprint_findings(told) == []


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"id": "1"}, "form"), ({"specVersion": "2.3.0"}, "form"), ({"companyIds": []}, "empty"),
        ({"companyIds": ["port"]}, "form"), ({"status": "Gone"}, "code"), ({"companyName": None}, "kind"),
        ({"created": "2026-01-01"}, "form"), ({"extensions": []}, "empty"),
        ({"validityPeriodEnd": "2031-01-01T00:00:00Z"}, "validity"),
        ({"validityPeriodStart": "2025-06-01T00:00:00Z"}, "validity"),
        ({"pcf": {"geographyCountry": "US", "geographyRegionOrSubregion": "Asia"}}, "geography"),
        ({"pcf": {"geographyCountry": "USA"}}, "form"),
        ({"pcf": {"declaredUnitAmount": "0"}}, "amount"), ({"pcf": {"declaredUnitOfMeasurement": "TEU"}}, "code"),
        ({"pcf": {"referencePeriodStart": "2027-01-01T00:00:00Z"}}, "reference_period"),
        ({"pcf": {"ipccCharacterizationFactors": ["GWP100"]}}, "form"),
        ({"pcf": {"pcfExcludingBiogenicUptake": 0.1}}, "kind"), ({"version": 1}, "unknown_field"),
    ],
)  # fmt: skip
def test_what_breaks_the_standard_is_found(change, check):
    found = made(TOC)
    parts = {name: found[name] | value if name == "pcf" else value for name, value in change.items()}
    assert check in [one.check for one in footprint_findings(found | parts)]


def test_what_is_carried_is_checked_too():
    found = copy.deepcopy(made(TOC))
    found["extensions"][0]["data"]["transportActivityUnit"] = "tkm"
    assert [one.path for one in footprint_findings(found)] == ["$.extensions[0].data.transportActivityUnit"]
    found["extensions"][0]["dataSchema"] = "https://other.example/x.json"  # nobody else's objects are judged
    assert footprint_findings(found) == []
    assert carried(found) == []


def test_a_wrong_footprint_is_not_made():
    with pytest.raises(InputError, match=r"companyIds\[0\]: 'port' is no companyIds"):
        made(TOC, publisher=Publisher(name="Port", ids=("port",), domain="port.example"))
    with pytest.raises(InputError, match="t_per_teu = 0"):
        made(TOC, t_per_teu=0.0)
    with pytest.raises(InputError, match="time zone"):
        made(TOC, created=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(InputError, match="TOC or a HOC"):
        footprint({"tces": []}, publisher=PUBLISHER, period=PERIOD, created=CREATED, t_per_teu=10.0, gwp="AR5")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda one: st.lists(one) | st.dictionaries(st.text(), one),
)  # fmt: skip


@given(name=st.sampled_from([*made(TOC), *made(TOC)["pcf"]]), value=JSON)
def test_no_value_makes_the_checks_fail(name, value):
    found = made(TOC)
    footprint_findings(found | {name: value} if name in found else found | {"pcf": found["pcf"] | {name: value}})
    footprint_findings(found | {"extensions": [found["extensions"][0] | {"data": value}]})
