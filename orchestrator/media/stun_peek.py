"""The little of a STUN message that is read before anything is known of its sender (RFC 8489 section 5)."""

from typing import Final

BINDING_REQUEST: Final = 0x0001
BINDING_RESPONSES: Final = frozenset((0x0101, 0x0111))
"""Success and error."""

_HEADER_SIZE: Final = 20
_COOKIE: Final = b"\x21\x12\xa4\x42"
_USERNAME: Final = 0x0006
_LONGEST_USERNAME: Final = 513
"""RFC 8445 section 7.2.2: two fragments of at most 256 characters and a colon."""


def username_fragment(data: bytes) -> str | None:
    """Return the part of a request's username that names the receiver; None if there is none.

    The username is the receiver's fragment, a colon, the sender's fragment (RFC 8445 section 7.2.2).
    """
    size = len(data)
    if size < _HEADER_SIZE or data[4:8] != _COOKIE or size != _HEADER_SIZE + int.from_bytes(data[2:4], "big"):
        return None
    at = _HEADER_SIZE
    while at + 4 <= size:
        kind = int.from_bytes(data[at : at + 2], "big")
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if kind == _USERNAME:
            return _first_part(data[at + 4 : at + 4 + length], length)
        at += 4 + length + -length % 4
    return None


def _first_part(username: bytes, length: int) -> str | None:
    fragment, colon, _ = username.partition(b":")
    if len(username) != length or length > _LONGEST_USERNAME or not colon or not fragment.isascii():
        return None
    return fragment.decode("ascii")
