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
    from rich.console import Console  # heavy
    from rich.table import Table

    pages = facts["pages"]
    rows = [
        ("What is here", pages["home"], ""), ("Kiosk", pages["kiosk"], "take a ticket at the touch screen"),
        ("Join by phone", pages["join"], "take a ticket as a shopper, then follow it"), ("Board", pages["board"], "the screen on the wall"),
        ("Staff app", pages["staff"], _sign_in(facts["people"])), ("Manager", pages["manager"], _sign_in(facts["managers"])),
    ]  # fmt: skip
    table = Table(
        title=f"À Vous · {facts['store']} · ×{facts['speed']:g}", title_justify="left", show_header=False, box=None, pad_edge=False
    )
    for _ in range(3):
        table.add_column(no_wrap=True)
    for face, address, hint in rows:
        table.add_row(f"[bold]{face}[/bold]", address, f"[dim]{hint}[/dim]")
    console = Console(soft_wrap=True, highlight=False)
    console.print(table)
    _print_qr(facts)
    console.print(f"[dim]Logs are in {facts['logs']}. Ctrl-C ends it.[/dim]")
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
