"""OAuth 1.0a and OAuth 2.0 as flows that do no I/O, each beside the record type that it reads."""
