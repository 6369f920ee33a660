"""How each input shape of the golden cases of IMO and California is computed."""

from collections.abc import Callable
from typing import Any

from sisterport.rules import at_berth, cii, netzero

Case = dict[str, Any]


def _cii(given: Case) -> Case:
    result = cii.rate(
        ship_type=given["type"],
        dwt_t=given.get("dwt"),
        gt=given.get("gt"),
        co2_t=given["co2_t"],
        distance_nm=given["distance_nm"],
        year=given["year"],
    )
    return {
        "attained": result.attained,
        "ref": result.reference,
        "required": result.required,
        "ratio": result.ratio,
        "rating": result.rating,
    }


def _nzf_targets(given: Case) -> Case:
    targets = netzero.targets(given["year"])
    return {"base": targets.base_g_per_mj, "direct": targets.direct_g_per_mj}


def _nzf_cost(given: Case) -> Case:
    result = netzero.compliance(
        gfi_g_per_mj=given["gfi"], energy_mj=given["energy_MJ"], year=given["year"], enabled=True
    )
    return {
        "tier1_t": result.tier1_t,
        "tier2_t": result.tier2_t,
        "surplus_t": result.surplus_t,
        "cost_usd": result.cost_usd,
    }


def _carb(given: Case) -> Case:
    return {
        "controlled": at_berth.controlled(
            berth_h=given["berth_h"],
            connect_after_h=given["connect_after_h"],
            disconnect_before_pilot_h=given["disconnect_before_pilot_h"],
        )
    }


SHAPES: dict[tuple[str, frozenset[str]], Callable[[Case], Case]] = {
    ("IMO CII", frozenset({"co2_t", "distance_nm", "dwt", "type", "year"})): _cii,
    ("IMO CII", frozenset({"co2_t", "distance_nm", "gt", "type", "year"})): _cii,
    ("IMO NZF", frozenset({"year"})): _nzf_targets,
    ("IMO NZF", frozenset({"energy_MJ", "gfi", "year"})): _nzf_cost,
    ("CARB At-Berth", frozenset({"berth_h", "connect_after_h", "disconnect_before_pilot_h"})): _carb,
}
