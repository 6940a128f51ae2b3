"""The shelf of tickets that ended, beside a plain dict that does the same."""

import random

from server.rules.state import LAYER_MAX, Phase, Shelf, Ticket

COUNT = 40 * LAYER_MAX  # enough for several layers, merged several times


def ticket(serial: int, stars: int | None = None) -> Ticket:
    return Ticket(
        id=f"t{serial}", number=f"C-{serial:03d}", serial=serial, steps=("advice",), step=0, tier=2, joined_at=0.0, ranked_at=0.0,
        queued_at=0.0, phase=Phase.ENDED, since=0.0, language="fr", card=False, standing=None, appointment_at=None, companions=0,
        promise_s=None, stars=stars,
    )  # fmt: skip


def test_it_holds_what_a_dict_holds_in_the_order_they_ended() -> None:
    rng, shelf, plain = random.Random(7), Shelf(), dict[str, Ticket]()
    for serial in range(COUNT):
        done = ticket(serial)
        if plain and rng.random() < 0.2:  # a rating, or a finish taken back
            done = rng.choice(list(plain.values()))
            if rng.random() < 0.3:
                shelf = shelf.drop(done)
                del plain[done.id]
                continue
            done = done._replace(stars=rng.randint(1, 5))
        before, shelf = shelf, shelf.put(done)
        assert (before.get(done.id) is None) == (done.id not in plain)  # the one before is as it was
        plain[done.id] = done
    assert list(shelf) == list(plain.values())
    assert all(shelf.get(f"t{serial}") == plain.get(f"t{serial}") for serial in range(COUNT + 1))
    assert len(shelf) == len(plain)


def test_a_day_however_long_has_a_handful_of_layers() -> None:
    shelf = Shelf()
    for serial in range(COUNT):
        shelf = shelf.put(ticket(serial))
    assert len(shelf._layers) <= 7
