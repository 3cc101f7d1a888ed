"""Runs first in LocalStack's Python: what binds every interface there binds loopback instead."""

import socket

LOOPBACK = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}


class LoopbackSocket(socket.socket):
    def bind(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] in LOOPBACK:
            host = LOOPBACK[address[0]] if self.family == socket.AF_INET else "::1"
            address = (host, *address[1:])
        return super().bind(address)


socket.socket = LoopbackSocket
