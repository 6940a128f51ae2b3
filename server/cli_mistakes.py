"""What somebody mistyped on the command line, in one sentence: what was expected, what it is, the nearest possible."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import typer

WHOLE, NUMBER = ("int_parsing", "int_type", "int_from_float", "int_parsing_size"), ("float_parsing", "float_type", "finite_number")
CHOICES = re.compile(r"is not one of (.+)")
LONGEST = 40  # characters of what was typed that are said again


def sentence(mistake: typer.TyperException) -> str:
    """The mistake, where it was made, and what could be instead; the help where nothing was asked for."""
    faults = getattr(mistake.__cause__, "errors", None)
    where = getattr(getattr(mistake, "ctx", None), "command_path", "avous")
    if isinstance(mistake, typer.BadParameter) and callable(faults):
        return f"avous: {_value(mistake.param, faults()[0])}"
    words = mistake.format_message().strip()
    if words.startswith("Usage:"):
        return words
    words = " ".join(words.split()).rstrip(".")
    return f"{where}: {words[:1].lower()}{words[1:]}; {where} --help says what there is"


def _value(param: Any, fault: Mapping[str, Any]) -> str:
    """What an option or argument must be; ``fault`` is pydantic's."""
    name = param.opts[0] if param.param_type_name == "option" else param.name
    typed, ctx, text = str(fault["input"])[:LONGEST], fault.get("ctx", {}), str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] in (*WHOLE, *NUMBER):
        whole = fault["type"] in WHOLE
        return f'{name} must be a {"whole " if whole else ""}number; it is "{typed}"{_nearest(typed, param.default, whole=whole)}'
    if (bound := ctx.get("ge", ctx.get("le"))) is not None:
        return f"{name} must be at {'least' if 'ge' in ctx else 'most'} {bound}; it is {typed}, the nearest possible is {bound}"
    if choices := CHOICES.search(text):
        names = re.findall(r"'([^']+)'", choices[1])
        return (
            f'{name} must be one of {", ".join(names)}; it is "{typed}", the nearest possible is {get_close_matches(typed, names, 1, 0)[0]}'
        )
    return f'{name}: {text[:1].lower()}{text[1:]}; it is "{typed}"'


def _nearest(typed: str, default: Any, *, whole: bool) -> str:
    """The number that was probably meant: 1e3 is 1000, 5% is 0.05; else one like the usual."""
    per_cent = typed.endswith("%")
    try:
        value = float(typed.removesuffix("%").replace(",", ".")) / (100 if per_cent else 1)
        return f", the nearest possible is {round(value) if whole else f'{value:g}'}"
    except (ValueError, OverflowError):
        return "" if default is None else f", the usual is {default}"
