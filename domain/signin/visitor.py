"""Visitors: whoever asks and is nobody yet. Of their address its beginning is kept in memory, and nothing on disk."""

from ipaddress import ip_address, ip_network

from domain.values import Value

_IPV4, _IPV6 = 24, 48
"""Bits of an address that make a place: whoever moves within a provider's block stays in one."""

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


class Visitor(Value):
    """Where somebody asks from, as coarsely as suffices to slow down who guesses and to tell sessions apart."""

    place: str
    """The beginning of an address: 192.0.2.0/24, 2001:db8::/48. Never stored but as a keyed digest."""
    device: str = ""
    """The device in a few coarse words: "Firefox, Windows". Empty if it did not say."""


def visitor_of(address: str, user_agent: str = "") -> Visitor:
    """The visitor behind an address and what their browser calls itself. What is no address is a place of its own."""
    return Visitor(place=_place(address), device=_device(user_agent))


def _place(address: str) -> str:
    try:
        whole = ip_address(address.strip().partition("%")[0])
    except ValueError:
        return "elsewhere"
    whole = getattr(whole, "ipv4_mapped", None) or whole
    return str(ip_network((whole, _IPV4 if whole.version == 4 else _IPV6), strict=False))


def _device(user_agent: str) -> str:
    found = (next((name for mark, name in table if mark in user_agent), None) for table in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)
