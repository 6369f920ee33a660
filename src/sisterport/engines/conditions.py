"""From a hull and a draught to the forms that the methods take: as published, and as EPA does it."""

from dataclasses import replace

import numpy as np

from sisterport.engines import holtrop, kristensen
from sisterport.engines.coefficients import Array, coefficients, of_kind
from sisterport.engines.hulls import Hulls
from sisterport.engines.water import Water, block_at_draught


def fullness(hulls: Hulls, draught_m: Array, method: str) -> tuple[Array, Array, Array]:
    """Return block, midship and prismatic coefficient at a draught [-]; below the bilge the midship stays as it is."""
    deep = hulls["draught_ref_m"]
    block = block_at_draught(hulls["cb"], deep, draught_m, method)
    (midship,) = of_kind(method, "midship", hulls.kind)
    if not method.startswith("epa"):
        midship = _known(hulls["cm"], midship)
    midship = 1 - deep / draught_m * (1 - midship)
    return block, midship, block / midship


def holtrop_form(hulls: Hulls, draught_m: Array, method: str) -> holtrop.Form:
    """Return the hull at a draught, on an even keel, as published; what the ship list does not say is estimated."""
    k = coefficients(method)
    block, midship, prismatic = fullness(hulls, draught_m, method)
    length, beam = hulls["lwl_m"], hulls["beam_m"]
    a, b = k["waterplane"]
    (bulb_share,) = of_kind(method, "bulb_area", hulls.kind)
    # An estimated bulb keeps its share of the section at every draught; one that is told stays where it is, up to the
    # highest centre that the paper allows.
    centre = _known(hulls["bulb_centre_m"], k["bulb_centre"][0] * draught_m)
    return holtrop.Form(
        length_m=length,
        beam_m=beam,
        draught_fore_m=draught_m,
        draught_aft_m=draught_m,
        volume_m3=block * length * beam * draught_m,
        cm=midship,
        cwp=a + b * block,
        lcb_pct=_known(hulls["lcb_pct"], k["lcb"][0]),
        transom_area_m2=_known(hulls["transom_area_m2"], k["transom_area"][0] * midship * beam * draught_m),
        bulb_area_m2=_known(hulls["bulb_area_m2"], bulb_share * midship * beam * draught_m),
        bulb_centre_m=np.minimum(centre, k["bulb_highest"][0] * draught_m),
        diameter_m=hulls["propeller_diameter_m"],
        propellers=hulls["n_propellers"],
        appendage_area_m2=_known(hulls["appendage_area_m2"], 0.0),
        appendage_factor=_known(hulls["appendage_factor"], 0.0),
        c_stern=_known(hulls["c_stern"], 0.0),
        cp=prismatic,
        cb=block,
    )


def epa_holtrop_form(hulls: Hulls, draught_m: Array, method: str = "epa_holtrop") -> holtrop.Form:
    """Return the hull at a draught as EPA ShipPowerModel has it.

    Displacement, transom and bulb of the design draught with coefficients of the actual one; lcb a length, not a
    percentage; Cp held within bounds, which are one value (0.85) for tankers and bulk carriers.
    """
    k = coefficients(method)
    block, midship, prismatic = fullness(hulls, draught_m, method)
    length, beam, deep = hulls["lwl_m"], hulls["beam_m"], hulls["draught_ref_m"]
    a, b = k["waterplane"]
    share, half, percent = k["lcb"]
    lowest, highest = of_kind(method, "cp_bounds", hulls.kind)
    none = np.zeros_like(length)
    form = holtrop.Form(
        length_m=length,
        beam_m=beam,
        draught_fore_m=deep,
        draught_aft_m=deep,
        volume_m3=hulls["displacement_m3"],
        cm=midship,
        cwp=a + b * block,
        lcb_pct=share * (length / half) / percent,
        transom_area_m2=k["transom_area"][0] * midship * beam * deep,
        bulb_area_m2=k["bulb_area"][0] * midship * beam * deep,
        bulb_centre_m=k["bulb_centre"][0] * deep,
        diameter_m=hulls["propeller_diameter_m"],
        propellers=hulls["n_propellers"],
        appendage_area_m2=none,
        appendage_factor=none,
        c_stern=none,
        cp=np.fmax(lowest, np.fmin(highest, prismatic)),  # no bounds: NaN, which fmin and fmax leave out
        cb=block,
    )
    return replace(form, wetted_m2=holtrop.wetted_surface(form, draught_m, block, method))


def kristensen_form(hulls: Hulls, draught_m: Array, method: str, water: Water) -> kristensen.Form:
    """Return the hull at a draught for `kristensen.resistance`, as published or as EPA has it."""
    block, _, prismatic = fullness(hulls, draught_m, method)
    deep, volume = hulls["draught_ref_m"], hulls["displacement_m3"]
    teu = kristensen.teu_from_dwt(hulls["dwt_t"])
    if method == "epa_kristensen":
        (highest, _) = coefficients(method)["partial_block"]
        actual = np.minimum(highest, hulls["cb"]) / block * (draught_m / deep) * volume
        surface, displacement = volume / (water.density_t_m3 * deep), actual
    else:
        actual = block * hulls["lwl_m"] * hulls["beam_m"] * draught_m
        surface, displacement = volume / deep, water.density_t_m3 * actual
        teu = _known(hulls["teu"], teu)
    return kristensen.Form(
        kind=hulls.kind,
        length_m=hulls["lwl_m"],
        beam_m=hulls["beam_m"],
        draught_max_m=deep,
        draught_m=draught_m,
        surface_m2=surface,
        volume_m3=actual,
        displacement=displacement,
        cb=block,
        cp=prismatic,
        diameter_m=hulls["propeller_diameter_m"],
        propellers=hulls["n_propellers"],
        dwt_t=hulls["dwt_t"],
        teu=teu,
    )


def _known(stated: Array, estimate: Array | float) -> Array:
    return np.where(np.isnan(stated), estimate, stated)
