"""Part abi: programs of earlier releases."""

import re

from ..compilers import CC
from ..packages import need
from ..part import Failure
from ..places import BUILD, ROOT, WORK
from ..sources import sources


def abi(part):
    """programs that were built with an earlier release work with the library: symbols, types, layouts"""
    need(part, "abidiff")
    part.run("make", f"CC={CC}", "abi-library")

    def compare(record):
        return part.attempt("abidiff", "--no-added-syms", "--fail-no-debug-info", "--suppressions",
                            ROOT / "capi/abi/growing.suppr", record, BUILD / "abi/libqnet.so")

    for record in sources("capi/abi", "*.abi"):
        with part.test(record.stem):
            status, output = compare(record)
            if status != 0:
                raise Failure(f"abidiff ended with status {status}: {' '.join(output.split())[:300]}")
        text = record.read_text(encoding="utf-8")
        for what, pattern, changed in (("a function that is gone", r"qnet_socket_write'", "qnet_socket_wrote'"),
                                       ("another parameter", r"(decl name='qnet_socket_write'[^§]*?)<parameter [^>]*name='size'/>", r"\1"),
                                       ("a struct of another size", r"(decl name='qnet_datagram' size-in-bits=)'\d+'", r"\1'64'")):
            with part.test(f"{record.stem}: {what} is noticed"):
                other = WORK / "other.abi"
                other.write_text(re.sub(pattern, changed, text), encoding="utf-8")
                if compare(other)[0] == 0:
                    raise Failure("it is not")
