"""A blog post with the comment box under it: what `sociallogin demo` runs.

`create_app` is a factory for any WSGI server, with as many workers as one likes:

    SOCIALLOGIN_CONFIG=sociallogin.toml gunicorn -w 4 'sociallogin.demo:create_app()'
"""

from .app import create_app

__all__ = ["create_app"]
