"""TLS towards a broker: version 1.2 or later, its certificate checked, ours shown where asked."""

import ssl

from models.errors import ConfigError
from mqtt_bridge.broker import BrokerAddress


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails, where paho would leave it open."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - ssl's own shape
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def tls_context(address: BrokerAddress) -> ssl.SSLContext:
    """Return the context for connections to `address`.

    Raises ConfigError when its certificate files cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=address.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = _TidySocket
        if address.cert is not None:
            context.load_cert_chain(address.cert, address.key)
    except OSError as error:
        message = f"the certificates for the broker at {address} cannot be used: {error}"
        raise ConfigError(message) from error
    return context
