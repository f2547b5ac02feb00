"""What gunicorn serves: gevent's patches before anything else, then the app."""

from gevent import monkey

monkey.patch_all()

from gunicorn.errors import AppImportError

from app import create_app
from gswarm.errors import SettingsError
from gswarm.settings import load_settings

try:
    app = create_app(load_settings())
except SettingsError as error:
    raise AppImportError(str(error)) from None
