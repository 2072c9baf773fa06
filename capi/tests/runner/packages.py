"""What parts need of the system: Debian packages, installed where they are missing."""

import contextlib
import functools
import os
import pathlib
import shlex
import shutil
import threading

from .part import Failure

# What the parts need, and the Debian packages that have it.
COMMANDS = {"aarch64-linux-gnu-g++": "g++-aarch64-linux-gnu", "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu", "abidiff": "abigail-tools", "c++": "g++", "cmake": "cmake", "curl": "curl",
            "danted": "dante-server", "dh": "debhelper", "dh_python3": "dh-python", "dpkg-buildpackage": "dpkg-dev", "ip": "iproute2",
            "lintian": "lintian", "mmdebstrap": "mmdebstrap", "mosquitto": "mosquitto", "musl-gcc": "musl-tools", "nc": "netcat-openbsd",
            "ngircd": "ngircd", "ninja": "ninja-build",
            "openssl": "openssl", "pkg-config": "pkg-config", "qemu-aarch64": "qemu-user", "qemu-arm": "qemu-user", "qemu-system-x86_64": "qemu-system-x86",
            "socat": "socat", "squid": "squid", "sslscan": "sslscan", "testssl": "testssl.sh"}
DOCTEST = pathlib.Path("/usr/include/doctest/doctest.h")
# What Debian's packages of services ask before they start them.
POLICY = pathlib.Path("/usr/sbin/policy-rc.d")
DEVELOPMENT = {"glib-2.0": "libglib2.0-dev", "libuv": "libuv1-dev", "Qt6Core": "qt6-base-dev"}

setting_up = threading.RLock()  # what several parts need is made by one of them


def alone(function):
    """Has only one part at a time call the function."""
    @functools.wraps(function)
    def call(*arguments):
        with setting_up:
            return function(*arguments)
    return call


@alone
def install(part, packages):
    """Installs Debian packages."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failure(f"please install {' '.join(packages)}, or what they are called here")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    part.run("apt-get", "-q", "update", env=environment)
    part.run("apt-get", "-q", "install", "-y", "--no-install-recommends", *packages, env=environment)


def need(part, *commands):
    missing = [COMMANDS[command] for command in commands if not shutil.which(command)]
    if missing:
        install(part, missing)


@alone
def need_services(part, *commands):
    """Services that others have made; what needs them says so where they cannot be installed. They are not started."""
    ours = os.geteuid() == 0 and not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        with contextlib.suppress(Failure):
            need(part, *commands)
    finally:
        if ours:
            POLICY.unlink()


def need_doctest(part):
    """The headers with which the tests in C++ are written."""
    if not DOCTEST.exists():
        install(part, ["doctest-dev"])


@alone
def need_development(part):
    """Other event loops, to be compiled with."""
    need(part, "c++", "pkg-config")
    missing = [package for name, package in DEVELOPMENT.items() if part.attempt("pkg-config", "--exists", name)[0] != 0]
    if missing:
        install(part, missing)


def qt_flags(part):
    """Returns the options to build with Qt."""
    if part.attempt("pkg-config", "--exists", "Qt6Network")[0] != 0:
        install(part, ["qt6-base-dev"])
    return ["-fPIC", "-pthread", *shlex.split(part.run("pkg-config", "--cflags", "--libs", "Qt6Network"))]
