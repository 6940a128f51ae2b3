"""A progress bar for anything that takes over two seconds: on stderr, and only when somebody is looking."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

PATIENCE_S = 2.0


@contextmanager
def bar(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A function to tell how many of ``total`` (None: nobody knows) are done; the bar appears after two seconds."""
    if not sys.stderr.isatty():
        yield lambda finished: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), transient=True)
    task, started_at = progress.add_task(title, total=total), monotonic()

    def done(finished: int) -> None:
        if not progress.live.is_started and monotonic() - started_at > PATIENCE_S:
            progress.start()
        progress.update(task, completed=finished)

    try:
        yield done
    finally:
        if progress.live.is_started:
            progress.stop()


@contextmanager
def stdout_kept() -> Iterator[None]:
    """Whatever compiled code prints goes to stderr meanwhile: HiGHS now and then says a word that would spoil a report on stdout."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
