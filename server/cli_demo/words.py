"""What the demonstration prints: where everything is, and who one can be."""

import json
import sys
from typing import Any

import typer


def print_json(facts: dict[str, Any]) -> None:
    """The facts as one line of JSON."""
    typer.echo(json.dumps(facts, ensure_ascii=False))
    sys.stdout.flush()


def print_table(facts: dict[str, Any]) -> None:
    """The addresses, one face a line, with who can sign in."""
    from rich.console import Console  # heavy: not for --help
    from rich.text import Text

    pages = facts["pages"]
    rows = [
        ("What is here", pages["home"], ""), ("Kiosk", pages["kiosk"], "take a ticket at the touch screen"),
        ("Join by phone", pages["join"], "take a ticket as a shopper, then follow it"), ("Board", pages["board"], "the screen on the wall"),
        ("Staff app", pages["staff"], _sign_in(facts["people"])), ("Manager", pages["manager"], _sign_in(facts["managers"])),
    ]  # fmt: skip
    widest = max(len(address) for _, address, _ in rows)
    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(f"À Vous · {facts['store']} · ×{facts['speed']:g}", style="bold"))
    for face, address, hint in rows:
        console.print(Text.assemble("  ", (face.ljust(15), "bold"), address.ljust(widest + 2), (hint, "dim")))
    _print_qr(facts)
    console.print(Text(f"Logs are in {facts['logs']}. Ctrl-C ends it.", style="dim"))
    sys.stdout.flush()


def _sign_in(people: list[dict[str, str]]) -> str:
    return "sign in as " + " or ".join(f"{person['name']} ({person['pin']})" for person in people) if people else ""


def _print_qr(facts: dict[str, Any]) -> None:
    """A code to scan, where a phone could reach it; on loopback it would only mislead."""
    import segno  # heavy

    if facts["phones_can_join"] and sys.stdout.isatty():
        segno.make(facts["pages"]["join"], error="l").terminal(compact=True, border=2)
    elif not facts["phones_can_join"]:
        typer.echo("With --host 0.0.0.0 real phones on the same Wi-Fi can join, and a QR code to scan is printed here.")
