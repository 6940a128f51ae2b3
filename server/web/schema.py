"""The API described by itself: OpenAPI 3.1 from the doors, AsyncAPI 3 from the sockets. Nothing is written twice."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.web import answers, bodies, shapes
from server.web.keys import SCOPED
from server.web.policies import Policy, Who, describe_of, door, policy_of

VERSION = "1"
TITLE = "À Vous"
REFERENCE = "#/components/schemas/{model}"
SECURITY: dict[Who, list[dict[str, list[str]]]] = {
    Who.PUBLIC: [],
    Who.PHONE: [{"ticket": []}],
    Who.BOOKER: [{"appointment": []}],
    Who.SIGNED_IN: [{"session": []}],
    Who.STAFF: [{"session": []}],
    Who.VIEWER: [{"session": []}],
    Who.MANAGER: [{"session": []}],
    Who.DEVICE: [{"device": []}],
    Who.OPERATOR: [{"operator": []}],
}
SCHEMES = {
    "ticket": {"type": "http", "scheme": "bearer", "description": "The token of one ticket's phone link."},
    "appointment": {"type": "http", "scheme": "bearer", "description": "The token of one appointment's link."},
    "session": {"type": "apiKey", "in": "cookie", "name": "session", "description": "Set by signing in; __Host-session over https."},
    "device": {"type": "apiKey", "in": "cookie", "name": "device", "description": "Of an enrolled device; or Authorization: Device TOKEN."},
    "key": {"type": "http", "scheme": "bearer", "description": "An API key with the scope that is named."},
    "operator": {"type": "http", "scheme": "bearer", "description": "The token of AVOUS_METRICS_TOKEN."},
}
SCREENS: dict[str, tuple[type[BaseModel], ...]] = {
    "phone": (shapes.PhoneView,),
    "staff": (shapes.StaffView, shapes.FloorView),
    "board": (shapes.BoardView, shapes.KioskView),
}


async def openapi(request: Request) -> Response:
    """OpenAPI 3.1."""
    return answers.json(openapi_of(request.app.routes))


async def asyncapi(request: Request) -> Response:
    """AsyncAPI 3."""
    return answers.json(asyncapi_document())


def routes() -> list[BaseRoute]:
    """The two descriptions."""
    return [door("/api/v1/openapi.json", openapi, Who.PUBLIC), door("/api/v1/asyncapi.json", asyncapi, Who.PUBLIC)]


def openapi_of(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The OpenAPI document of every door that answers JSON."""
    paths: dict[str, dict[str, Any]] = {}
    described = [route for route in routes if isinstance(route, Route) and describe_of(route) is not None]
    for route in described:
        method = next(iter(sorted(set(route.methods or ()) - {"HEAD"}))).lower()
        paths.setdefault(route.path_format, {})[method] = _operation(route, method)
    models = [m for route in described for m in _models(route)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "description": "The waiting line of a store. Instants are ISO 8601, durations seconds.",
        },
        "paths": paths,
        "components": {"schemas": _schemas(tuple(dict.fromkeys([*models, shapes.Problem]))), "securitySchemes": SCHEMES},
    }


def _models(route: Route) -> list[type[BaseModel]]:
    about = describe_of(route)
    assert about is not None
    return [model for model in (about.body, about.answer) if model is not None]


def _operation(route: Route, method: str) -> dict[str, Any]:
    about, policy = describe_of(route), policy_of(route)
    assert about is not None
    assert policy is not None
    operation: dict[str, Any] = {
        "operationId": "_".join([method, *re.findall(r"\w+", route.path_format.removeprefix("/api/v1"))]),
        "summary": about.summary,
        "security": SECURITY[policy.who] + _keys(policy),
        "parameters": [_parameter(name) for name in route.param_convertors] + _headers(policy.forgeable),
        "responses": {str(about.status): _answer(about.answer, about.many), "default": _content("Refused.", shapes.Problem)},
    }
    if about.body is not None:
        operation["requestBody"] = {"required": True, **_content("", about.body)}
        operation["requestBody"].pop("description")
    return operation


def _keys(policy: Policy) -> list[dict[str, list[str]]]:
    """An API key instead, where one may be shown; on a public route it only says who asks."""
    scope = SCOPED.get(policy.way)
    return [{"key": [scope.value]}] if scope and policy.who is not Who.PUBLIC else []


def _parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _headers(forgeable: bool) -> list[dict[str, Any]]:
    ours = {"name": "X-Avous", "in": "header", "required": True, "schema": {"type": "string", "const": "1"}}
    return [ours] if forgeable else []


def _answer(model: type[BaseModel] | None, many: bool) -> dict[str, Any]:
    if model is None:
        return {"description": "Done."}
    content = _content(" ".join((model.__doc__ or "Done.").split()), model)
    if many:
        schema = content["content"]["application/json"]
        schema["schema"] = {"type": "array", "items": schema["schema"]}
    return content


def _content(description: str, model: type[BaseModel]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": {"$ref": REFERENCE.format(model=model.__name__)}}}}


@cache
def asyncapi_document() -> dict[str, Any]:
    """The AsyncAPI document: three sockets, the same hello, their views."""
    models: list[type[BaseModel]] = [
        bodies.Hello,
        shapes.Ping,
        shapes.Pong,
        shapes.Problem,
        *(view for views in SCREENS.values() for view in views),
    ]
    channels = {kind: _channel(kind, views) for kind, views in SCREENS.items()}
    operations = {f"{kind}_{way}": _talk(kind, way) for kind in SCREENS for way in ("send", "receive")}
    messages = {m.__name__: {"payload": {"$ref": REFERENCE.format(model=m.__name__)}} for m in models}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"{TITLE}: live screens", "version": VERSION, "description": "Say hello first; then views come."},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": _schemas(tuple(models))},
    }


SAID_BY_CLIENTS = ("Hello", "Ping")


def _channel(kind: str, views: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    names = [*SAID_BY_CLIENTS, "Pong", "Problem", *(view.__name__ for view in views)]
    return {"address": f"/ws/{kind}", "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names}}


def _talk(kind: str, way: str) -> dict[str, Any]:
    """ "send" is what the server sends: views, pongs, problems."""
    said = SAID_BY_CLIENTS if way == "receive" else ("Pong", "Problem", *(view.__name__ for view in SCREENS[kind]))
    messages = [{"$ref": f"#/channels/{kind}/messages/{name}"} for name in said]
    return {"action": way, "channel": {"$ref": f"#/channels/{kind}"}, "messages": messages}


@cache
def _schemas(models: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    _, document = models_json_schema([(model, "validation") for model in models], ref_template=REFERENCE)
    definitions: dict[str, Any] = document["$defs"]
    return definitions
