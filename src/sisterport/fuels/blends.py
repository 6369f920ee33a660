"""Blends of fuels, and pilot fuel beside a main fuel."""

from collections.abc import Sequence

from sisterport.errors import InputError, MethodError, ReferenceDataError, choose
from sisterport.fuels.names import fuel_row
from sisterport.fuels.properties import weaker
from sisterport.fuels.wtw import WellToWake, gwp_pair, tank_to_wake
from sisterport.reference import load
from sisterport.units import G_PER_KG, ROUNDING


def blend(parts: Sequence[tuple[WellToWake, float]], *, by: str) -> WellToWake:
    """Return the factors of a blend, or of fuels that a ship burns side by side.

    Parameters
    ----------
    parts
        Factors (of `wtw`, `certified_wtw`) with their shares, which add up to 1. One scheme and GWP set.
    by
        ``mass`` or ``energy``: what the shares are shares of. 20 % of methanol by mass is 11 % by energy.

    Raises
    ------
    InputError
        Shares that are negative or do not add up to 1.
    MethodError
        Parts of different schemes or GWP sets, or another word for `by`.

    Notes
    -----
    The blend's gas factors are those of its burnt part, so that `tank_to_wake` of the blend is its own
    ``ttw_g_per_g``. A blend is never an RFNBO as a whole.

    Examples
    --------
    >>> from sisterport.fuels import wtw
    >>> oil, methanol = wtw("residual", "SSD"), wtw("methanol", "SSD", unmeasured="zero")
    >>> half = blend([(oil, 0.5), (methanol, 0.5)], by="energy")
    >>> round(half.wtw_g_per_mj - (oil.wtw_g_per_mj + methanol.wtw_g_per_mj) / 2, 9)
    0.0
    """
    choose("basis of shares", by, ["mass", "energy"])
    _refuse(parts)
    fuels = [fuel for fuel, _ in parts]
    mass, energy = _shares(parts, by)
    slip = sum(m * f.slip_fraction for f, m in zip(fuels, mass, strict=True))
    burnt = [m * (1.0 - f.slip_fraction) for f, m in zip(fuels, mass, strict=True)]
    gases = [
        sum(b * getattr(f, name) for f, b in zip(fuels, burnt, strict=True)) / (1.0 - slip)
        for name in ("cf_co2", "cf_ch4", "cf_n2o")
    ]
    lcv = sum(m * f.lcv_mj_per_kg for f, m in zip(fuels, mass, strict=True))
    gwp_ch4, gwp_n2o = gwp_pair(fuels[0].gwp)
    wtt = sum(e * f.wtt_g_per_mj for f, e in zip(fuels, energy, strict=True))
    ttw = tank_to_wake(*gases, slip_fraction=slip, gwp_ch4=gwp_ch4, gwp_n2o=gwp_n2o) / lcv * G_PER_KG
    classes = sorted({f.fuel_class for f in fuels})
    return WellToWake(
        fuel=" + ".join(f"{e:.1%} {f.fuel}" for f, e in zip(fuels, energy, strict=True)),
        converter=" + ".join(dict.fromkeys(f.converter for f in fuels)),
        scheme=fuels[0].scheme,
        gwp=fuels[0].gwp,
        lcv_mj_per_kg=lcv,
        slip_fraction=slip,
        cf_co2=gases[0],
        cf_ch4=gases[1],
        cf_n2o=gases[2],
        wtt_g_per_mj=wtt,
        ttw_g_per_mj=ttw,
        wtw_g_per_mj=wtt + ttw,
        source="; ".join(dict.fromkeys(f.source for f in fuels)),
        status=weaker(*(f.status for f in fuels)),
        flag="; ".join(dict.fromkeys(f.flag for f in fuels if f.flag)),
        fuel_class=classes[0] if len(classes) == 1 else "blend",
        unmeasured="; ".join(dict.fromkeys(f.unmeasured for f in fuels if f.unmeasured)),
        certificate_id="; ".join(dict.fromkeys(f.certificate_id for f in fuels if f.certificate_id)),
    )


def _refuse(parts: Sequence[tuple[WellToWake, float]]) -> None:
    if not parts:
        raise InputError("a blend needs at least one part")
    shares = [share for _, share in parts]
    if any(share < 0 for share in shares):
        raise InputError(f"negative share in {shares}")
    if abs(sum(shares) - 1.0) > ROUNDING:
        raise InputError(f"shares add up to {sum(shares):g}, not 1")
    for name in ("scheme", "gwp"):
        found = {getattr(fuel, name) for fuel, _ in parts}
        if len(found) > 1:
            raise MethodError(f"parts of a blend are of different {name}: {', '.join(sorted(found))}")


def _shares(parts: Sequence[tuple[WellToWake, float]], by: str) -> tuple[list[float], list[float]]:
    """Return the shares by mass and by energy."""
    shares = [share for _, share in parts]
    lcvs = [fuel.lcv_mj_per_kg for fuel, _ in parts]
    if by == "mass":
        energies = [share * lcv for share, lcv in zip(shares, lcvs, strict=True)]
        return shares, [energy / sum(energies) for energy in energies]
    masses = [share / lcv for share, lcv in zip(shares, lcvs, strict=True)]
    return [mass / sum(masses) for mass in masses], shares


def pilot_share_min(fuel: str) -> float:
    """Return the least share of pilot fuel in the energy of a dual-fuel engine [-]; 0 for fuels of the oil family.

    Raises
    ------
    ReferenceDataError
        If no share is known for the family.

    References
    ----------
    navigate-zcs assumptions/defaults (table ``converters_tanks``), secondary.

    Examples
    --------
    >>> pilot_share_min("methanol"), pilot_share_min("LNG"), pilot_share_min("HFO")
    (0.05, 0.015, 0.0)
    """
    family = fuel_row(fuel)["family"]
    if family == "oil":
        return 0.0
    rows = load("converters_tanks").filter(fuel_family=family, item="pilot_share_min")
    if rows.is_empty():
        raise ReferenceDataError(f"no pilot share is known for '{fuel}' (family {family}): pass one")
    return float(rows["value"].item())


def with_pilot(main: WellToWake, pilot: WellToWake, *, share: float | None = None) -> WellToWake:
    """Return the factors of a main fuel with pilot fuel.

    Parameters
    ----------
    main, pilot
        Factors of the two.
    share
        Share of the pilot fuel in the energy [-]; None takes the least share of the main fuel's family.

    Raises
    ------
    InputError, MethodError
        As in `blend`.
    ReferenceDataError
        If no share is given or known.

    Examples
    --------
    >>> from sisterport.fuels import wtw
    >>> oil = wtw("distillate", "SSD")
    >>> with_pilot(wtw("methanol", "SSD"), oil).fuel
    '95.0% methanol + 5.0% distillate'
    """
    taken = pilot_share_min(main.fuel) if share is None else share
    if not 0.0 <= taken <= 1.0:
        raise InputError(f"share of pilot fuel {taken:g} is not between 0 and 1")
    return blend([(main, 1.0 - taken), (pilot, taken)], by="energy")
