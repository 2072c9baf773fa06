#!/usr/bin/env python3
"""run.py QT QNET: looks names up with Qt, with glibc and with qnet, on the same files and name servers.

QT and QNET are interpreters that have PySide6 and qnet. All runs in namespaces of its own, where /etc can have other
files and name servers listen on loopback. Prints "FAIL CASE: NAME: what each finds" where qnet differs, or does not where it should.
"""

import contextlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import server

HERE = pathlib.Path(__file__).resolve().parent
GOOD = f"nameserver {server.GOOD}\n"
USUAL = "files dns"
TABLE = """127.0.0.1 localhost
::1 localhost ip6-localhost
192.0.2.101 Table.test alias-of.table # comment
192.0.2.102 table.test
2001:db8::101 table.test
192.0.2.103 in-both.test
::ffff:192.0.2.104 mapped-in.table
192.0.2.01 wrong.table
fe80::1%lo wrong.table
"""

NAMES = """localhost LOCALHOST localhost. ip6-localhost table.test TABLE.test. alias-of.table in-both.test mapped-in.table
wrong.table one.test one.test. both.test six.test nodata.test unknown.test host host.a host.a. sub.host only-in _srv._tcp.test
under_score.test 1.2.3.4. 256.1.1.1 1.2.3.4.5 many.test mapped.test edns.test half.test chain.test alias.test dangling.test
circle.test formerr.test servfail.test refused.test notimp.test mixed.test bücher.test BÜCHER。test xn--bcher-kva.test
ｌｏｃａｌｈｏｓｔ １２７.0.0.1 127.0.0.1 127 127.1 0x7f.1 017700000001 08.1.1.1 4294967296 1.2.3 0 192.0.2.1 192.0.2.9 192.0.2.101
192.0.2.200 ::1 ::1%lo ::1%1 ::1%nosuch fe80::1%lo 2001:db8::6 ::ffff:127.0.0.1 ::ffff:192.0.2.1 2001:db8::101 :: 0.0.0.0
a_b a..b .a . -a a- a-.test xn-- xn--.test *.test a/b [::1] a:b ☃.test""".split()
NAMES += ["", " localhost", "localhost ", "two words", " 127.0.0.1 ", "local\u00adhost", "a\u200db", "\u0301a", "a\tb",
          "x" * 63 + ".test", "x" * 64 + ".test", ".".join(["x" * 63] * 4), ".".join(["x" * 62] * 4)]

# What is configured: /etc/resolv.conf, the line of /etc/nsswitch.conf, addresses of this machine; and names for which
# it makes a difference, where all would take too long.
FOUR, SIX = "192.0.2.99/24", "2001:db8::99/64"
CASES = {
    "one name server": (GOOD, USUAL, (FOUR, SIX), NAMES),
    "no network": (GOOD, USUAL, (), NAMES),
    "IPv4 alone": (GOOD, USUAL, (FOUR,), NAMES),
    "IPv6 alone": (GOOD, USUAL, (SIX,), NAMES),
    "search": (GOOD + "search a.test b.test.", USUAL, (FOUR, SIX), NAMES),
    "domain": (GOOD + "search b.test\ndomain a.test", USUAL, (FOUR, SIX), NAMES),
    "search with ndots:2": (GOOD + "search a.test b.test\noptions ndots:2", USUAL, (FOUR, SIX), NAMES),
    "search with ndots:0": (GOOD + "search a.test\noptions ndots:0", USUAL, (FOUR, SIX), NAMES),
    "search in the root": (GOOD + "search . a.test", USUAL, (FOUR, SIX), NAMES),
    "no-tld-query": (GOOD + "search a.test\noptions no-tld-query", USUAL, (FOUR, SIX), NAMES),
    "single-request": (GOOD + "options single-request", USUAL, (FOUR, SIX), NAMES),
    "use-vc": (GOOD + "options use-vc", USUAL, (FOUR, SIX), NAMES),
    "edns0": (GOOD + "options edns0 trust-ad", USUAL, (FOUR, SIX), NAMES),
    "servers first": (GOOD, "dns files", (FOUR, SIX), NAMES),
    "files alone": (GOOD, "files", (FOUR, SIX), NAMES),
    "servers alone": (GOOD, "dns", (FOUR, SIX), NAMES),
    "another module": (GOOD, "files nosuchmodule dns", (FOUR, SIX), NAMES),
    "an order of its own": (GOOD, "dns [!UNAVAIL=return] files", (FOUR, SIX), NAMES),
    "no server": (f"nameserver {server.NOBODY}", USUAL, (FOUR, SIX), NAMES),
    "a second server after none": (f"nameserver {server.NOBODY}\n" + GOOD, USUAL, (FOUR, SIX), NAMES),
    "a second server after one that fails": (f"nameserver {server.FAILING}\n" + GOOD, USUAL, (FOUR, SIX), NAMES),
    "a second server after one that refuses": (f"nameserver {server.REFUSING}\n" + GOOD, USUAL, (FOUR, SIX), NAMES),
    "a second server after a lame one": (f"nameserver {server.LAME}\n" + GOOD, USUAL, (FOUR, SIX), NAMES),
    "a second server after a silent one": (f"nameserver {server.SILENT}\n" + GOOD + "options timeout:1", USUAL, (FOUR, SIX),
                                           ["one.test", "unknown.test"]),
    "a server that fails": (f"nameserver {server.FAILING}", USUAL, (FOUR, SIX), NAMES),
    "a silent server": (f"nameserver {server.SILENT}\noptions timeout:1 attempts:1", USUAL, (FOUR, SIX),
                        ["one.test", "localhost", "192.0.2.1"]),
}

# Where qnet differs on purpose, or cannot do otherwise.
MAPPED = "Go's interface to the C library does not tell IPv4 from IPv6 addresses that stand for IPv4"
REFUSED = "glibc asks the next server, and says that this may pass, only if it was refused over UDP"
DIFFERENT = {
    ("another module", "mapped-in.table"): MAPPED,
    ("another module", "mapped.test"): MAPPED,
    ("another module", "::ffff:127.0.0.1"): MAPPED,
    ("an order of its own", "mapped.test"): MAPPED,
    ("use-vc", "refused.test"): REFUSED,
    ("use-vc", "notimp.test"): REFUSED,
    ("edns0", "edns.test"): "qnet never uses EDNS, and so succeeds where a server refuses it",
    ("IPv6 alone", "１２７.0.0.1"): "an address that needs no look-up is always one",
}


def inside(interpreters):
    """All cases, in the namespaces."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    server.serve()
    with tempfile.TemporaryDirectory() as folder, asking(interpreters) as processes:
        # The files stay, so that they can be mounted once; what is in them changes.
        files = {name: pathlib.Path(folder, name) for name in ("hosts", "resolv.conf", "nsswitch.conf", "gai.conf")}
        for name, file in files.items():
            file.write_text("")
            if not pathlib.Path("/etc", name).exists():
                files.pop(name)
        for name, file in files.items():
            subprocess.run(["mount", "--bind", file, f"/etc/{name}"], check=True)
        files["hosts"].write_text(TABLE)
        passed = failed = 0
        for case, (resolv, hosts, own, names) in CASES.items():
            files["resolv.conf"].write_text(resolv + "\n")
            files["nsswitch.conf"].write_text(f"hosts: {hosts}\n")
            for address in own:
                subprocess.run(["ip", "address", "add", address, "dev", "lo", *(["nodad"] if ":" in address else [])], check=True)
            found = ask(processes, names)
            for address in own:
                subprocess.run(["ip", "address", "del", address, "dev", "lo"], check=True)
            for name, qt, qnet, glibc in zip(names, found["qt"], found["qnet"], found["glibc"]):
                same = qt == qnet and (not comparable(name, qt) or qnet[3] == list(dict.fromkeys(glibc)))
                if same != ((case, name) in DIFFERENT):
                    passed += 1
                else:
                    failed += 1
                    print(f"FAIL {case}: {name!r}: qt {qt}, glibc {glibc}, qnet {qnet}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def comparable(name, qt):
    """Does Qt ask getaddrinfo() for this name, in these characters? Not for addresses, and not for what is no name."""
    return name.isascii() and qt[1] != "Invalid hostname" and re.search("[a-z]", name, re.I) and ":" not in name and "0x" not in name


@contextlib.contextmanager
def asking(interpreters):
    """The processes that ask, of which each asks in forks of its own: they take much longer to begin than to look up."""
    with contextlib.ExitStack() as stack:
        yield {backend: stack.enter_context(subprocess.Popen([interpreter, HERE / "ask.py", backend], stdin=subprocess.PIPE,
                                                             stdout=subprocess.PIPE, text=True))
               for backend, interpreter in interpreters.items()}


def ask(processes, names):
    for process in processes.values():
        print(json.dumps(names), file=process.stdin, flush=True)
    return {backend: json.loads(process.stdout.readline()) for backend, process in processes.items()}


def main():
    if sys.argv[1] == "--inside":
        return inside({"qt": sys.argv[2], "qnet": sys.argv[3], "glibc": sys.executable})
    space = ["unshare", "--map-root-user", "--mount", "--net"]
    missing = [command for command in ("unshare", "mount", "ip") if not shutil.which(command)]
    why = f"there is no {missing[0]}" if missing else subprocess.run([*space, "true"], stderr=subprocess.PIPE, text=True).stderr
    if why:
        print(f"skip names on the same files and servers: there can be no namespaces: {why.strip()}\n0 passed, 0 failed, 1 skipped")
        return 0
    return subprocess.run([*space, sys.executable, __file__, "--inside", *sys.argv[1:]]).returncode


if __name__ == "__main__":
    sys.exit(main())
