"""Part python: the tests of the Python package."""

from ..environments import need_installed, need_python
from ..mode import CASE, TEST
from ..places import ROOT, WORK
from ..pytest_report import count_pytest
from ..sources import sources


NO_TESTS = 5  # pytest's status if no test is of that name

# What is run once more without the extension module: what does the same through ctypes.
PURE = "test_extension", "test_costs", "test_signal", "test_socket"


def python(part):
    """the Python package's tests, on the installed wheel, and some of them without its extension module"""
    interpreter = need_installed(part)
    sources("bindings/python/tests", "test_*.py")
    run_tests(part, interpreter, [TEST] if TEST else [])
    if pure := [name for name in PURE if not TEST or name == TEST]:
        run_tests(part, interpreter, pure, "pure ", QNET_PURE="1")


def run_tests(part, interpreter, files, where="", **environment):
    """Runs pytest, on all files if none are named."""
    folder = ROOT / "bindings/python/tests"
    report = WORK / "pytest.xml"
    report.unlink(missing_ok=True)
    status, _ = part.attempt(interpreter, "-m", "pytest", "-p", "no:cacheprovider", "-rs", f"--junitxml={report}",
                             *(["-k", CASE] if CASE else []), *([folder / f"{name}.py" for name in files] or [folder]),
                             cwd=WORK, env={"QNET_TEST_QT": str(need_python(part)), **environment})
    if where and CASE and status == NO_TESTS:
        return
    count_pytest(part, report, status, where)
