"""Takes a trace apart: the lines of each object by themselves, without what is not compared.

Which of two sockets is served first in a turn of the loop is nobody's business, and so it is whether the second is
served inside the first one's handler, if that runs a loop. What each of them does, in which order and state, is. What
else may differ the functions below tell whose names begin with "same"; RULES are the scenarios that show it.
"""

import re

RULES = """
    local_read_in_about_to_close write_after_remote_close_in_error write_large_and_small write_with_data_waiting""".split()

_SIGNAL = re.compile(r"(\w+)\.(\w+)(?:\((.*)\))?  \[(.*)\]$")


class Line:
    """A line, and those that it caused of the same object."""

    def __init__(self, text, parent=None):
        self.text, self.parent, self.below = text, parent, []
        match = _SIGNAL.match(text)
        self.signal, self.argument, self.bracket = (match[2], match[3], match[4]) if match else ("", "", "")

    def inside(self, beginning):
        """Does it stand below a line that begins so?"""
        return self.parent is not None and (self.parent.text.startswith(beginning) or self.parent.inside(beginning))

    def flat(self, depth=0):
        yield "  " * depth + self.text
        for line in self.below:
            yield from line.flat(depth + 1)


def by_object(lines, kinds):
    """The lines of each object, in the order of kinds (name -> kind); of those that are caused inside a handler only
    the depth among lines of the same object is kept. Notes of the scenario itself are put everywhere. A line that names
    no object (a warning) belongs to what it stands below, or to nobody."""
    names = "|".join(kinds)
    of = re.compile(rf"(?:end |delete |\w+ = )?({names})\b(?:[.:]|$)")
    roots = {name: Line("") for name in (None, *kinds)}
    around = []     # of each line that this one stands below: its depth, its object and itself
    for text in lines:
        depth = (len(text) - len(text.lstrip(" "))) // 2
        text = text.lstrip(" ")
        while around and around[-1][0] >= depth:
            around.pop()
        if text.startswith("-- ") and not depth:
            for root in roots.values():
                root.below.append(Line(text))
            continue
        found = of.match(text) if kinds else None
        name = found[1] if found else around[-1][1] if around else None
        parent = next((line for _, other, line in reversed(around) if other == name), roots[name])
        line = Line(text, parent)
        parent.below.append(line)
        around.append((depth, name, line))
    result = []
    for name, root in roots.items():
        same(name, kinds.get(name, ""), root)
        result += ["== " + (name or "nobody"), *(text for line in root.below for text in line.flat())]
    return result


def same(name, kind, line):
    """Makes the same of what may differ, in all that stands below a line."""
    for rule in (same_arrivals, same_warnings):
        line.below = rule(name, kind, line.below)
    for child in line.below:
        same(name, kind, child)


def same_arrivals(name, kind, lines):
    """How many bytes come or go at once is the system's business, and in a turn Qt reads before it sends, where qnet
    sends before it reads. So signals of both that follow one another are told once, with all the bytes."""
    result, run = [], []

    def close():
        written = [int(line.argument) for line in run if line.signal == "bytesWritten"]
        if written:
            result.append(Line(f"{name}.bytesWritten({sum(written)})", run[0].parent))
        if len(written) < len(run):
            result.append(Line(f"{name}.readyRead", run[0].parent))
        if run:
            result[-1].text += f"  [{run[-1].bracket}]"
            result[-1].below = [child for line in run for child in line.below]
        run.clear()

    for line in lines:
        arrival = line.signal in ("readyRead", "bytesWritten")
        # The same twice is told twice.
        if not arrival or run and (run[-1].signal, run[-1].bracket) == (line.signal, line.bracket):
            close()
        if arrival:
            run.append(line)
            if line.below:
                close()
        else:
            result.append(line)
    close()
    return result


def same_warnings(name, kind, lines):
    """While the peer's end is reported, Qt warns about its own descriptor. While a local socket ends, Qt warns about
    the socket of another kind inside it."""
    kept = [line for line in lines if not (line.text.startswith("! warning") and (
        line.inside(f"{name}.errorOccurred") or kind == "local" and line.inside(f"{name}.")))]
    if len(kept) == 1 < len(lines) and kept[0].text.startswith("= "):
        call, result = kept[0].parent, kept[0].text.removeprefix("= None")
        call.text += " " * (not result.startswith(" ")) + result
        kept.clear()
    return kept
