"""The portable library on an older GNU C library than this system's."""

from .c_programs import CHECK_ARGUMENTS
from .debian_root import debian_root
from .emulation import ITSELF, NOT_EMULATED
from .part import Failure
from .places import BUILD, ROOT, WORK
from .sources import sources

# The oldest release that Debian's mirrors still have.
OLDEST, ITS_LIBC = "bullseye", "2.31"
LOADERS = {"x86_64": ("amd64", "ld-linux-x86-64.so.2"), "aarch64": ("arm64", "ld-linux-aarch64.so.1")}
# The tests of what the library has of the C library: threads, signals, memory, look-ups, interfaces, its start and end.
TESTS = "api", "api_local", "api_network_interface", "api_server", "api_signal", "api_socket", "api_ssl_socket", "stress"


def old_libc_tests(part, machine):
    """Compiles tests in C for the C library of Debian's oldest release, and runs them with it."""
    name, (debian, loader) = f"{machine} with glibc {ITS_LIBC}", LOADERS[machine]
    try:
        root = debian_root(part, debian, ["libc6"], OLDEST)
    except Failure as why:
        part.skip(name, f"its C library cannot be had: {why}")
        return
    folder, programs, libraries = BUILD / "portable" / machine, WORK / "portable" / f"{machine}-old", next(root.glob("lib/*-linux-gnu"))
    programs.mkdir(parents=True, exist_ok=True)
    compiler = [BUILD / "portable/tools/bin/python", "-m", "ziglang", "cc", "-target", f"{machine}-linux-gnu.{ITS_LIBC}"]
    chosen = [source for source in sources("capi/tests", "*.c") if source.stem in TESTS]
    good = part.compile(*(["env", f"ZIG_GLOBAL_CACHE_DIR={BUILD}/portable/cache", *compiler, "-std=gnu11", "-O1", "-pthread", f"-I{ROOT}/include",
                           source, "-o", programs / source.stem, f"-L{folder}", "-lqnet"] for source in chosen))
    for source, compiled in zip(chosen, good):
        if not compiled:
            part.fail(f"{name}: {source.name}", "does not compile")
            continue
        # The loader, which is what runs, is not the program, as an emulator is not.
        limits = [case for case, why in NOT_EMULATED.get(source.stem, {}).items() if why == ITSELF]
        for case in limits:
            part.skip(f"{name}: {source.stem} {case}", "the C library's loader is what /proc/self/exe names")
        part.program(f"{name}: {source.stem}", libraries / loader, "--library-path", f"{folder}:{libraries}", programs / source.stem,
                     *CHECK_ARGUMENTS.get(source.stem, []), *(f"-{case}" for case in limits))
