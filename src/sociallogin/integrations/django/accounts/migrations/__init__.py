"""The tables of the bridge to Django's users."""
