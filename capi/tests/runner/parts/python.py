"""Part python: the tests of the Python package."""

import xml.etree.ElementTree

from ..environments import need_installed, need_python
from ..mode import CASE, TEST
from ..part import Failure
from ..places import ROOT, WORK
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
    if not report.exists():
        raise Failure(f"pytest ended with status {status} and no report")
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if (bad := case.find("failure")) is not None or (bad := case.find("error")) is not None:
            part.failed.append(f"{name}: {bad.get('message', '').strip()[:200]}")
        elif (skipped := case.find("skipped")) is not None:
            part.skip(name, skipped.get("message", ""))
        else:
            part.passed += 1
    if (status != 0) != bool(part.failed):
        part.fail("pytest", f"ended with status {status} after {len(part.failed)} failures")
