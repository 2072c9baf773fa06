"""The texts of errors behind proxies. qnet has its own, the same for each kind of proxy; Qt's stand beside them."""

import re

QT = {
    # from here to the proxy
    "Connection to proxy refused": "The proxy refused the connection",
    "Proxy connection refused": "The proxy refused the connection",
    "Connection to proxy closed prematurely": "The proxy closed the connection before it was set up",
    "Proxy connection closed prematurely": "The proxy closed the connection before it was set up",
    "Proxy host not found": "The proxy was not found",
    "Proxy server not found": "The proxy was not found",
    "Proxy server connection timed out": "The proxy did not answer in time",
    "Connection to proxy timed out": "The proxy did not answer in time",
    "Proxy requires authentication": "The proxy requires authentication",
    "Proxy authentication failed": "The proxy requires authentication",
    "Authentication required": "The proxy requires authentication",
    "Operation on socket is not supported": "The proxy cannot do this",
    # SOCKS
    "SOCKS version 5 protocol error": "The proxy does not keep to SOCKS 5",
    "General SOCKSv5 server failure": "General failure of the SOCKS server",
    "Connection not allowed by SOCKSv5 server": "The SOCKS server does not allow the connection",
    "TTL expired": "The time to live has expired",
    "SOCKSv5 command not supported": "The SOCKS server does not support the command",
    "Address type not supported": "The SOCKS server does not support the type of address",
    "Proxy authentication failed: Socks5 host did not support authentication method.":
        "The proxy wants an authentication method that is not supported",
    # HTTP
    "Proxy denied connection": "The proxy denies the connection",
    "Did not receive HTTP response from proxy": "The proxy does not speak HTTP",
    "Error communicating with HTTP proxy": "The proxy cannot do what it was asked for",
    "Error parsing authentication request from proxy": "The proxy wants an authentication method that is not supported",
    # the end of a connection through one
    "Remote host closed": "The remote host closed the connection",
    "Remote host closed connection": "The remote host closed the connection",
}

UNKNOWN_REPLY = re.compile("Unknown SOCKSv5 proxy error code 0x +(-?[0-9a-f]+)")


def common(text):
    """What qnet says where Qt says text."""
    if reply := UNKNOWN_REPLY.fullmatch(text):
        return f"Unknown reply of the SOCKS server: 0x{int(reply.group(1), 16) % 256:02x}"
    return QT.get(text, text)
