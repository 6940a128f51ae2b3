"""The small store of the web's tests."""

from tests.web.conftest import _cheap_pins as _cheap_pins
from tests.web.conftest import another as another
from tests.web.conftest import clock as clock
from tests.web.conftest import config as config
from tests.web.conftest import empty_database as empty_database
from tests.web.conftest import settings as settings
from tests.web.conftest import shared as shared
from tests.web.conftest import shared_app as shared_app
