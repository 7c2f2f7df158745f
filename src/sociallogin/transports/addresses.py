"""Which addresses belong to the public internet."""

import errno
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

#: What the refusal of another address is made of: an `OSError`'s number and text.
NOT_PUBLIC = (errno.EACCES, "its address is none of the public internet")

#: IPv6 addresses that a translator turns into the IPv4 address in their last bits (RFC 6052).
_TRANSLATED = ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether `address`, as a socket has it, can be reached by everybody.

    Not so: loopback, link-local, private and shared ones, multicast, reserved and documentation
    ranges, nor an IPv6 address that stands for such an IPv4 address.
    """
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        embedded = _embedded(ip)
        if embedded is not None:
            return is_public(str(embedded))
        if ip.is_site_local:  # fec0::/10, which Python takes for public
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to `ip` end at."""
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
