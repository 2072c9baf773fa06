"""The tests in C, C++ and Python on the portable library of another processor, which is emulated."""

import concurrent.futures
import shutil
import sys

from .c_programs import CHECK_ARGUMENTS
from .debian_root import debian_root
from .emulation import NOT_EMULATED, NOT_EMULATED_CPP, NOT_EMULATED_PYTHON, RUN_THEMSELVES
from .environments import REQUIREMENTS
from .mode import TEST
from .packages import DOCTEST, need, need_doctest
from .part import PROCESSORS, Failure
from .places import BUILD, ROOT, WORK
from .pytest_report import count_pytest
from .sources import sources

DEBIAN = {"aarch64": "arm64", "x86_64": "amd64"}
# The tests in C++ of what calls the system; to compile all of them would take minutes.
CPP_TESTS = "main", "test_local", "test_server", "test_signal", "test_socket", "test_timer", "test_udp"
# The tests in Python of the classes and of what ctypes does; the others are about Python, or Qt.
PYTHON_TESTS = "address", "asyncio", "local", "loop", "server", "signal", "socket", "ssl_socket", "thread", "timer", "udp"


def emulated_tests(part, machine):
    """Compiles and runs the tests, as many at once as there are processors."""
    try:
        need(part, f"qemu-{machine}", f"{machine}-linux-gnu-gcc", f"{machine}-linux-gnu-g++")
        need_doctest(part)
    except Failure as why:
        part.skip(f"{machine}: the tests in C, C++ and Python", f"neither an emulator nor compilers for it can be installed here: {why}")
        return
    room = WORK / "portable" / machine
    room.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(PROCESSORS) as pool:
        # The longest begin first.
        tasks = [pool.submit(python_tests, part, machine, room), pool.submit(cpp_tests, part, machine, room)] if not TEST else []
        tasks += [pool.submit(c_test, part, machine, room, source) for source in sources("capi/tests", "*.c", TEST)
                  if source.stem not in RUN_THEMSELVES]
        for task in tasks:
            task.result()


def run_emulated(part, machine, name, program, *arguments, limits=()):
    """Runs a program, but for what cannot be emulated, which is told apart by its name."""
    for case, why in dict(limits).items():
        part.skip(f"{machine}: {name} {case}", why)
    part.program(f"{machine}: {name}", f"qemu-{machine}", "-L", f"/usr/{machine}-linux-gnu", program, *arguments,
                 env={"LD_LIBRARY_PATH": str(BUILD / "portable" / machine)})


def c_test(part, machine, room, source):
    """Compiles and runs a test in C."""
    if part.attempt(f"{machine}-linux-gnu-gcc", "-std=gnu11", "-g", "-O1", "-pthread", f"-I{ROOT}/include", source, "-o", room / source.stem,
                    f"-L{BUILD}/portable/{machine}", "-lqnet")[0] != 0:
        part.fail(f"{machine}: {source.name}", "does not compile")
        return
    limits = NOT_EMULATED.get(source.stem, {})
    run_emulated(part, machine, source.stem, room / source.stem, *CHECK_ARGUMENTS.get(source.stem, []), *(f"-{case}" for case in limits), limits=limits)


def cpp_tests(part, machine, room):
    """Compiles and runs the tests in C++."""
    headers, compiler = room / "headers", f"{machine}-linux-gnu-g++"
    headers.mkdir(exist_ok=True)
    if not (headers / "doctest").exists():
        (headers / "doctest").symlink_to(DOCTEST.parent)  # the cross compiler looks for nothing there
    objects = []
    for source in sources("bindings/cpp/tests", "*.cpp"):
        if source.stem not in CPP_TESTS:
            continue
        objects.append(room / f"{source.stem}.o")
        if part.attempt(compiler, "-std=c++17", "-O0", "-pthread", f"-I{headers}", f"-I{ROOT}/bindings/cpp", f"-I{ROOT}/include", "-c", source,
                        "-o", objects[-1])[0] != 0:
            part.fail(f"{machine}: {source.name}", "does not compile")
            return
    program = room / "cpp"
    if part.attempt(compiler, *objects, "-o", program, "-pthread", f"-L{BUILD}/portable/{machine}", "-lqnet")[0] != 0:
        part.fail(f"{machine}: the tests in C++", "cannot be linked")
        return
    run_emulated(part, machine, "C++", program, f"--test-case-exclude={','.join(NOT_EMULATED_CPP)}", limits=NOT_EMULATED_CPP)


def python_tests(part, machine, room):
    """Runs tests of the Python package, installed from the wheel for the processor, with Debian's Python for it."""
    try:
        root = debian_root(part, DEBIAN[machine], ["python3"])
    except Failure as why:
        part.skip(f"{machine}: the tests in Python", f"its Python cannot be had: {why}")
        return
    python = (root / "usr/bin/python3").resolve()
    site = room / "site"
    shutil.rmtree(site, ignore_errors=True)
    (wheel,) = (BUILD / "portable/wheels" / machine).glob("*.whl")
    version = python.name.removeprefix("python")
    platforms = [f"--platform=manylinux_2_{libc}_{machine}" for libc in (17, 28)]
    with part.test(f"{machine}: the wheel is installed"):
        for what in ["--require-hashes", "-r", REQUIREMENTS / "test.txt"], [wheel]:
            part.run(sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--root-user-action=ignore", "--no-deps",
                     "--only-binary=:all:", f"--python-version={version}", *platforms, f"--platform=manylinux2014_{machine}", "--target", site, *what)
    report = room / "pytest.xml"
    report.unlink(missing_ok=True)
    left_out = " or ".join(NOT_EMULATED_PYTHON)
    status, _ = part.attempt(f"qemu-{machine}", "-L", root, python, "-m", "pytest", "-p", "no:cacheprovider", "-rs", f"--junitxml={report}",
                             *(["-k", f"not ({left_out})"] if left_out else []),
                             *(ROOT / f"bindings/python/tests/test_{name}.py" for name in PYTHON_TESTS),
                             cwd=room, env={"PYTHONPATH": str(site)}, own_network=True)
    for test, why in NOT_EMULATED_PYTHON.items():
        part.skip(f"{machine}: {test}", why)
    count_pytest(part, report, status, f"{machine}: ")
