"""``python -m kiosk.printer DEVICE --origin ADDRESS``: the agent of a kiosk's slip printer."""

import logging
from typing import Annotated

import typer

from kiosk.printer.agent import PORT, Agent
from kiosk.printer.device import Printer


def main(
    device: Annotated[str, typer.Argument(help="tcp://HOST:9100, or the path of a device such as /dev/usb/lp0.")],
    origin: Annotated[str, typer.Option(help="The address the kiosk's page comes from, e.g. https://queue.example.org.")],
    port: Annotated[int, typer.Option(help="The port on this machine; pages look for the default one.")] = PORT,
) -> None:
    """Print slips for the kiosk that runs on this machine, until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        agent = Agent(Printer(device), origin, port)
    except ValueError as trouble:
        raise typer.BadParameter(str(trouble)) from None
    with agent:
        agent.serve_forever()


if __name__ == "__main__":
    typer.run(main)
