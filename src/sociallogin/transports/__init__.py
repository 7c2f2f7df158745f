"""What performs a flow's HTTP. A transport is one function, `sociallogin.flows.Send`.

Importing this package loads no HTTP library; the first use of a transport does.
"""
