"""This machine's network interfaces, and addresses that are made up: a program for PySide6 and for qnet."""

try:
    from qnet import QHostAddress, QNetworkAddressEntry, QNetworkInterface
except ImportError:
    from PySide6.QtNetwork import QHostAddress, QNetworkAddressEntry, QNetworkInterface


def interfaces():
    for one in [*QNetworkInterface.allInterfaces(), QNetworkInterface()]:
        print(one.name(), one.index(), one.isValid(), one.flags().value, one.type().name, one.hardwareAddress(),
              one.maximumTransmissionUnit(), one.humanReadableName())
        for entry in one.addressEntries():
            show(entry)
            print("  ", entry.dnsEligibility().name, entry.isLifetimeKnown(), entry.isPermanent(), entry.isTemporary())
    print([address.toString() for address in QNetworkInterface.allAddresses()])
    for name in "lo", "1", "nobody", "":
        print(QNetworkInterface.interfaceFromName(name).name(), QNetworkInterface.interfaceIndexFromName(name))
    for index in 1, 0, 99999, -1:
        print(QNetworkInterface.interfaceFromIndex(index).isValid(), repr(QNetworkInterface.interfaceNameFromIndex(index)))


def show(entry):
    print("  ", entry.ip().toString(), entry.netmask().toString(), entry.prefixLength(), entry.broadcast().toString())


def entries():
    entry = QNetworkAddressEntry()
    print(entry.prefixLength(), entry.isPermanent())
    for ip in "", "10.1.2.3", "fe80::1", "::ffff:1.2.3.4":
        entry.setIp(QHostAddress(ip))
        show(entry)
        for length in 0, 3, 8, 32, 33, 64, 128, 129, -1:
            entry.setPrefixLength(length)
            show(entry)
        for mask in "255.255.0.0", "255.0.255.0", "0.0.0.0", "255.255.255.255", "ffff::", "::", "ffff:0:ffff::", "":
            entry.setNetmask(QHostAddress(mask))
            show(entry)
    other = QNetworkAddressEntry(entry)
    print(other == entry)
    other.setBroadcast(QHostAddress("1.2.3.4"))
    print(other == entry, other != entry)
    other.swap(entry)
    show(entry)


interfaces()
entries()
