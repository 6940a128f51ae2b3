"""The API as a page: both descriptions, readable without scripts, under the same strict policy as every page."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from server.web import schema
from server.web.pages import page
from server.web.policies import Who, door

DEPRECATED_FOR_DAYS = 180
API, STORES, LONG = "/api/v1/", "stores", 3  # what is longer than stores/{store}/something belongs to that something


async def api(request: Request) -> Response:
    """Every operation and socket, with the fields they take and give."""
    document, sockets = schema.openapi_of(request.app.routes), schema.asyncapi_document()
    operations = [_operation(path, method, told) for path, methods in document["paths"].items() for method, told in methods.items()]
    shapes = {**sockets["components"]["schemas"], **document["components"]["schemas"]}
    channels = [(c["address"], list(c["messages"])) for c in sockets["channels"].values()]
    return page(
        request, "web/api.html", written="api", groups=_grouped(operations), channels=channels,
        shapes={name: _fields(shape) for name, shape in sorted(shapes.items())}, days=DEPRECATED_FOR_DAYS,
    )  # fmt: skip


def routes() -> list[BaseRoute]:
    """One page."""
    return [door("/api", api, Who.PUBLIC)]


def _grouped(operations: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Operations by what they are about: where their address begins."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for operation in operations:
        groups.setdefault(_place(operation["path"]), []).append(operation)
    return {place: groups[place] for place in sorted(groups)}


def _place(path: str) -> str:
    if not path.startswith(API):
        return "/"
    parts = path.removeprefix(API).split("/")
    return f"{API}{'/'.join(parts[:3] if parts[0] == STORES and len(parts) > LONG else parts[:1])}"


def _operation(path: str, method: str, told: dict[str, Any]) -> dict[str, Any]:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answers = [(status, _name(answer)) for status, answer in told["responses"].items() if status != "default"]
    who = next((name for need in told["security"] for name in need), "")
    return {
        "id": told["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": told["summary"],
        "who": who,
        "body": _shape(body),
        "answers": answers,
        "header": any(parameter["name"] == "X-Avous" for parameter in told["parameters"]),
        "deprecated": told.get("deprecated", False),
    }


def _name(answer: dict[str, Any]) -> str:
    return _shape(answer.get("content", {}).get("application/json", {}).get("schema", {}))


def _shape(schema: dict[str, Any]) -> str:
    """The name of a shape, or the JSON type."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(_shape(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_shape(schema.get('items', {}))}]"
    if "enum" in schema:
        return " | ".join(f"“{value}”" for value in schema["enum"])
    return str(schema.get("const") or schema.get("format") or schema.get("type") or "")


def _fields(shape: dict[str, Any]) -> dict[str, Any]:
    needed = shape.get("required", ())
    rows = [(name, _shape(told), name in needed, told.get("description", "")) for name, told in shape.get("properties", {}).items()]
    return {"about": shape.get("description", ""), "rows": rows, "plain": "" if rows else _shape(shape)}
