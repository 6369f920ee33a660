"""Well-to-wake factors of a fuel with its own certificate."""

from dataclasses import replace

from sisterport.errors import InputError, MethodError, choose
from sisterport.fuels.green import threshold
from sisterport.fuels.names import fuel_row
from sisterport.fuels.wtw import WellToWake, wtw
from sisterport.reference import value
from sisterport.units import G_PER_KG


def certified_wtw(
    fuel: str,
    converter: str,
    *,
    e_g_per_mj: float,
    certificate_id: str,
    fuel_class: str,
    gwp: str = "AR5",
    unmeasured: str = "zero",
    lcv_mj_per_kg: float | None = None,
    crop: bool = False,
    below_criteria: str = "fossil",
) -> WellToWake:
    """Return the well-to-wake factors that FuelEU takes for a certified fuel.

    A certificate gives E, the emissions of the whole life with the carbon of the fuel balanced. Tank-to-wake counts
    that carbon as it leaves the funnel, so it is taken off well-to-tank: ``WtT = E - e_u``, ``e_u = Cf_CO2 / LCV``.
    Well-to-wake is then E plus CH4, N2O and slip, and well-to-tank is mostly negative.

    Parameters
    ----------
    fuel, converter, gwp, unmeasured
        As in `wtw`.
    e_g_per_mj
        Certified intensity E [g/MJ].
    certificate_id
        Name of the certificate.
    fuel_class
        ``bio`` or ``rfnbo``.
    lcv_mj_per_kg
        Calorific value of the delivery note [MJ/kg]; None takes Annex II's.
    crop
        The biofuel is made from food or feed crops.
    below_criteria
        What stands for a fuel that misses the criteria (food or feed crops; an RFNBO above the threshold of 70 %
        saving): ``fossil``, the least favourable fossil pathway of its type, as the law has it, or ``as_certified``,
        for plans. The result's flag says so.

    Raises
    ------
    InputError
        No certificate, or an implausible E or calorific value.
    MethodError
        A class or option that is not there, or a fuel without a fossil type.
    ReferenceDataError
        Annex II has no such fuel and converter.

    References
    ----------
    Regulation (EU) 2023/1805 Art 10, Annex I, Annex II; Directive (EU) 2018/2001 Annex V (bio) and Delegated
    Regulation (EU) 2023/1185 (RFNBO). The reading "least favourable fossil pathway" is secondary.

    Examples
    --------
    >>> own = certified_wtw("methanol", "SSD", e_g_per_mj=8.0, certificate_id="PoS-1", fuel_class="rfnbo")
    >>> round(own.wtt_g_per_mj, 2), round(own.wtw_g_per_mj, 2), own.rfnbo
    (-61.1, 8.0, True)

    Made with electricity from the grid it counts as fossil methanol:

    >>> grid = certified_wtw("methanol", "SSD", e_g_per_mj=180.0, certificate_id="PoS-2", fuel_class="rfnbo")
    >>> round(grid.wtw_g_per_mj, 1), grid.rfnbo
    (100.4, False)
    """
    choose("class of a certified fuel", fuel_class, ["bio", "rfnbo"])
    choose("value below the criteria", below_criteria, ["fossil", "as_certified"])
    _refuse(e_g_per_mj, certificate_id, lcv_mj_per_kg)
    base = wtw(fuel, converter, gwp=gwp, fuel_class=fuel_class, unmeasured=unmeasured)
    missed = _criteria_missed(e_g_per_mj, fuel_class, crop=crop)
    if missed and below_criteria == "fossil":
        fossil = least_favourable_fossil(fuel, converter, gwp=gwp, unmeasured=unmeasured)
        return replace(
            fossil,
            fuel=fuel,
            fuel_class=fuel_class,
            certificate_id=certificate_id,
            flag=f"counts as fossil {fossil.fuel}: {missed}",
        )
    lcv = lcv_mj_per_kg or base.lcv_mj_per_kg
    ttw = base.ttw_g_per_g / lcv * G_PER_KG
    wtt = e_g_per_mj - base.cf_co2 / lcv * G_PER_KG
    return replace(
        base,
        lcv_mj_per_kg=lcv,
        wtt_g_per_mj=wtt,
        ttw_g_per_mj=ttw,
        wtw_g_per_mj=wtt + ttw,
        source=f"certificate {certificate_id}; {base.source}",
        flag=f"misses the criteria: {missed}" if missed else "",
        certificate_id=certificate_id,
        rfnbo=fuel_class == "rfnbo" and not missed,
    )


def least_favourable_fossil(fuel: str, converter: str, *, gwp: str = "AR5", unmeasured: str = "zero") -> WellToWake:
    """Return the fossil fuel that a fuel of the same type counts as when it misses the criteria.

    Which fossil fuel is of the same type stands in the table ``fuels`` (own reading: biodiesel and HVO as distillate).

    Raises
    ------
    MethodError
        If none is of its type.

    Examples
    --------
    >>> round(least_favourable_fossil("hvo", "MSD").wtw_g_per_mj, 2)
    90.63
    """
    own_type = fuel_row(fuel)["fossil_type"]
    if not own_type:
        raise MethodError(f"Annex II has no fossil fuel of the type of '{fuel}'; pass below_criteria='as_certified'")
    return wtw(own_type, converter, gwp=gwp, unmeasured=unmeasured)


def _refuse(e_g_per_mj: float, certificate_id: str, lcv_mj_per_kg: float | None) -> None:
    if not certificate_id.strip():
        raise InputError("a certified intensity needs the id of its certificate")
    lowest, highest = value("certified_wtw_min"), value("certified_wtw_max")
    if not lowest <= e_g_per_mj <= highest:
        raise InputError(f"certified intensity {e_g_per_mj:g} g/MJ is outside {lowest:g} to {highest:g}")
    if lcv_mj_per_kg is not None and lcv_mj_per_kg <= 0:
        raise InputError(f"calorific value {lcv_mj_per_kg:g} MJ/kg is not above 0")


def _criteria_missed(e_g_per_mj: float, fuel_class: str, *, crop: bool) -> str:
    """Say which criterion a fuel misses, or nothing."""
    if crop and fuel_class == "bio":
        return "food or feed crops"
    limit = threshold("red_70", year=None)
    if fuel_class == "rfnbo" and e_g_per_mj > limit.value_g_per_mj:
        return f"{e_g_per_mj:g} g/MJ is above {limit.value_g_per_mj:g} g/MJ ({limit.threshold})"
    return ""
