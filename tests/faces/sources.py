"""Where the faces' files are."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
CSS = ROOT / "server/web/static/css"
ROOMS = {"web": ROOT / "server/web", "kiosk": ROOT / "kiosk", "phone": ROOT / "server/phone"}
SPRITE = ROOT / "server/web/static/icons.svg"


def scripts() -> list[Path]:
    """Every module of the shopper's faces and of the shared part."""
    return sorted(path for room in ROOMS.values() for path in (room / "static/js").glob("*.js"))


def templates() -> list[Path]:
    """Every template of these rooms."""
    return sorted(path for room in ROOMS.values() for path in (room / "templates").rglob("*.html"))
