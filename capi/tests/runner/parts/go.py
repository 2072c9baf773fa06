"""Part go: the tests in Go."""

from .. import mode
from ..environments import need_library
from ..go_tests import FRESH, count_go, go_test, whole_tests
from ..mode import CASE, TEST
from ..packages import need_services
from ..part import PROCESSORS

# The Go packages whose tests take longest begin first.
SLOW_PACKAGES = "./core/socket", "./core/server"


def go(part):
    """the Go tests, with the race detector; without it those that it makes skip"""
    need_library(part)
    need_services(part, "danted", "squid")
    only = [f"-run={CASE}"] if CASE else []
    if TEST:
        status, results = go_test(part, *FRESH, *([] if mode.quick else ["-race"]), *only, TEST)
    elif mode.quick:
        # Go remembers what has passed, as long as what it was made of and has read is the same; it does not see what other
        # programs read that are run. More packages at once than there are processors: the longest mostly wait.
        status, results = go_test(part, f"-p={2 * PROCESSORS}", *only, *SLOW_PACKAGES, "./core/...")
        other, more = go_test(part, *FRESH, *only, "./capi/...")
        status, results = status or other, {**results, **more}
    else:
        status, results = go_test(part, *FRESH, "-race", *only, *SLOW_PACKAGES, "./core/...", "./capi/...")
    skipped = [where for where, (result, _) in whole_tests(results).items() if result == "skip"]
    if skipped:
        names = "|".join(sorted(test for _, test in skipped))
        _, again = go_test(part, *FRESH, "-run", f"^({names})$", *sorted({package for package, _ in skipped}))
        results.update((where, again[where]) for where in skipped if where in again)
    count_go(part, results)
    if status != 0 and not part.failed:
        part.fail("go test", f"ended with status {status}")
    if not part.passed:
        part.fail("go test", "there were no tests")
