"""The real logs that some tests read: not published with the project, they lie in the folder that AVOUS_LOGS names."""

import os
from pathlib import Path

import pytest


def real_log(name: str) -> Path:
    """The file of the log ``name`` ("bank", "clinic"). Skips the test, and says why, where there is none."""
    folder = os.environ.get("AVOUS_LOGS")
    file = next(iter(sorted(Path(folder).glob(f"{name}_*.csv"))), None) if folder else None
    if file is None:
        pytest.skip(f"the {name} log is not published with the project: set AVOUS_LOGS to the folder that has it")
    return file
