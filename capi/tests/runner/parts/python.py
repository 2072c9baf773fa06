"""Part python: the tests of the Python package."""

from ..environments import need_installed, need_python
from ..mode import CASE, TEST
from ..places import ROOT, WORK
from ..pytest_report import count_pytest
from ..sources import sources


def python(part):
    """the Python package's tests, on the installed wheel"""
    interpreter = need_installed(part)
    sources("bindings/python/tests", "test_*.py")
    report = WORK / "pytest.xml"
    report.unlink(missing_ok=True)
    status, _ = part.attempt(interpreter, "-m", "pytest", "-p", "no:cacheprovider", "-rs", f"--junitxml={report}",
                             *(["-k", CASE] if CASE else []), ROOT / "bindings/python/tests" / (TEST and f"{TEST}.py"),
                             cwd=WORK, env={"QNET_TEST_QT": str(need_python(part))},)
    count_pytest(part, report, status)
