"""Functions of a few lines, files of a page or three. What grows past the limit has a natural cut: look for it."""

from tests.tidy.sources import functions, in_rooms, python_files, text

FUNCTION_LINES_MAX = 50
FILE_LINES_MAX = 350

# path -> why it may be longer. A table that is one thing, never code that has not been cut yet.
LONGER_FILES: dict[str, str] = {}
A_LIST_OF_STEPS = ("migrations", "versions")  # a migration is written once, read top to bottom, and never changed


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path}:{line} {name} has {count} lines"
        for path in python_files("server", "kiosk", "staff_app", "simulation", "tests", "docs")
        for name, line, count in functions(path)
        if count > FUNCTION_LINES_MAX and path.parts[-3:-1] != A_LIST_OF_STEPS
    ]
    assert not long, "\n".join(long)


def test_no_file_is_longer_than_a_few_pages() -> None:
    long = [
        f"{path} has {count} lines"
        for path in in_rooms(".py", ".js", ".css", ".html")
        if (count := text(path).count("\n")) > FILE_LINES_MAX and str(path) not in LONGER_FILES
    ]
    assert not long, "\n".join(long)


def test_every_exception_is_still_needed() -> None:
    for name in LONGER_FILES:
        path = next((p for p in in_rooms(".py", ".js", ".css", ".html") if str(p) == name), None)
        assert path is not None, f"{name} is gone: drop its exception"
        assert text(path).count("\n") > FILE_LINES_MAX, f"{name} is short again: drop its exception"
