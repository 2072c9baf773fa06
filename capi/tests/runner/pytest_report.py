"""What pytest has reported, and what becomes of it in a part."""

import xml.etree.ElementTree

from .part import Failure


def count_pytest(part, report, status, where=""):
    """Adds up the tests in a report, which ran on something that is named."""
    if not report.exists():
        raise Failure(f"{where}pytest ended with status {status} and no report")
    failures = len(part.failed)
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        name = f"{where}{case.get('classname')}.{case.get('name')}"
        if (bad := case.find("failure")) is not None or (bad := case.find("error")) is not None:
            part.failed.append(f"{name}: {bad.get('message', '').strip()[:200]}")
        elif (skipped := case.find("skipped")) is not None:
            part.skip(name, skipped.get("message", ""))
        else:
            part.passed += 1
    if (status != 0) != (len(part.failed) > failures):
        part.fail(f"{where}pytest", f"ended with status {status} after {len(part.failed) - failures} failures")
