"""How a stream of bytes is cut into messages: four bytes with the length, the highest first, then JSON in UTF-8."""

import json

STRANGER = 1_000  # bytes in a frame from somebody who has not shown the token
PEER = 32_000_000  # and from another node, or from the process that started this one
HEADER = 4
text_of = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode  # json.dumps would make one each time


class BadFrame(ValueError):
    """The other side does not speak this language; nothing that it sends later can be trusted."""


def frame(data):
    """The bytes of one frame."""
    body = text_of(data).encode()
    if len(body) > PEER:
        raise BadFrame(f"a frame of {len(body):,} bytes is too long; the limit is {PEER:,}")
    return len(body).to_bytes(HEADER, "big") + body


class Frames:
    """Collects bytes as they come and gives the values of the frames that are complete.

    `limit` is the longest frame that it takes, in bytes; it may be raised between two frames.
    """

    def __init__(self, limit):
        self.limit, self._buffer = limit, bytearray()

    def feed(self, data):
        """Yield the value of each frame that `data` completes; BadFrame where it is too long, or no JSON."""
        buffer, start = self._buffer, 0
        buffer += data
        try:
            while len(buffer) - start >= HEADER:
                length = int.from_bytes(buffer[start : start + HEADER], "big")
                if length > self.limit:
                    raise BadFrame(f"a frame of {length:,} bytes; the limit is {self.limit:,}")
                end = start + HEADER + length
                if len(buffer) < end:
                    break
                body, start = bytes(buffer[start + HEADER : end]), end
                yield _parsed(body)
        finally:
            del buffer[:start]


def _parsed(body):
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:  # of which bytes that are no UTF-8 are a kind
        raise BadFrame(f"a frame that is no JSON ({error})") from None
