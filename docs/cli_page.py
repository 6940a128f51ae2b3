"""The page of the command line, read from what typer has made of the verbs."""

from collections.abc import Iterator
from typing import Any

from docs.markdown import page, plain, table


def cli() -> str:
    """Every verb of ``avous`` and its options."""
    import typer

    from server.cli import app

    command: Any = typer.main.get_command(app)
    parts = ["Exit code 0: done; 1: a bad result; 2: bad usage or bad input, with one sentence naming file, line and field."]
    for path, verb in _verbs("avous", command):
        parts += [f"## `{path}`", plain(verb.help or ""), _options(verb)]
    return page("The `avous` command", "server/cli.py", [part for part in parts if part])


def _verbs(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        yield path, command
        return
    context = command.context_class(command)
    for name in command.list_commands(context):
        verb = _loaded(command, context, name)
        if verb is not None and not verb.hidden:
            yield from _verbs(f"{path} {name}", verb)


def _loaded(command: Any, context: Any, name: str) -> Any:
    """A verb, or None for one whose room is not part of this version."""
    try:
        return command.get_command(context, name)
    except ValueError:
        return None


def _options(verb: Any) -> str:
    rows = [
        (_spelling(param), _default(param), plain(getattr(param, "help", None) or ""))
        for param in verb.params
        if not getattr(param, "hidden", False)
    ]
    return table(("argument or option", "default", "what it does"), rows) if rows else ""


def _spelling(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"`{(param.metavar or param.name).upper()}`"
    return "`" + "`, `".join([*param.opts, *param.secondary_opts]) + "`"


def _default(param: Any) -> str:
    value = param.default
    if value in (None, (), "") or callable(value) or param.required:
        return "required" if param.required else ""
    return f"`{value}`"
