"""The endpoints and the comment box, for no framework in particular."""
