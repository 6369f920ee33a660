"""``sisterport serve``: the ledger of a coalition over HTTP."""

from typing import Annotated, Any

import typer


def serve(
    database: Annotated[
        str, typer.Option(envvar="SISTERPORT_DATABASE", help="The ledger: a SQLite file, or postgresql://...")
    ] = "network.db",
    host: Annotated[
        str, typer.Option(help="Address to listen at; TLS is the work of a proxy before it.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes a free one.")] = 8080,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    base_url: Annotated[
        str | None, typer.Option(envvar="SISTERPORT_BASE_URL", help="How it is called from outside: https://...")
    ] = None,
    log: Annotated[str, typer.Option(envvar="SISTERPORT_LOG", help="Log of requests: json, text or none.")] = "json",
    proxies: Annotated[
        str, typer.Option(envvar="SISTERPORT_PROXIES", help="Addresses whose X-Forwarded-For is believed.")
    ] = "127.0.0.1",
) -> None:
    """Serve the ledger of a coalition over HTTP: API at /v1, described at /docs. Ctrl-C or SIGTERM ends it gently.

    It does not start where the chain is broken, or shorter than what was acknowledged.
    """
    import os

    from sisterport.errors import InputError

    try:
        import uvicorn

        from sisterport.site.api.app import create_app
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is missing: pip install 'sisterport[serve]'") from None
    from sisterport.site.api.settings import from_environment

    settings = from_environment(database=database, log=log, base_url=base_url or f"http://{host}:{port}")
    app = create_app(settings)
    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "forwarded_allow_ips": proxies,
        "timeout_graceful_shutdown": 30,
        "limit_concurrency": 1000,
    }
    typer.echo(f"{settings.base_url}: {app.state.server.ledger.standing.seq} entries; described at /docs", err=True)
    if workers == 1:
        uvicorn.run(app, **options)
        return
    app.state.server.ledger.close()
    os.environ |= settings.to_environment()
    uvicorn.run("sisterport.site.api.app:from_settings_of_environment", factory=True, workers=workers, **options)
