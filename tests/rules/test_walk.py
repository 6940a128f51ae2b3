"""A million random commands with the invariants on, in four walks so that two cores share them."""

import pytest

from server.rules import commands
from tests.rules import walk

COMMANDS = 1_000_000
WALKS = 4
EVERY_COMMAND = {name for name, kind in vars(commands).items() if isinstance(kind, type) and kind.__module__.endswith("commands")}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(WALKS))
def test_a_million_random_commands_break_no_invariant(seed: int, part: int) -> None:
    seen = walk.walk(COMMANDS // WALKS, seed)
    assert set(seen) >= EVERY_COMMAND, "some command was never tried"
    sent = sum(count for name, count in seen.items() if not name.startswith("refused"))
    refused = sum(count for name, count in seen.items() if name.startswith("refused"))
    assert refused < 0.8 * sent, "hardly anything happened in these walks"
