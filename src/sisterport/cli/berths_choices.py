"""``sisterport berths front|rotate``: choices beside one plan, and several ports together."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sisterport.cli.output import print_frame, print_json

TIMES = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seed = Annotated[int, typer.Option(help="Random seed.")]


def front(
    folder: Annotated[Path, typer.Argument(help="Folder of the plan.")],
    on_the_way: Annotated[Path, typer.Option(help="Ships that can be asked for an arrival (table approaches).")],
    ships: Annotated[Path, typer.Option(help="Class and size of these ships: a register, or the folder of a run.")],
    now: Annotated[datetime, typer.Option(formats=TIMES, help="Time of the ships on their way, UTC.")],
    also: Annotated[
        list[Path] | None, typer.Option(help="Folder of another plan of the same calls to compare; repeatable.")
    ] = None,
    notices: Annotated[str, typer.Option("--notices-h", help="Notice horizons to try, h.")] = "12,24,48",
    buffers: Annotated[str, typer.Option("--buffers-h", help="Buffers to try, h.")] = "0,0.5,1,1.5,2,3,4,6,8,12",
    notice_h: Annotated[float, typer.Option(help="Notice that buffers of ships are chosen for, h.")] = 24.0,
    idle_weight: Annotated[float, typer.Option(help="An hour of an idle berth over an hour at anchor.")] = 1.0,
    fuel_weight: Annotated[float, typer.Option(help="A tonne of fuel over an hour at anchor.")] = 0.0,
    samples: Annotated[int, typer.Option(help="Sampled delays.")] = 200,
    eta_times: Annotated[float, typer.Option(help="Error of estimated arrivals over the usual one.")] = 1.0,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Trade hours at anchor against fuel and idle berths under sampled delays, and choose each ship's buffer."""
    from sisterport.berths.front import Prices
    from sisterport.project.berths_ask import read_asking
    from sisterport.project.berths_front import front_files

    found = front_files(
        folder,
        asking=read_asking(on_the_way, ships, now=now, notice_h=notice_h),
        also=also or (),
        notices_h=_hours("--notices-h", notices),
        buffers_h=_hours("--buffers-h", buffers),
        prices=Prices(idle=idle_weight, fuel=fuel_weight),
        samples=samples,
        eta_times=eta_times,
        seed=seed,
    )
    rows, buffer = found.front.choices, found.buffers
    if as_json:
        print_json({"trade_offs": rows.to_dicts(), "hypervolume": found.front.hypervolume, "buffers": buffer.to_dicts(),
                    "notes": found.notes, "files": found.files})  # fmt: skip
        return
    shown = ("plan", "notice_h", "buffer_h", "anchor_h", "anchor_cvar_h", "fuel_t", "idle_h", "idle_cvar_h")
    best = rows.filter("efficient").sort("anchor_h", "fuel_t").select(shown)
    print_frame(best, as_json=False, title=f"{best.height} of {rows.height} choices that no other beats")
    print_frame(buffer.select("call_id", "buffer_h"), as_json=False, title=f"buffers at {notice_h:g} h notice")
    first = buffer.row(0, named=True)
    typer.echo(
        f"hours at anchor, with idle berths and fuel as weighed: {first['cost']:.1f} in the mean, {first['cvar']:.1f} "
        f"in the worst tenth; without buffers {first['cost_without']:.1f} and {first['cvar_without']:.1f}"
    )
    _end(found.notes, found.files, folder, "front.html")


def rotate(
    folder: Annotated[Path, typer.Argument(help="Folder to write into.")],
    calls: Annotated[Path, typer.Option(help="Calls in the order of each ship's ports (table rotation_calls).")],
    berths: Annotated[Path, typer.Option(help="Berths of all ports (table berths, with a column locode).")],
    ships: Annotated[Path, typer.Option(help="Class and size of the ships: a register, or the folder of a run.")],
    time: Annotated[float, typer.Option(help="Cost of an hour of a ship's whole voyage.")] = 1.0,
    fuel: Annotated[float, typer.Option(help="Cost of a tonne of fuel.")] = 1.0,
    slowest_share: Annotated[
        float | None, typer.Option(help="Lowest speed over service speed where a ship does not say it.")
    ] = None,
    step_min: Annotated[float, typer.Option(help="Step of time, min.")] = 15.0,
    time_limit: Annotated[float, typer.Option(help="Time limit of each plan of one port, s.")] = 5.0,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Plan berths at several friendly ports and the speeds between them together, with a bound."""
    from sisterport.project.berths_rotate import rotate_files

    found = rotate_files(
        folder,
        calls=calls,
        berths=berths,
        ships=ships,
        time=time,
        fuel=fuel,
        slowest_share=slowest_share,
        step_min=step_min,
        time_limit_s=time_limit,
        seed=seed,
    )
    plan = found.plan
    if as_json:
        print_json({"value": plan.value, "bound": plan.bound, "gap": plan.gap, "stays": plan.stays.to_dicts(),
                    "legs": plan.legs.to_dicts(), "notes": found.notes, "files": found.files})  # fmt: skip
        return
    print_frame(plan.stays.drop("mmsi"), as_json=False)
    shown = ("call_id", "from_locode", "to_locode", "speed_kn", "anchor_h", "fuel_t", "fuel_full_speed_t")
    print_frame(plan.legs.select(shown), as_json=False, title="speeds between the ports")
    typer.echo(
        f"cost {plan.value:,.2f}, no plan costs less than {plan.bound:,.2f} (gap {plan.gap:.2%}); "
        f"{plan.legs['fuel_t'].sum():.1f} t on the legs, {plan.legs['fuel_full_speed_t'].sum():.1f} t at full speed"
    )
    _end(found.notes, found.files, folder, "rotation.html")


def _hours(option: str, text: str) -> list[float]:
    from sisterport.errors import InputError

    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = [-1.0]
    if min(found) < 0:
        raise InputError(f"{option} {text}: hours from 0 on, separated by commas")
    return found


def _end(notes: list[str], files: list[str], folder: Path, page: str) -> None:
    for note in notes:
        typer.echo(f"note: {note}")
    typer.echo(f"wrote {len(files)} files to {folder}: open {page}")
