"""The small store of the web's tests."""

from tests.web.conftest import _cheap_pins as _cheap_pins
from tests.web.conftest import empty_database as empty_database
