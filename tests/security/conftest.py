"""The small store of the web's tests."""

from tests.web.conftest import _cheap_pins, another, clock, config, empty_database, settings, shared, shared_app  # noqa: F401
