"""The inside of capi/tests/run.

    main.py             the command: which parts run, and what is printed of them
    parts/              a file for each part
    part.py             what all parts can do: run a command, count its tests, fail, skip
    packages.py, environments.py
                        what parts need: Debian packages, the library, Python environments

What several parts share, or what is an idea of its own, has a file beside these.
"""
