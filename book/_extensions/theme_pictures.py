"""Pictures that the page holds itself are read when they come near to what is seen.

A browser reads such a picture where it meets it, and has the reader wait meanwhile. So that the page keeps its shape,
each picture says how large it is.
"""

import base64
import re

PICTURE = re.compile(r'<img ([^<>]*)src="data:image/svg\+xml;base64,([\w+/=\s]+)"')
PIXELS = {"": 1, "px": 1, "pt": 96 / 72}


def wait_for_reader(body):
    """The text of a page in which pictures wait."""
    return PICTURE.sub(_waiting, body)


def _waiting(picture):
    attributes, data = picture.groups()
    if "loading=" in attributes:
        return picture[0]
    size = "".join(f'{name}="{pixels}" ' for name, pixels in _size(base64.b64decode(data).decode()).items())
    rest = picture[0].removeprefix("<img ")
    return f'<img loading="lazy" {size if "width=" not in attributes else ""}{rest}'


def _size(svg):
    """Width and height of a drawing in pixels, where it says them."""
    root = re.search(r"<svg\b[^>]*>", svg)[0]
    units = "|".join(unit for unit in PIXELS if unit)
    found = {name: re.search(rf'\s{name}="([\d.]+)({units})?"', root) for name in ("width", "height")}
    if not all(found.values()):
        return {}
    return {name: round(float(size[1]) * PIXELS[size[2] or ""]) for name, size in found.items()}
