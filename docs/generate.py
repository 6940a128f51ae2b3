"""Writes the pages of docs/reference that repeat what the code says, so that they cannot say anything else.

``python -m docs.generate`` writes them; ``--check`` only tells which are out of date (exit code 1).
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from docs.cli_page import cli
from docs.markdown import doc, of_dataclasses, page, plain, table, type_name

FOLDER = Path(__file__).parent / "reference"


def pages() -> dict[str, Callable[[], str]]:
    """File name -> the function that writes its text."""
    return {
        "commands.md": commands,
        "events.md": events,
        "plan.md": plan,
        "refusals.md": refusals,
        "settings.md": settings,
        "limits.md": limits,
        "http.md": http,
        "roles.md": roles,
        "personal-data.md": personal_data,
        "metrics.md": metrics,
        "log.md": log,
        "cli.md": cli,
    }


def commands() -> str:
    """Every command the rules understand."""
    from server.rules import commands as module

    return of_dataclasses("Commands", "server/rules/commands.py", module)


def events() -> str:
    """Every event the journal can hold."""
    from server.rules import events as module

    return of_dataclasses("Events", "server/rules/events", module, get_args(module.Event))


def plan() -> str:
    """What a store decides before its day."""
    from server.rules import plan as module

    return of_dataclasses("A store's plan", "server/rules/plan.py", module)


def refusals() -> str:
    """Every code an error can have, with its HTTP status and what a person reads."""
    from server.rules.refusals import Code
    from server.web.problems import WEB_CODES

    intro = (
        "Every error has one shape, over HTTP and sockets: `{code, message, status, facts?, retry_after_s?}`. The code is for programs and"
        " never changes; the message is for people, in their language (here: English)."
    )
    rules = (
        "A refusal is an answer, not a failure: the command was understood, nothing changed, and the same id gets the same answer again."
    )
    said = [(*_error(code.value), _where(code.name)) for code in Code]
    parts = [intro, "## Of the rules", rules, table(("code", "status", "in words", "said by"), said)]
    parts += ["## Of the web", table(("code", "status", "in words"), [_error(code) for code in WEB_CODES])]
    return page("Refusals and other errors", "server/rules/refusals.py` and `server/web/problems.py", parts)


def _error(code: str) -> tuple[str, ...]:
    from server.web import i18n, problems

    return f"`{code}`", str(int(problems.status_of(code))), i18n.t("en", f"errors.{code}")


def settings() -> str:
    """Every setting of the server."""
    from server.settings import Settings

    prefix = Settings.model_config.get("env_prefix", "")
    rows = [
        (
            f"`{prefix}{name.upper()}`",
            f"`{type_name(field.annotation)}`",
            f"`{field.get_default(call_default_factory=True)}`",
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
    return page("Settings", "server/settings.py", [doc(Settings), table(("variable", "type", "default", "what it does"), rows)])


def http() -> str:
    """Every route and socket, who may use it, and what it does."""
    from server.app import routes
    from server.web.policies import policy_of

    doors: list[Any] = sorted(routes(), key=lambda route: str(getattr(route, "path", "")))
    rows = [(_method(door), _address(door), policy.who.value, _purpose(door)) for door in doors if (policy := policy_of(door)) is not None]
    intro = (
        "Bodies and answers are described by the server itself: `/api/v1/openapi.json` (OpenAPI 3.1) and `/api/v1/asyncapi.json` (AsyncAPI"
        " 3). Whatever changes something is sent with an `id` made by the client; sending it again gets the same answer. Requests that act"
        " with the session cookie carry the header `X-Avous: 1`."
    )
    return page("HTTP and sockets", "server/app.py", [intro, table(("method", "path", "who", "what it does"), rows)])


def roles() -> str:
    """Who may do what: roles against routes and commands."""
    from docs import roles_page
    from server.app import routes
    from server.web import roles as module

    doors = sorted(routes(), key=lambda route: str(getattr(route, "path", "")))
    names = tuple(f"`{role}`" for role in module.Role)
    parts = [
        doc(module),
        table(("role", "reaches", "may give"), roles_page.table()),
        "Whoever sets somebody's PIN can sign in as them, so that needs the right to give their role. Below: *reach*, at every store the"
        " role reaches; *home*, only at the store where the person works; *own*, what is about oneself. Public routes and those of phones,"
        " devices and the operator ask for no role: see [HTTP](http.md). A test walks every row, for every role, at home and elsewhere.",
        "## Routes",
        table(("route", *names), roles_page.route_rows(doors)),
        "## Commands",
        table(("command", "route", *names), roles_page.command_rows()),
    ]
    return page("Roles", "server/web/roles.py", parts)


def personal_data() -> str:
    """Every kind of personal data, from the registry that erases it."""
    from server.journal.personal import REGISTRY, Kind
    from server.web.i18n import t

    def row(kind: Kind) -> tuple[str, ...]:
        words = (t("en", f"privacy.{kind.name}.{word}") for word in ("what", "why", "how_long"))
        erased = "at once" if kind.erase else "with its day"
        return f"`{kind.name}`", t("en", f"privacy.{kind.whose}"), *words, ", ".join(f"`{place}`" for place in kind.where), erased

    intro = (
        "One list of everything that is kept about people. `avous export --person`, `avous erase`, the retention job, the page"
        " `/privacy` and this page read it; a test fails when a table has a column that is neither on it nor known to be about"
        " nobody. Joining needs none of it."
    )
    said = (
        "How long, is the store's to say: `[keep]` in its file, `contact_after_visit_min` (default 120, at most a day) and `days`"
        " (default 90). The log names staff by their id when they sign in or are refused, and nobody else. Backups hold what the"
        " database held when they were made: keep them no longer than the days, and write-ahead archives of PostgreSQL no longer"
        " than a contact may live."
    )
    kinds = table(("kind", "whose", "what", "why", "how long", "where", "erased"), [row(kind) for kind in REGISTRY])
    return page("Personal data", "server/journal/personal.py", [intro, kinds, said])


def metrics() -> str:
    """Every metric of /metrics."""
    from server.metrics import REGISTRY

    families = sorted(REGISTRY.collect(), key=lambda family: family.name)
    rows = [(f"`{family.name}`", family.type, family.documentation) for family in families]
    intro = (
        "`/metrics` answers in Prometheus' text format, to this machine's own addresses, or to whoever shows the token of"
        " `AVOUS_METRICS_TOKEN` (`Authorization: Bearer …`). Counters are told with `_total`, histograms with `_bucket`, `_sum`"
        " and `_count`. No label holds an id, a name or an address of a person. `deploy/grafana.json` is a board to begin with."
    )
    return page("Metrics", "server/metrics.py", [intro, table(("metric", "type", "what it counts"), rows)])


def _method(route: Any) -> str:
    methods = sorted(set(getattr(route, "methods", None) or ()) - {"HEAD"})
    return ", ".join(methods) or ("socket" if route.path.startswith("/ws") else "files")


def _address(route: Any) -> str:
    return f"`{route.path}/…`" if _method(route) == "files" else f"`{route.path_format}`"


def _purpose(route: Any) -> str:
    from server.web.policies import describe_of

    about = describe_of(route)
    return plain(about.summary if about else inspect.getdoc(getattr(route, "endpoint", None)) or "").partition("\n")[0]


def limits() -> str:
    """Every bound on what one client may ask for, and those behind them."""
    from server.live import limits as live
    from server.web import limits as web

    parts = [doc(web), _bounds(web), "## Behind them: `server/live/limits.py`", doc(live), _bounds(live)]
    return page("Limits", "server/web/limits.py", parts)


def _bounds(module: ModuleType) -> str:
    found = re.findall(r"^([A-Z_]+)(?:: Final)? = ([^#\n]+?)(?:  # (.+))?$", inspect.getsource(module), re.MULTILINE)
    return table(("name", "value", "what it bounds"), [(f"`{name}`", f"`{value}`", what) for name, value, what in found])


def log() -> str:
    """Every line the server can log, with its fields."""
    from server import log as module

    intro = (
        "Where it goes: standard error, one JSON object a line, and nowhere else; who runs the server decides who reads it and how long "
        "it is kept (systemd's journal, Docker's logs: thirty days are enough). Every line has `timestamp` (UTC, ISO 8601), `level` and "
        "`event`. Exceptions are told by type and place, never by their text."
    )
    lines = table(("event", "level", "fields", "where"), sorted(_logged()))
    other = (
        "Lines of our own rooms with the event `message` say in `reason` what happened, in words that are constants; those of libraries "
        "say only where they come from. A field that is not on this list is not printed:"
    )
    parts = [doc(module), intro, lines, other, ", ".join(f"`{name}`" for name in sorted(module.FIELDS))]
    return page("Log", "server/log.py, and every call of it", parts)


def _logged() -> Iterator[tuple[str, str, str, str]]:
    """Every ``log.get().level("event", field=…)`` of the rooms; ``**log.failure(error)`` stands for its fields."""
    root = Path(__file__).parents[1]
    for path in sorted(p for room in ("server", "kiosk", "staff_app") for p in (root / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(ast.Attribute(ast.Call(ast.Attribute(ast.Name("log"), "get")), level), [ast.Constant(str(event)), *_], given):
                    fields = [word.arg for word in given if word.arg] + [
                        name for word in given if not word.arg for name in ("error", "where")
                    ]
                    yield f"`{event}`", level, ", ".join(f"`{name}`" for name in fields), f"`{path.relative_to(root)}`"


def _where(member: str) -> str:
    rules = Path(__file__).parents[1] / "server" / "rules"
    said = [p.stem for p in sorted(rules.glob("*.py")) if p.stem != "refusals" and re.search(rf"\bCode\.{member}\b", p.read_text("utf-8"))]
    return ", ".join(f"`{name}`" for name in said)


def stale() -> list[str]:
    """Names of the pages that are not what the code says now."""
    return [name for name, write in pages().items() if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != write()]


def main() -> int:
    """Write the pages, or with ``--check`` name those that are out of date."""
    old = stale()
    if "--check" in sys.argv:
        print("\n".join(f"out of date: docs/reference/{name}" for name in old) or "docs/reference is current")
        return 1 if old else 0
    for name in old:
        (FOLDER / name).write_text(pages()[name](), "utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
