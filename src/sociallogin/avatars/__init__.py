"""Pictures of people, fetched from their providers and served from this site.

A page that shows a comment makes no browser call a provider: the site fetches a picture once,
draws it anew, and keeps it. `avatars` says what to do in which order, `sources` where a picture
may come from, `fetching` and `drawing` make one of ours from it, `keeping` remembers it.
"""

from .avatars import Avatars

__all__ = ["Avatars"]
