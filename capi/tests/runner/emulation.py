"""What cannot be tested with a processor that is emulated."""

# What qemu-user does not do as Linux does, in the C tests: it emulates a processor, and hands on the calls that it knows.
ITSELF, DROPS = "the emulator is what /proc/self/exe names", "the emulator has no counters of dropped datagrams"
MULTICAST, INTERFACES = "the emulator knows no multicast", "the emulator binds to no interface"
NOT_EMULATED = {
    "api_local": {"killed_server": ITSELF},
    "api_options": {"bound_to_an_interface": INTERFACES, "seen_on_the_wire": MULTICAST},
    "api_server": {"limit_of_descriptors": ITSELF},
    "api_signal": {"before_the_first_call": ITSELF},
    "api_udp": {"a million datagrams, sent one by one": DROPS, "a million datagrams in trains": DROPS,
                "a million datagrams in trains, received singly": DROPS, "membership of a multicast group": MULTICAST,
                "IPv4 multicast between network namespaces": MULTICAST, "IPv6 multicast between network namespaces": MULTICAST},
}
# The same of the tests of core.
NOT_EMULATED_GO = {"TestLosses": DROPS, "TestGroups": MULTICAST, "TestKeptOptionsAreApplied": INTERFACES}
# The programs that run themselves, of which an emulator would have to know.
RUN_THEMSELVES = "faults", "trace"
# The same of the tests in C++ and Python that run with an emulator.
NOT_EMULATED_CPP = {"udp: multicast and interfaces": MULTICAST}
NOT_EMULATED_PYTHON = {"test_multicast": MULTICAST, "test_options_before_binding_are_kept": INTERFACES,
                       "test_the_end_of_the_interpreter_removes_the_file": ITSELF}
