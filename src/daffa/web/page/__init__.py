"""The page to ask at, in four languages: routes, templates and what they are made with. Knows the house by its faces.

``CONTROLLERS`` are its routes; ``Desk`` is where answers go on that a browser left, ``Turnstile`` where visitors pass.
"""

from .assets import AssetsController
from .desk import Desk
from .files import FilesController
from .routes import PageController
from .sign_in import SignInController
from .sources import SourcesController
from .turnstile import Turnstile

__all__ = ["CONTROLLERS", "Desk", "Turnstile"]

CONTROLLERS = [PageController, FilesController, SourcesController, SignInController, AssetsController]
