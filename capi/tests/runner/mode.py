"""What this run does: the whole or a quick check, of a part or of one thing in it."""

import os

quick = False  # set by the command

# What alone is wanted of a part.
TEST, CASE = os.environ.get("TEST", ""), os.environ.get("CASE", "")
