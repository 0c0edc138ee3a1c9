"""Where the machines of a fleet are: in numbers, so that nobody has to be asked."""

import ipaddress
from dataclasses import dataclass

from posture.errors import ConfigError

DEFAULT_PORT = 8786


@dataclass(frozen=True, slots=True)
class Address:
    """Where a machine of the fleet listens: a number and a port, never a name."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, default_port: int = DEFAULT_PORT) -> "Address":
        """Of "192.168.1.5", "192.168.1.5:8786" or "[fd00::5]:8786". Raises ConfigError."""
        bare = text.removeprefix("tls://")
        host, separator, port = bare.rpartition(":")
        if not separator or bare.endswith("]") or (bare.count(":") > 1 and "[" not in bare):
            host, port = bare, str(default_port)
        try:
            number = ipaddress.ip_address(host.strip("[]"))
            if not 0 <= int(port) <= 65535:
                raise ValueError
        except ValueError:
            raise ConfigError(
                f"{text!r} is not where a fleet can be: an address in numbers, as in 192.168.1.5:{DEFAULT_PORT} "
                "(a name would have to be looked up, and this program looks none up)"
            ) from None
        return cls(str(number), int(port))

    @property
    def pair(self) -> tuple[str, int]:
        """As the socket module has it."""
        return self.host, self.port

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """As Dask has it."""
        return f"tls://{self}"
