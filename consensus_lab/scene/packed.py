"""What a page needs only later, compressed: runs that are alike become small together. `packed.js` unpacks it."""

import json
import zlib
from base64 import b64decode, b64encode


def pack(data):
    """Plain JSON data as text."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text):
    """What `pack` packed."""
    return json.loads(zlib.decompress(b64decode(text)))
