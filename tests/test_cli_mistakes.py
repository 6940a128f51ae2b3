"""What somebody mistypes is answered in one sentence: what was expected, what it is, the nearest possible."""

import pytest
import typer

from server.cli import app
from server.cli_mistakes import sentence


@pytest.mark.parametrize(
    "words, expected",
    [
        (["simulate"], "avous simulate: missing argument 'scenario'; avous simulate --help says what there is"),
        (["dance"], "avous: no such command 'dance'; avous --help says what there is"),
        (["scenario", "dance"], "avous scenario: no such command 'dance'; avous scenario --help says what there is"),
        (
            ["simulate", "a.toml", "--fast"],
            "avous simulate: no such option: --fast (Possible options: --chart); avous simulate --help says what there is",
        ),
        (["simulate", "a.toml", "b.toml"], "avous simulate: got unexpected extra argument(s) (b.toml); avous simulate --help says what"),
        (["sweep"], "avous sweep: missing argument 'verb'. Choose from: simulate, whatif, staff; avous sweep --help says what there is"),
        (["simulate", "a.toml", "--seed", "x"], 'avous: --seed must be a whole number; it is "x"'),
        (["simulate", "a.toml", "--replications", "1e3"], 'must be a whole number; it is "1e3", the nearest possible is 1000'),
        (["simulate", "a.toml", "--replications", "inf"], 'must be a whole number; it is "inf", the usual is 30'),
        (
            ["simulate", "a.toml", "--engine", "kernal"],
            'must be one of auto, rules, kernel; it is "kernal", the nearest possible is kernel',
        ),
        (["staff", "a.toml", "--target-unanswered", "5%"], 'must be a number; it is "5%", the nearest possible is 0.05'),
        (["staff", "a.toml", "--target-unanswered", "0,05"], 'must be a number; it is "0,05", the nearest possible is 0.05'),
        (["whatif", "a.toml", "--hourly-cost", "ten"], 'avous: --hourly-cost must be a number; it is "ten", the usual is 25.0'),
        (["forecast", "--ahead", "0"], "avous: --ahead must be at least 1; it is 0, the nearest possible is 1"),
        (["forecast", "--ahead", "61"], "avous: --ahead must be at most 60; it is 61, the nearest possible is 60"),
        (["whatif", "a.toml", "--train", "lea"], "avous: option '--train' requires 2 arguments; avous --help says what there is"),
    ],
)
def test_one_sentence(words: list[str], expected: str) -> None:
    with pytest.raises(typer.TyperException) as caught:
        app(words, prog_name="avous", standalone_mode=False)
    said = sentence(caught.value)
    assert expected in said
    assert "\n" not in said


def test_nothing_asked_for_gets_the_help() -> None:
    with pytest.raises(typer.TyperException) as caught:
        app(["scenario"], prog_name="avous", standalone_mode=False)
    assert sentence(caught.value).startswith("Usage: avous scenario")
    assert "from-facts" in sentence(caught.value)
