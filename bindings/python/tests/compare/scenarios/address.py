"""QHostAddress: parsing, printing, classes of addresses, subnets, equality."""

import random

from backend import net
from trace import scenario

A = net.QHostAddress
CLASSES = ("isNull isLoopback isGlobal isLinkLocal isSiteLocal isUniqueLocalUnicast isMulticast isBroadcast "
           "isPrivateUse").split()
SPECIAL = "Null Broadcast LocalHost LocalHostIPv6 Any AnyIPv6 AnyIPv4".split()


def describe(r, a):
    return (f"{r.address(a)} v4={a.toIPv4Address()} scope={a.scopeId() or '-'} "
            + " ".join(name[2:] for name in CLASSES if getattr(a, name)()))


@scenario
def address_special(r):
    """Each special address: text, protocol, IPv4 number, classes."""
    for name in SPECIAL:
        r.line(f"{name}: {describe(r, A(getattr(net.Special, name)))}")
    r.line(f"nothing: {describe(r, A())}")


@scenario
def address_classes(r):
    """The classes of many addresses."""
    for text in """0.0.0.0 0.0.0.1 1.2.3.4 9.255.255.255 10.0.0.0 10.255.255.255 11.0.0.0 100.63.255.255 100.64.0.1
                   126.255.255.255 127.0.0.0 127.0.0.1 127.255.255.255 128.0.0.0 169.253.255.255 169.254.0.0
                   169.254.255.255 169.255.0.0 172.15.255.255 172.16.0.0 172.31.255.255 172.32.0.0 192.0.0.1 192.0.2.1
                   192.88.99.1 192.167.255.255 192.168.0.0 192.168.255.255 192.169.0.0 198.18.0.1 198.51.100.1
                   203.0.113.1 223.255.255.255 224.0.0.0 224.0.0.1 239.255.255.255 240.0.0.0 255.255.255.254
                   255.255.255.255 :: ::1 ::2 ::127.0.0.1 ::ffff:0.0.0.0 ::ffff:127.0.0.1 ::ffff:10.1.2.3
                   ::ffff:169.254.1.1 ::ffff:224.0.0.1 ::ffff:255.255.255.255 64:ff9b::1.2.3.4 100::1 2000:: 2001:db8::1
                   2002:102:304:: 3fff:ffff::1 4000::1 fbff:: fc00:: fd00::1 fdff:ffff::1 fe00:: fe7f:: fe80:: fe80::1%1
                   fe80::1%lo febf:: fec0:: feff:: ff00:: ff01::1 ff02::1 ff02::1%lo ffff::""".split():
        r.line(f"{text}: {describe(r, A(text))}")


@scenario
def address_parsing(r):
    """Texts that are or are not addresses: the constructor and setAddress()."""
    texts = ["", " ", "1", "1.2", "1.2.3", "1.2.3.4", "1.2.3.4.5", "1.2.3.4 ", " 1.2.3.4", "1.2.3.", ".1.2.3", "1..2.3",
             "256.1.1.1", "1.2.3.256", "1.2.65535", "1.2.65536", "1.16777215", "1.16777216", "4294967295", "4294967296",
             "01.02.03.04", "010.0.0.1", "0x7f.0.0.1", "0x7f000001", "0xffffffff", "0x100000000", "0x", "0", "00", "08",
             "1.2.3.4%1", "1.2.3.4%", "+1.2.3.4", "-1.2.3.4", "1.2.3.-4", "1.2.3.4e0", "a.b.c.d", "1.2.3.4/24",
             "1.2.3.4:80", "localhost", "LOCALHOST", "::", ":::", "::1", "1::", "1::2::3", ":1", "1:", "::1:", ":1::",
             "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
             "1:2:3:4::5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4", "::ffff:1.2.3.4",
             "::FFFF:1.2.3.4", "::ffff:1.2.3", "::ffff:1.2.3.256", "::ffff:0102:0304", "1.2.3.4::", "::1.2.3.4:5",
             "00001::", "0001::", "12345::", "g::", "::g", "fe80::1%eth0", "fe80::1%", "fe80::1%1%2", "%1", "::%1", "::1%lo",
             "[::1]", "[::1", "::1]", "::1/64", "2001:DB8::A", "2001:db8:0:0:1:0:0:1", "2001:0:0:1:0:0:0:1",
             "0:0:0:0:0:0:0:0", "0:0:0:0:0:0:0:1", "1:0:0:0:0:0:0:0", "0:1:0:1:0:1:0:1", "::ffff:0:0", "::ffff:0.0.0.0",
             "::0.0.0.1", "::1:0", "::1:0:0", "64:ff9b::1.2.3.4", "１.２.３.４", "1.2.3.4\n"]
    for text in texts:
        a = A("9.9.9.9")
        ok = a.setAddress(text)
        r.line(f"{text!r}: {ok} {r.address(a)} scope={a.scopeId() or '-'}; constructed {r.address(A(text))}")


def generated(seed):
    """Texts that look more or less like addresses, always the same for a seed."""
    rnd = random.Random(seed)

    def octet():
        return rnd.choice([str(rnd.randrange(256)), str(rnd.randrange(300)), "0", "255", "256", "0%o" % rnd.randrange(400),
                           "0x%x" % rnd.randrange(300), "", "00", str(rnd.randrange(1 << 33))])

    def v4():
        return ".".join(octet() if rnd.random() < 0.3 else str(rnd.randrange(256))
                        for _ in range(rnd.choice([4, 4, 4, 4, 3, 2, 1, 5])))

    def group():
        return rnd.choice(["%x" % rnd.randrange(65536), "0", "%04x" % rnd.randrange(65536), "%X" % rnd.randrange(65536),
                           "", "0", "0", "%05x" % rnd.randrange(1 << 17)] if rnd.random() < 0.4
                          else ["%x" % rnd.randrange(65536), "0", "1"])

    def v6():
        groups = [group() for _ in range(rnd.choice([8, 8, 8, 7, 6, 4, 2, 1, 9]))]
        text = ":".join(groups)
        if rnd.random() < 0.5:
            cut = rnd.randrange(len(groups) + 1)
            text = ":".join(groups[:cut]) + "::" + ":".join(groups[cut + rnd.randrange(3):])
        if rnd.random() < 0.15:
            text += (":" if rnd.random() < 0.8 else "") + v4()
        if rnd.random() < 0.1:
            text += "%" + rnd.choice(["1", "lo", "eth0", ""])
        return text

    def spoil(text):
        if text and rnd.random() < 0.15:
            i = rnd.randrange(len(text) + 1)
            text = text[:i] + rnd.choice(" .:%xg/-0") + text[i + rnd.randrange(2):]
        return text
    return [spoil(v4() if rnd.random() < 0.45 else v6()) for _ in range(1000)]


def parse_generated(r, seed):
    for text in generated(seed):
        r.line(f"{text!r}: {r.address(A(text))}")


@scenario
def address_generated_1(r):
    """A thousand generated texts."""
    parse_generated(r, 1)


@scenario
def address_generated_2(r):
    """A thousand more."""
    parse_generated(r, 2)


@scenario
def address_generated_3(r):
    """And a thousand more."""
    parse_generated(r, 3)


@scenario
def address_generated_4(r):
    """And the fourth thousand."""
    parse_generated(r, 4)


@scenario
def address_from_numbers(r):
    """Addresses from and to IPv4 numbers."""
    for number in (0, 1, 0x7f000001, 0x0a000001, 0xe0000001, 0xffffffff):
        r.line(f"{number}: {describe(r, A(number))}")
    for text in ("1.2.3.4", "::ffff:1.2.3.4", "::1.2.3.4", "::1", "::", "", "2001:db8::1"):
        r.line(f"{text!r} to IPv4: {A(text).toIPv4Address()}")


@scenario
def address_changing(r):
    """setAddress() of each kind, clear(), setScopeId()."""
    a = A("1.2.3.4")
    r.value("failed", a.setAddress("nonsense"))
    r.line(describe(r, a))
    a.setAddress("5.6.7.8")
    r.line(describe(r, a))
    a.setAddress(0x01020304)
    r.line(describe(r, a))
    a.setAddress(net.Special.LocalHostIPv6)
    r.line(describe(r, a))
    a.setScopeId("lo")
    r.line(describe(r, a))
    a.setAddress("fe80::1%eth0")
    r.line(describe(r, a))
    a.setScopeId("")
    r.line(describe(r, a))
    a.setScopeId("7")
    b = A(a)
    a.clear()
    r.line(describe(r, a))
    r.line(describe(r, b))
    c = A("1.2.3.4")
    c.setScopeId("lo")
    r.line(describe(r, c))


@scenario
def address_long_scope(r):
    """Scope ids that no interface can have."""
    for size in (31, 32, 100):
        a = A("fe80::1%" + size * "x")
        r.line(f"{size}: parsed null={a.isNull()} {len(a.scopeId())}")
        a = A("fe80::1%lo")
        a.setScopeId(size * "x")
        r.line(f"{size}: set {len(a.scopeId())}")


@scenario
def address_equality(r):
    """==, != and hash of addresses, also with special ones."""
    texts = ["", "0.0.0.0", "127.0.0.1", "::", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "fe80::1", "fe80::1%lo",
             "fe80::1%eth0", "0:0:0:0:0:0:0:1"]
    for one in texts:
        r.line(f"{one!r} ==: " + " ".join(repr(other) for other in texts if A(one) == A(other)))
        r.line(f"{one!r} == special: " + " ".join(n for n in SPECIAL if A(one) == getattr(net.Special, n)))
        for other in texts:
            assert (A(one) != A(other)) == (not A(one) == A(other))
            assert A(one) != A(other) or hash(A(one)) == hash(A(other))
    for name in SPECIAL:
        r.line(f"{name} ==: " + " ".join(n for n in SPECIAL
                                         if A(getattr(net.Special, name)) == A(getattr(net.Special, n))))


@scenario
def address_is_equal(r):
    """isEqual() with each conversion mode."""
    modes = net.QHostAddress.ConversionModeFlag
    texts = ["", "0.0.0.0", "127.0.0.1", "1.2.3.4", "::", "::1", "::ffff:127.0.0.1", "::ffff:1.2.3.4", "::1.2.3.4",
             "::ffff:0.0.0.0", "::127.0.0.1"]
    for name in ("StrictConversion", "ConvertV4MappedToIPv4", "ConvertV4CompatToIPv4", "ConvertUnspecifiedAddress",
                 "ConvertLocalHost", "TolerantConversion"):
        for one in texts:
            r.line(f"{name} {one!r}: " + " ".join(repr(other) for other in texts + ["ANY"]
                                                  if A(one).isEqual(A(net.Special.Any) if other == "ANY" else A(other),
                                                                    getattr(modes, name))))
    r.value("default", A("::ffff:1.2.3.4").isEqual(A("1.2.3.4")))


@scenario
def address_parse_subnet(r):
    """parseSubnet() of good and bad texts."""
    for text in ["1.2.3.4/24", "1.2.3.0/24", "1.2.3/24", "1.2/16", "1/8", "10/8", "1.2.3.4", "1.2.3", "1.2", "1", "1.2.3.4/0",
                 "1.2.3.4/32", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/", "/24", "", "1.2.3.4/x", "1.2.3.4/255.255.255.0",
                 "1.2.3.4/255.255.0.0", "1.2.3.4/255.0.255.0", "1.2.3.4/0.0.0.0", "1.2.3.4/255.255.255.255",
                 "1.2.3.4/255", "1.2.3.4/24/8", "1.2.3./24", "1.2.3.4.5/8", "256.1.1.1/8", "::/0", "::1/128", "::1/129",
                 "2001:db8::/32", "2001:db8::1/32", "2001:db8::", "fe80::1%lo/64", "fe80::/ffff::", "::ffff:1.2.3.4/120",
                 " 1.2.3.4/24", "1.2.3.4 /24", "1.2.3.4/ 24", "1.2.3.4/024", "1.2.3.4/+24", "localhost/8", "::/64/1"]:
        address, bits = net.QHostAddress.parseSubnet(text)
        r.line(f"{text!r}: {r.address(address)} {bits}")


@scenario
def address_in_subnet(r):
    """isInSubnet() for many pairs, also across families and with odd lengths."""
    subnets = ["1.2.3.0/24", "1.2.3.4/32", "0.0.0.0/0", "1.2.3.0/25", "1.2.0.0/15", "::/0", "2001:db8::/32", "::1/128",
               "::ffff:1.2.3.0/120", "fe80::/10", "1.2.3.4/24"]
    texts = ["1.2.3.4", "1.2.3.128", "1.3.0.0", "1.4.0.0", "2001:db8::1", "2001:db9::1", "::1", "::ffff:1.2.3.4", "fe80::1%lo",
             "", "0.0.0.0", "::"]
    for subnet in subnets:
        pair = net.QHostAddress.parseSubnet(subnet)
        r.line(f"{subnet}: " + " ".join(repr(t) for t in texts if A(t).isInSubnet(pair)))
    for bits in (-1, 0, 1, 8, 31, 32, 33, 128):
        r.line(f"1.2.3.4 in 1.2.3.5/{bits}: {A('1.2.3.4').isInSubnet(A('1.2.3.5'), bits)}")
    for bits in (-1, 0, 1, 127, 128, 129):
        r.line(f"::2 in ::3/{bits}: {A('::2').isInSubnet(A('::3'), bits)}")
    r.value("Any in 0.0.0.0/0", A(net.Special.Any).isInSubnet(A("0.0.0.0"), 0))
    r.value("1.2.3.4 in Any/0", A("1.2.3.4").isInSubnet(A(net.Special.Any), 0))
    r.value("null in null/0", A().isInSubnet(A(), 0))


@scenario
def address_to_string(r):
    """toString() of many IPv6 addresses: compression, case, embedded IPv4, scope."""
    rnd = random.Random(5)
    for i in range(300):
        groups = [0 if rnd.random() < 0.6 else rnd.choice([1, 0xffff, rnd.randrange(65536)]) for _ in range(8)]
        text = ":".join("%x" % g for g in groups)
        r.line(f"{text}: {A(text).toString()}")
    for text in ("::ffff:1.2.3.4", "::1.2.3.4", "64:ff9b::1.2.3.4", "::fffe:1.2.3.4", "::ffff:0:1.2.3.4", "fe80::1%7",
                 "::1%lo", "2001:DB8::ABCD"):
        r.line(f"{text}: {A(text).toString()}")


@scenario
def address_scope_of_connection(r):
    """A link-local peer of the loopback interface: connecting with a scope id, and what the addresses show."""
    listener = r.listener(host="::1")
    c = r.socket()
    c.connectToHost("::1%lo", listener.port)
    r.until(lambda: c.seen("connected") or c.seen("errorOccurred"))
