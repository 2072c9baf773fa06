"""The page "how to"."""

import os
import re
import select
import shutil
import signal
import socket
import subprocess
import time

from ..compilers import CC, WARNINGS
from ..part import Failure
from ..places import BUILD, ROOT, WORK


def guide_howto(part):
    """Builds and runs the programs of the page "how to", and ends each with a signal."""
    text = (ROOT / "examples/guide/howto.md").read_text(encoding="utf-8")
    programs = dict(re.findall(r"^```c (\w+)\n(.*?)^```$", text, re.M | re.S))
    folder = WORK / "howto"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "www").mkdir(parents=True)
    big = os.urandom(3_000_000)
    (folder / "www/big").write_bytes(big)
    (folder / "www/index.html").write_text("a page\n", encoding="ascii")

    def say(port, words, end=True):
        """What the server at a port answers to words, to its end."""
        with socket.create_connection(("127.0.0.1", port), 20) as peer:
            peer.sendall(words)
            if end:
                peer.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: peer.recv(1 << 16), b""))

    def get(port, path, method=b"GET"):
        head, _, body = say(port, method + b" " + path + b" HTTP/1.0\r\n\r\n", end=False).partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def http(port, _process):
        return (get(port, b"/") == (200, b"a page\n") and get(port, b"/big") == (200, big) and get(port, b"/none")[0] == 404
                and get(port, b"/../secret")[0] == 400 and get(port, b"//etc/passwd")[0] == 400 and get(port, b"/", b"POST")[0] == 501)

    def chat(port, _process):
        with socket.create_connection(("127.0.0.1", port), 20) as one, socket.create_connection(("127.0.0.1", port), 20) as other, \
                socket.create_connection(("127.0.0.1", port), 20) as slow:
            received = b""
            while not received:  # the other may have come after the first line
                one.sendall(b"hello\n")
                if select.select([other], [], [], 0.1)[0]:
                    received = other.recv(100)
            line = b"x" * 1000 + b"\n"
            for _ in range(3000):  # 3 MB that slow does not read
                one.sendall(line)
                while select.select([other], [], [], 0)[0]:
                    other.recv(1 << 16)
            one.sendall(b"last\n")
            end = b""
            while b"last\n" not in end:
                end = end[-10:] + other.recv(1 << 16)
            return received.startswith(b"hello\n") and slow.fileno() >= 0

    def syslog(port, process):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.sendto(b"<34>su: failed", ("127.0.0.1", port))
            peer.sendto(b"plain\x1b[m", ("127.0.0.1", port))
        return [process.stdout.readline() for _ in range(2)] == [
            "127.0.0.1 facility 4 severity 2: su: failed\n", "127.0.0.1 facility 1 severity 5: plain [m\n"]

    def prefork(port, _process):
        return all(say(port, b"").startswith(b"served by ") for _ in range(5))

    def reuseport(port, process):
        # The system chooses by chance: that one worker gets all of 60 happens never.
        served = {say(port, b"") for _ in range(60)}
        return len(served) > 1 and all(answer.startswith(b"served by ") and answer != b"served by %d\n" % process.pid for answer in served)

    def threads(port, _process):
        answers = set()
        for _ in range(6):
            with socket.create_connection(("127.0.0.1", port), 20) as peer:
                peer.sendall(b"hi\n")
                answers.add(peer.recv(100))
        return answers == {b"thread %d: hi\n" % number for number in range(3)}

    checks = {"http": http, "chat": chat, "syslog": syslog, "prefork": prefork, "reuseport": reuseport, "threads": threads}
    with part.test("the guide has the programs of its how-to page"):
        if programs.keys() != {*checks, "daemon"}:
            raise Failure(f"it has {', '.join(programs)}")
    for number, (name, source) in enumerate(programs.items()):
        with part.test(f"the guide's {name} program"):
            (folder / f"{name}.c").write_text(source, encoding="utf-8")
            part.run(CC, "-std=c11", "-O1", *WARNINGS, "-Wpedantic", "-pthread", f"-I{ROOT}/include", folder / f"{name}.c",
                     "-o", folder / name, f"-L{BUILD}", "-lqnet", f"-Wl,-rpath,{BUILD}")
            if name == "daemon":
                pid = folder / "pid"
                port = int(part.run(folder / name, pid, limit=60).rpartition(":")[2])
                process = int(pid.read_text(encoding="ascii"))
                if say(port, b"") != b"daemon %d\n" % process:
                    raise Failure("it does not answer")
                os.kill(process, signal.SIGTERM)
                for _ in range(600):
                    if not pid.exists():
                        break
                    time.sleep(0.05)
                else:
                    raise Failure("it does not end")
                continue
            with subprocess.Popen([folder / name, folder / "www"], stdout=subprocess.PIPE, text=True) as process:
                try:
                    port = int(process.stdout.readline().rpartition(":")[2])
                    if not checks[name](port, process):
                        raise Failure("it does not do what it should")
                    process.send_signal((signal.SIGTERM, signal.SIGINT)[number % 2])
                    if process.wait(60) != 0:
                        raise Failure(f"it ended with status {process.returncode}")
                finally:
                    process.kill()
