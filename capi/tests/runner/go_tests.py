"""The Go tests: how they are run, what go test -json prints, and what becomes of it in a part."""

import json

from .places import LIBRARY

FRESH = ["-count=1"]  # nothing is remembered of earlier runs


def go_test(part, *arguments, env=()):
    """Runs go test; returns its status and what became of each (package, test or None): the result and its text."""
    status, output = part.attempt("go", "test", "-timeout=8m", "-json", *arguments, quiet=True,
                                  env={"QNET_LIBRARY": str(LIBRARY), **dict(env)})
    return status, go_results(part, output)


def go_results(part, output):
    """Returns what became of each (package, test or None), the result and its text; logs what the tests have printed."""
    results, said = {}, {}
    for line in output.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            part.write(line + "\n")
            continue
        text = event.get("Output", "")
        part.write(text)
        where = event.get("Package", ""), event.get("Test")
        said[where] = said.get(where, "") + text
        if event["Action"] in ("pass", "fail", "skip"):
            results[where] = event["Action"], said[where]
    return results


def whole_tests(results):
    """Returns those of the results that are of tests, not of packages or of parts of tests."""
    return {where: result for where, result in results.items() if where[1] and "/" not in where[1]}


def count_go(part, results, where=""):
    """Adds up results, of tests that ran on something that is named."""
    tests = whole_tests(results)
    for (package, test), (result, text) in tests.items():
        if result == "pass":
            part.passed += 1
        elif result == "fail":
            part.failed.append(f"{where}{package} {test}")
        else:
            # The reason is in the line before the one that says how long it took.
            part.skip(f"{where}{package} {test}", text.strip().splitlines()[-2].strip())
    # A package that does not compile, or that ended otherwise than by a test's failure.
    blamed = {package for (package, _), (result, _) in tests.items() if result == "fail"}
    part.failed += [f"{where}{package} as a whole" for (package, test), (result, _) in results.items()
                    if not test and result == "fail" and package not in blamed]
