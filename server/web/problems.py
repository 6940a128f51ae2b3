"""The one error shape: ``{"code", "message", "status", "facts"?, "retry_after_s"?}``, for HTTP and sockets alike.

A code is for programs and never changes; the message is for people, in their language; facts are the few
values worth knowing. Nothing of the server's inside gets out: no exception text, no path, no input echoed.
"""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from server import log
from server.live.messages import Busy, StorageTrouble, SubscriptionClosed, UnknownScreen, UnknownStore
from server.metrics import ROUTE
from server.rules.refusals import Code, Fact, Refusal
from server.rules.views import iso
from server.web import i18n
from server.web.pages import language_of, page

RULES_CODES = frozenset(Code)
FORBIDDEN = {Code.PICKING_NOT_ALLOWED}
UNUSABLE = {Code.BAD_VALUE, Code.BAD_PLAN}

WEB_CODES: Mapping[str, int] = {
    "bad_request": 400,
    "bad_json": 400,
    "bad_hello": 400,
    "sign_in_needed": 401,
    "session_ended": 401,
    "token_needed": 401,
    "wrong_pin": 401,
    "wrong_code": 401,
    "wrong_key": 401,
    "sso_refused": 401,
    "device_revoked": 401,
    "device_needed": 403,
    "presence_needed": 403,
    "not_allowed": 403,
    "foreign_origin": 403,
    "header_needed": 403,
    "not_found": 404,
    "unknown_content": 404,
    "unknown_device": 404,
    "unknown_key": 404,
    "unknown_hook": 404,
    "unknown_booking": 404,
    "not_bookable": 404,
    "unknown_store": 404,
    "unknown_token": 404,
    "method_not_allowed": 405,
    "hello_late": 408,
    "request_late": 408,
    "bad_message": 400,
    "second_hello": 409,
    "taken_over": 409,
    "slot_taken": 409,
    "too_many_keys": 409,
    "too_many_hooks": 409,
    "booking_over": 409,
    "changed_meanwhile": 409,
    "moves_limit": 409,
    "too_large": 413,
    "wrong_content_type": 415,
    "text_only": 415,
    "bad_field": 422,
    "weak_pin": 422,
    "hook_target": 422,
    "lab_impossible": 422,
    "account_locked": 429,
    "too_many": 429,
    "internal": 500,
    "not_installed": 501,
    "busy": 503,
    "storage_trouble": 503,
    "restarting": 503,
}
"""Every code that is not a refusal of the rules, with its HTTP status."""

WATCHED = frozenset({
    "not_allowed", "foreign_origin", "header_needed", "device_needed", "wrong_code", "wrong_key", "unknown_token", "sign_in_needed",
})  # fmt: skip
"""Refusals that somebody who tries doors would get: they are logged, without who it was."""

BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "wrong_content_type", 400: "bad_json"}


def status_of(code: str) -> int:
    """The HTTP status of a code of the rules or of this room; 500 for one that nobody declared."""
    if code in WEB_CODES:
        return WEB_CODES[code]
    if code not in RULES_CODES:
        return 500
    if code in FORBIDDEN:
        return HTTPStatus.FORBIDDEN
    if code in UNUSABLE:
        return HTTPStatus.UNPROCESSABLE_ENTITY
    return HTTPStatus.NOT_FOUND if code.startswith("unknown_") else HTTPStatus.CONFLICT


class Problem(Exception):
    """Stop here and answer with this error. ``facts`` are JSON values that may be shown to the caller."""

    def __init__(self, code: str, facts: Mapping[str, Any] | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status_of(code)
        self.facts = dict(facts or {})
        self.retry_after_s = retry_after_s

    @classmethod
    def refused(cls, refusal: Refusal) -> "Problem":
        """The rules said no."""
        return cls(str(refusal.code), {name: _shown(name, fact) for name, fact in refusal.facts.items()})

    def raw(self, language: str, *headers: str) -> bytes:
        """A whole response with the error, for where no request can be read or nothing may be built for one."""
        body = to_json(self.body(language))
        wait = [] if self.retry_after_s is None else [f"retry-after: {math.ceil(self.retry_after_s)}"]
        first = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"
        fields = ["content-type: application/json", "cache-control: no-store", *wait, f"content-length: {len(body)}", *headers]
        return "\r\n".join([first, *fields, "", ""]).encode() + body

    def body(self, language: str) -> dict[str, Any]:
        """The error as JSON values, its message in ``language``."""
        shape: dict[str, Any] = {
            "code": self.code,
            "message": i18n.t(language, f"errors.{self.code}", **self.facts),
            "status": int(self.status),
        }
        if self.facts:
            shape["facts"] = self.facts
        if self.retry_after_s is not None:
            shape["retry_after_s"] = max(0.1, round(self.retry_after_s, 1))
        return shape


def _shown(name: str, fact: Fact) -> Fact:
    """An instant as every view writes it."""
    return iso(fact) if name.endswith("_at") and isinstance(fact, int | float) else fact


def answer(request: Request, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The error as a response: JSON, or a readable page for a person whose browser went astray."""
    out = dict(headers or {})
    if problem.retry_after_s is not None:
        out["Retry-After"] = str(max(1, math.ceil(problem.retry_after_s)))
    if problem.code == "request_late":
        out["Connection"] = "close"  # the rest may still come, and nobody waits for it
    if problem.code == "token_needed":
        out["WWW-Authenticate"] = "Bearer"
    if _is_navigation(request):
        message = problem.body(language_of(request))["message"]
        response = page(request, "web/error.html", problem.status, message=message)
        response.headers.update(out)
        return response
    return JSONResponse(problem.body(spoken(request)), problem.status, {"Cache-Control": "no-store", **out})


def spoken(connection: HTTPConnection[Any]) -> str:
    """The language of an error's message: the caller's, English for programs that say nothing."""
    return language_of(connection, default="en")


EXPECTED = (Problem, Busy, StorageTrouble, SubscriptionClosed, UnknownStore, UnknownScreen)
"""What ``on_problem`` is registered for."""


def problem_of(error: Exception) -> Problem | None:
    """The problem that an error of the live room stands for; None for errors that are bugs."""
    match error:
        case Problem():
            return error
        case Busy():
            return Problem("busy", retry_after_s=error.retry_after_s)
        case StorageTrouble():
            return Problem("storage_trouble", retry_after_s=error.retry_after_s)
        case SubscriptionClosed():
            return Problem("restarting", retry_after_s=1.0)
        case UnknownStore():
            return Problem("unknown_store")
        case UnknownScreen():
            return Problem("unknown_ticket")
    return None


async def on_problem(request: Request, exc: Exception) -> Response:
    """Starlette's handler for every error that ``problem_of`` knows."""
    problem = problem_of(exc) or Problem("internal")
    if problem.code in WATCHED:
        log.get().info("turned_away", route=request.scope.get(ROUTE, "none"), method=request.method, code=problem.code)
    return answer(request, problem)


async def on_http_exception(request: Request, exc: Exception) -> Response:
    """Starlette's own errors (no such route, wrong method, body too large) in the one shape."""
    assert isinstance(exc, HTTPException)
    return answer(request, Problem(BY_STATUS.get(exc.status_code, "internal")), exc.headers)


def _is_navigation(request: Request) -> bool:
    wants_page = request.headers.get("accept", "").startswith("text/html")
    return wants_page and request.method in ("GET", "HEAD") and not request.url.path.startswith("/api/")
