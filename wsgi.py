"""What gunicorn serves: gevent's patches before anything else, then the app."""

from gevent import monkey

monkey.patch_all()

import os
import signal
import time

from gunicorn.errors import AppImportError

from app import create_app
from gswarm.errors import SettingsError
from gswarm.settings import load_settings

FIRST = "1"
END_SECONDS = 5.0

try:
    app = create_app(load_settings())
except SettingsError as error:
    # gunicorn's master trips over a second worker that gives up while it ends them all
    # because of the first: the others wait to be ended, or have been told to already.
    if os.environ.get("GSWARM_WORKER", FIRST) != FIRST:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        time.sleep(END_SECONDS)
    raise AppImportError(str(error)) from None
