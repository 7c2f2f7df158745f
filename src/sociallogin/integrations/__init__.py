"""Thin skins that carry the endpoints into web frameworks."""
