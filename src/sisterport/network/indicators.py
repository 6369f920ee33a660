"""Compute an indicator from frames, or say what it lacks; make the record of it that is signed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sisterport import __version__
from sisterport.errors import InputError, MethodError, choose
from sisterport.network import indicators_sea as sea
from sisterport.network import indicators_shore as shore
from sisterport.network.canonical import decimal
from sisterport.network.definitions import corridor_ports, definition, known_ports, quantities
from sisterport.network.inputs import Asked, Inputs
from sisterport.network.measures import Computed, Lacking, Measure
from sisterport.network.periods import Period
from sisterport.reference import country_of

_MEASURES: dict[str, Callable[[Inputs, Asked], Computed | Lacking]] = {
    "I1": sea.corridor_emissions,
    "I3": sea.capable_ships,
    "I4": sea.fuel_bunkered,
    "I5": sea.green_share,
    "I6": shore.berth_coverage,
    "I7": shore.connection_rate,
    "I8": shore.time_share,
    "I9": shore.shore_energy,
    "I10": shore.compatibility,
    "I11": sea.waiting,
    "I13": sea.berth_emissions,
}
COMPUTED = tuple(_MEASURES)
"""Indicators that are computed from movements, shore-power and bunker records and registers."""
RULES = ("able", "every")


def compute(indicator: str, inputs: Inputs, asked: Asked) -> Computed | Lacking:
    """Return the values of an indicator, or what it lacks.

    Parameters
    ----------
    indicator
        Its id.
    inputs
        Frames, from `sisterport.network.inputs.read_inputs`.
    asked
        Period, ports, mode and choices, from `ask`.

    Raises
    ------
    ReferenceDataError
        If there is no such indicator.

    Examples
    --------
    >>> from sisterport.network.periods import read_period
    >>> asked = ask("I12", period=read_period("2026"), corridor="K02")
    >>> compute("I12", Inputs(frames={}, sources=[]), asked).reason[:35]
    'requested and planned times: events'
    """
    row = definition(indicator)
    if indicator not in _MEASURES:
        return Lacking(reason=row["lacks"])
    if missing := inputs.missing(row["frames"].split("|")):
        return Lacking(reason=f"the frames {', '.join(missing)} (tables of these names)")
    found = _MEASURES[indicator](inputs, asked)
    if isinstance(found, Computed) and asked.coverage[0] is not None:
        return Computed(
            values=found.values,
            coverage=asked.coverage[0],
            coverage_basis=asked.coverage[1],
            uncertainty_basis=found.uncertainty_basis,
            note=found.note,
        )
    return found


def ask(
    indicator: str,
    *,
    period: Period,
    corridor: str | None = None,
    ports: Sequence[str] = (),
    ends: Sequence[Sequence[str]] = (),
    mode: str | None = None,
    coverage: float | None = None,
    coverage_basis: str = "",
    rule: str = "able",
    fuels: Sequence[str] = (),
    threshold: str = "red_70",
) -> Asked:
    """Return what a value is asked of, with everything that follows from the corridor filled in.

    Parameters
    ----------
    indicator
        Its id.
    period
        From `sisterport.network.periods.read_period`.
    corridor
        Green corridor (K01 ...): gives the ports, and its ends where they lie in two countries.
    ports
        Instead, or fewer ports of the corridor.
    ends
        Ports of the two ends.
    mode
        ``capable`` or ``used``; None takes the only one that the indicator has.
    coverage, coverage_basis
        Share that was observed and what it is a share of, where the port knows better than the frames.
    rule, fuels, threshold
        As in `Asked`.

    Raises
    ------
    MethodError
        A mode that the indicator has not, or an unknown rule.
    InputError
        If neither a corridor nor a port is named, or a coverage without what it is a share of.
    ReferenceDataError
        If there is no such indicator, corridor or port.
    """
    modes = definition(indicator)["modes"].split("|")
    if mode is None and len(modes) > 1:
        raise MethodError(f"{indicator} is 'capable' (can) or 'used' (did): say which; never one for the other")
    if mode is not None and mode not in modes:
        raise MethodError(f"{indicator} tells what is {modes[0]}, not what is {mode}")
    if (coverage is None) != (not coverage_basis):
        raise InputError("a coverage goes with what it is a share of (--coverage and --coverage-basis)")
    named = known_ports(ports) or (known_ports(corridor_ports(corridor)) if corridor else [])
    if not named:
        raise InputError("name a corridor with known ports, or ports")
    told = [known_ports(end) for end in ends] if ends else _two_countries(named)
    return Asked(
        period=period,
        ports=named,
        ends=(told[0], told[1]) if len(told) == 2 else ([], []),  # a corridor has two ends
        mode=mode or modes[0],
        coverage=(coverage, coverage_basis),
        rule=choose("rule", rule, RULES),
        fuels=tuple(fuels),
        threshold=threshold,
    )


def _two_countries(ports: Sequence[str]) -> list[list[str]]:
    countries = sorted({country_of(port) for port in ports})
    return [[port for port in ports if country_of(port) == country] for country in countries]


def indicator_body(
    indicator: str,
    computed: Computed,
    asked: Asked,
    *,
    corridor: str | None,
    sources: list[dict[str, Any]],
    note: str = "",
) -> dict[str, Any]:
    """Return the record of values that were computed.

    Parameters
    ----------
    indicator, computed, asked
        As in `compute`.
    corridor
        Green corridor that they are of.
    sources
        Name, hash and rows of each source.
    note
        More than the computation says itself.
    """
    notes = "; ".join(text for text in (computed.note, note) if text)
    return {
        "indicator": indicator,
        "definition_version": definition(indicator)["definition_version"],
        "mode": asked.mode,
        "period": {"begin": _moment(asked.period.begin), "end": _moment(asked.period.end)},
        **({"corridor": corridor} if corridor else {}),
        "ports": asked.ports,
        "values": [_row(indicator, measure) for measure in computed.values],
        "coverage": decimal(computed.coverage),
        "coverage_basis": computed.coverage_basis,
        "uncertainty_basis": computed.uncertainty_basis,
        "sources": sources,
        "software": f"sisterport {__version__}",
        **({"note": notes} if notes else {}),
    }


def reported(
    indicator: str, value: float, *, quantity: str | None, low: float | None, high: float | None, **more: Any
) -> Computed:
    """Return a value that a port reports without frames, in the form of one that was computed.

    Parameters
    ----------
    indicator, value, quantity, low, high
        The value with its bounds; None takes the indicator's first quantity.
    **more
        ``coverage, coverage_basis``, needed, and ``uncertainty_basis``.
    """
    name = quantity or next(iter(quantities(indicator)))
    basis = more.pop("uncertainty_basis", "") or ("not estimated" if low is None and high is None else "as reported")
    return Computed(values=[Measure(name, value, low, high)], uncertainty_basis=basis, **more)


def _row(indicator: str, measure: Measure) -> dict[str, str]:
    units = quantities(indicator)
    choose("quantity", measure.quantity, list(units))
    bounds = {"low": measure.low, "high": measure.high}
    return {
        "quantity": measure.quantity,
        "unit": units[measure.quantity]["unit"],
        "value": decimal(measure.value),
        **{name: decimal(bound) for name, bound in bounds.items() if bound is not None},
    }


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
