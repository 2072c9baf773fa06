#!/usr/bin/env python3
"""Gets what qnet is measured against, as far as that can be had; says what cannot, and why.

    install_peers.py --venv FOLDER --requirements FILE

Debian's packages are installed where this is root and they are missing, Python's into a virtual environment. Nothing
that fails here ends the benchmark: what is missing is left out there.
"""

import argparse
import ctypes.util
import os
import pathlib
import shutil
import subprocess
import sys

DEBIAN = {"g++": lambda: shutil.which("c++"),
          "pkg-config": lambda: shutil.which("pkg-config"),
          "libuv1-dev": lambda: has_package("libuv"),
          "libasio-dev": lambda: any(os.path.exists(f"{folder}/asio.hpp") for folder in ("/usr/include", "/usr/local/include")),
          "libssl-dev": lambda: has_package("openssl"),
          "openssl": lambda: shutil.which("openssl"),
          "qt6-base-dev": lambda: has_package("Qt6Network"),
          "python3-venv": lambda: succeeds(sys.executable, "-c", "import ensurepip, venv"),
          # What PySide6's wheels expect of the system.
          "libglib2.0-0": lambda: ctypes.util.find_library("glib-2.0"),
          "libgssapi-krb5-2": lambda: ctypes.util.find_library("gssapi_krb5"),
          "libbrotli1": lambda: ctypes.util.find_library("brotlidec")}


def succeeds(*command, **options):
    """Runs a command; tells whether it could be and did well."""
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              check=False, **options).returncode == 0
    except OSError:
        return False


def has_package(name):
    """Tells whether pkg-config knows a library."""
    return succeeds("pkg-config", "--exists", name, stderr=subprocess.DEVNULL)


def install_debian():
    """Installs the packages that are missing."""
    missing = [package for package, is_there in DEBIAN.items() if not is_there()]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"not root on Debian, so not installed: {' '.join(missing)} (or what they are called here)")
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    succeeds("apt-get", "-q", "update", env=environment)
    for package in missing:  # one by one, so that one that is not there does not cost the others
        print(f"installing {package}", flush=True)
        if not succeeds("apt-get", "-q", "install", "-y", "--no-install-recommends", package, env=environment):
            print(f"{package} could not be installed")


def install_python(folder, requirements):
    """Installs what a list of exact versions names, if it has changed, into a virtual environment."""
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    wanted = sys.version + requirements.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    if not succeeds(sys.executable, "-m", "venv", "--clear", folder):
        print(f"{folder}: no virtual environment could be made, so without the packages of {requirements}")
        return
    print(f"installing the packages of {requirements} into {folder}", flush=True)
    if succeeds(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", requirements):
        stamp.write_text(wanted, encoding="utf-8")
    else:
        print("they could not be installed")


def main():
    """Gets everything."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--venv", type=pathlib.Path, required=True)
    parser.add_argument("--requirements", type=pathlib.Path, required=True)
    options = parser.parse_args()
    install_debian()
    install_python(options.venv, options.requirements)


if __name__ == "__main__":
    main()
