"""Part compare: scenarios on Qt and on qnet."""

import concurrent.futures
import re
import shutil
import sys

from .. import beside
from ..beside import SHARES
from ..environments import need_installed, need_python
from ..mode import CASE
from ..packages import need
from ..part import Failure
from ..places import ROOT, WORK


def compare(part):
    """the same scenarios on real Qt and on the installed wheel, whose traces must be equal"""
    need(part, "openssl")
    interpreters = {"qt": need_python(part), "qnet": need_installed(part)}
    folder = ROOT / "bindings/python/tests/compare"
    names = WORK / "names.json"
    names.write_text(part.run(interpreters["qt"], folder / "names.py", "--dump", cwd=WORK), encoding="utf-8")
    part.program("names", interpreters["qnet"], folder / "names.py", names, cwd=WORK)
    if not CASE:
        need(part, "ip")
        part.program("look-ups", sys.executable, folder / "resolve/run.py", *interpreters.values(), cwd=WORK)
    shutil.rmtree(WORK / "compare", ignore_errors=True)
    shares = range(1, SHARES + 1) if beside.networks and not CASE else [1]
    runs = [(backend, share) for share in shares for backend in interpreters]

    def play(run):
        backend, share = run
        return part.attempt(interpreters[backend], folder / "run.py", "--backend", backend, "--text", "--share", f"{share}/{len(shares)}",
                            "--out", WORK / "compare" / backend / str(share), *filter(None, [CASE]), cwd=WORK, own_network="always")[0]

    with concurrent.futures.ThreadPoolExecutor(len(runs) if beside.networks else 1) as pool:
        results = dict(zip(runs, pool.map(play, runs)))
    status, output = part.attempt(sys.executable, folder / "compare.py", *(["--some"] if CASE else []),
                                  WORK / "compare/qt", WORK / "compare/qnet")
    numbers = re.search(r"^compare: (\d+) scenarios, (\d+) equal, (\d+) intended differences, (\d+) failed$", output, re.M)
    if not numbers:
        raise Failure(f"compare.py ended with status {status} and no numbers")
    part.passed += int(numbers.group(2)) + int(numbers.group(3))
    why = re.findall(r"^FAILED (.*)$", output, re.M)
    part.failed += why
    if int(numbers.group(4)) != len(why) or (status != 0) != bool(why):
        part.fail("compare.py", f"ended with status {status}; it named {len(why)} failures of {numbers.group(4)}")
    for (backend, share), result in results.items():
        if result != 0 and not (backend == "qnet" and why):
            part.fail(f"run.py on {backend}, share {share}", f"ended with status {result}")
