"""The benchmark suite behind run_bench.py.

peers      the servers that are compared
scenarios  what they have to do
certificates  for servers that encrypt
measure    one run: a fresh server, the load client, their figures
datagrams  the same for receivers of datagrams
library    what it takes to load the library
results    the figures of all runs, their medians and ratios; the file they are kept in
targets    what qnet is to reach, and whether it has
report     tables in Markdown
plots      SVG, with matplotlib
system     on which machine and with which versions
"""
