"""Addresses that users name: public ones alone, whatever a name leads to."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

GLOBAL_UNICAST = IPv6Network("2000::/3")  # the rest of IPv6 is local, or leads to IPv4 by detours

# What else is nobody's server: the registries of RFC 6890, of which Python knows a part that
# differs by version, and what clouds use for themselves.
RESERVED_IPV4 = [
    IPv4Network(network)
    for network in (
        "161.26.0.0/16",  # IBM Cloud's own services
        "166.8.0.0/14",  # the same
        "168.63.129.16/32",  # Azure's host of each machine
        "192.0.0.0/24",  # IETF protocols; 192.0.0.192 is Oracle Cloud's metadata service
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
    )
]
RESERVED_IPV6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocols: Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: leads to IPv4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
]


class NotPublicError(Exception):
    """The address is not one of the public internet."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is somebody else's: no network of ours, no metadata service."""
    if isinstance(address, IPv6Address):
        reserved = any(address in network for network in RESERVED_IPV6)
        return address in GLOBAL_UNICAST and address.is_global and not reserved
    reserved = any(address in network for network in RESERVED_IPV4)
    return address.is_global and not address.is_multicast and not reserved


async def look_up(host: str) -> list[IPv4Address | IPv6Address]:
    """Where the name leads: connect to these, for a second look may find others.

    Raises:
        NotPublicError: one of them is not public.
        OSError: it leads nowhere.
        UnicodeError: it is no name.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    addresses = [ip_address(place[0]) for *_, place in found]
    if not all(map(is_public, addresses)):
        raise NotPublicError
    return addresses
