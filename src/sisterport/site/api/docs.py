"""The description of the API: OpenAPI, and a page that shows it as plain tables, without anything from elsewhere."""

from collections.abc import Sequence
from html import escape
from typing import Any

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi

from sisterport.site.api.problems import PROBLEMS

_ABOUT = """The ledger of a coalition of ports. Everything that is written is a statement that a person of a port has
signed; the server gives it its place in the chain. Errors are problem details (RFC 9457). Without a token one sees
what is public."""
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Secret of a token, or a bearer from /oauth/token."},
    "oauth2": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}}},
}


def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the description of an API; made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
        made.setdefault("components", {})["securitySchemes"] = _SECURITY
        made["security"] = [{}, {"bearer": []}, {"oauth2": []}]
        _without_default_errors(made)
        app.openapi_schema = made
    return app.openapi_schema


def _without_default_errors(made: dict[str, Any]) -> None:
    """Leave out the form of errors that the framework describes by itself, which none of ours has."""
    for operations in made["paths"].values():
        for operation in operations.values():
            default = operation["responses"].get("422", {}).get("content", {}).get("application/json")
            if default is not None:
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        made["components"].get("schemas", {}).pop(name, None)


def install(app: FastAPI) -> None:
    """Give an API its description and the page of it."""
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign]  # FastAPI's own way to do this

    @app.get("/openapi.json", include_in_schema=False)
    async def described() -> dict[str, Any]:
        return openapi(app)

    @app.get("/docs", include_in_schema=False)
    async def shown() -> Response:
        return Response(docs_page(openapi(app)), media_type="text/html")


def docs_page(described: dict[str, Any]) -> str:
    """Return the page of an API: a table of endpoints, their parameters and answers, and of the problems."""
    about = described["info"]
    parts = ["<!doctype html><html lang=en><meta charset=utf-8>", f"<title>{escape(about['title'])}</title>",
             f"<h1>{escape(about['title'])}</h1><p>{escape(about['description'])}</p>",
             '<p><a href="/openapi.json">OpenAPI as JSON</a></p>']  # fmt: skip
    for path, operations in described["paths"].items():
        for method, told in operations.items():
            parts.append(_operation(method.upper(), path, told))
    rows = [
        (f"<span id={name}>{name}</span>", str(status), escape(title)) for name, (status, title) in PROBLEMS.items()
    ]
    parts.append("<h2>Problems</h2>" + _table(("name", "status", "title"), rows))
    return "\n".join(parts)


def _operation(method: str, path: str, told: dict[str, Any]) -> str:
    """Return an endpoint with its parameters and answers."""
    asked = [(escape(one["name"]), one["in"], escape(one.get("description", ""))) for one in told.get("parameters", [])]
    asked += [("body", escape(kind), "") for kind in told.get("requestBody", {}).get("content", {})]
    answers = [
        (status, escape(", ".join(one.get("content", {}))), escape(one.get("description", "")))
        for status, one in sorted(told["responses"].items())
    ]
    head = f"<h2>{method} {escape(path)}</h2><p>{escape(told['summary'])}. {escape(told.get('description', ''))}</p>"
    return head + _table(("parameter", "in", "meaning"), asked) + _table(("status", "type", "meaning"), answers)


def _table(names: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th align=left>{name}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table border=1 cellpadding=4><tr>{head}</tr>{body}</table>"
