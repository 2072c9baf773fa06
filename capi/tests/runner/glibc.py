"""How old a GNU C library a library can do with."""

import re


def needed_glibc(library):
    """Returns which GNU C library a library needs: x of 2.x."""
    return max(map(int, re.findall(rb"(?<=\0)GLIBC_2\.(\d+)(?=\0)", library.read_bytes())))
