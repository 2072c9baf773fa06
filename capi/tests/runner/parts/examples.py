"""Part examples: the programs that show how qnet is used."""

import sys

from ..bench import bench
from ..compilers import CC, CXX, WARNINGS
from ..environments import need_library
from ..guide.certificates import guide_certificates
from ..guide.howto import guide_howto
from ..guide.proxies import guide_proxies
from ..guide.sctp import guide_sctp
from ..guide.tls import guide_tls
from ..packages import install, need, qt_flags
from ..part import PROCESSORS, Failure
from ..places import BUILD, ROOT
from ..readme import readme_example
from ..sources import sources


def build_on_qt(part, folder):
    """Builds the C++ examples on Qt, from the same sources."""
    folder.mkdir(parents=True, exist_ok=True)
    flags = qt_flags(part)
    if not all(part.compile(*([CXX, "-std=c++17", *WARNINGS, "-Wpedantic", f"-I{ROOT}/examples/cpp/qt", source,
                               "-o", folder / source.stem, *flags] for source in sources("examples/cpp", "*.cpp")))):
        raise Failure("see the log")


def examples(part):
    """the examples without a warning, the demo in short, C++ on Qt and on qnet, the README's and the guide's, the
    benchmark's programs"""
    need_library(part)
    need(part, "c++", "curl", "socat", "nc", "pkg-config", "openssl")
    if part.attempt("pkg-config", "--exists", "openssl")[0] != 0:
        install(part, ["libssl-dev"])
    programs = BUILD / "strict"
    with part.test("the examples compile without warnings"):
        part.run("make", f"-j{PROCESSORS}", f"CC={CC}", f"CXX={CXX}", f"BIN={programs.relative_to(ROOT)}",
                 "WARNINGS=-Wall -Wextra -Wpedantic -Werror", "examples")
    with part.test("the C++ examples compile on Qt"):
        build_on_qt(part, programs / "qt")
    part.program("pairs", sys.executable, ROOT / "examples/cpp/pairs.py", "--qt", programs / "qt", "--qnet", programs / "cpp")
    part.program("demo", sys.executable, ROOT / "examples/demo.py", "--bin", programs, "--mib", 16, "--all")
    with part.test("README"):
        readme_example(part, "README.md", "c", CC, "-std=c99")
    with part.test("README of C++"):
        readme_example(part, "bindings/cpp/README.md", "cpp", CXX, "-std=c++17", f"-I{ROOT}/bindings/cpp")
    guide_proxies(part)
    guide_howto(part)
    guide_sctp(part)
    guide_certificates(part)
    guide_tls(part)
    bench(part, programs)
