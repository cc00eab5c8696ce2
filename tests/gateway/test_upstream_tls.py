"""Both clients of the upstream port over TLS: which servers are trusted, and that nothing leaves for the others."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sockets import ANSWER, END, STREAM, Upstream, answer, chunk
from upstream_clients import Client, connections, fault

from daffa.errors import Unavailable
from daffa.gateway.clients.tls import ClientContext

DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.UTC)


@dataclass
class Authority:
    """Who signs certificates; ``file`` is its own."""

    name: str
    folder: Path

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.own = self._sign(self.name, self.key, self.key, ca=True)
        self.file = self.folder / f"{self.name}.pem"
        self.file.write_bytes(self.own.public_bytes(serialization.Encoding.PEM))

    def certificate(
        self, names: str = "localhost 127.0.0.1", *, days: tuple[int, int] = (-1, 1), own_hand: bool = False
    ) -> Path:
        """A file with a certificate for ``names``, good from and to these days, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._sign(
            "server", key, key if own_hand else self.key, names=names, days=days, issuer="server" if own_hand else ""
        )
        path = self.folder / f"{signed.serial_number:x}.pem"
        secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
        return path

    def _sign(
        self,
        subject: str,
        key: ec.EllipticCurvePrivateKey,
        by: ec.EllipticCurvePrivateKey,
        *,
        names: str = "",
        days: tuple[int, int] = (-1, 1),
        issuer: str = "",
        ca: bool = False,
    ) -> x509.Certificate:
        who, signer = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (subject, issuer or self.name))
        made = x509.CertificateBuilder().subject_name(who).issuer_name(signer).public_key(key.public_key())
        made = (
            made.serial_number(x509.random_serial_number())
            .not_valid_before(NOW + days[0] * DAY)
            .not_valid_after(NOW + days[1] * DAY)
        )
        made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        if names:
            made = made.add_extension(x509.SubjectAlternativeName([_name(each) for each in names.split()]), critical=False)
        return made.sign(by, hashes.SHA256())


def _name(name: str) -> x509.GeneralName:
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


class Encrypted(Upstream):
    """A server that follows a script over TLS. ``handshakes``: version, name asked for, whether a session was taken up."""

    def __init__(self, certificate: Path, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> None:
        super().__init__()
        self.handshakes: list[tuple[str | None, str | None, bool]] = []
        self.context(certificate, version)

    def context(self, certificate: Path, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> None:
        """Speak TLS anew: nothing of before can be taken up."""
        self._named: list[str | None] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._context.minimum_version = self._context.maximum_version = version
        self._context.set_alpn_protocols(["h2", "http/1.1"])
        self._context.sni_callback = lambda _socket, name, _context: self._named.append(name)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError), self._context.wrap_socket(connection, server_side=True) as encrypted:
                name = self._named.pop() if self._named else None
                self.open.discard(connection)  # the encrypted one has taken its place
                self.open.add(encrypted)
                self.handshakes.append((encrypted.version(), name, bool(encrypted.session_reused)))
                super()._serve(encrypted)
        finally:
            connection.close()
            self.open.discard(connection)

    def url(self, host: str = "localhost") -> str:
        """Its address."""
        return f"https://{host}:{self.port}/v1/chat"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The one that the clients trust."""
    return Authority("trusted", tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusting(client: Client, authority: Authority) -> Client:
    """Each client in turn; it trusts the authority alone."""
    client.patient(tls=trust(client, authority))
    return client


@pytest.fixture
def own_trusting(own: Client, authority: Authority) -> Client:
    """Our own client; it trusts the authority alone."""
    own.patient(tls=trust(own, authority))
    return own


def trust(client: Client, authority: Authority) -> ssl.SSLContext:
    """What a client of this kind takes to trust an authority."""
    return ClientContext.trusting(str(authority.file)) if client.own else ssl.create_default_context(cafile=str(authority.file))


@contextlib.contextmanager
def serving(certificate: Path, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Iterator[Encrypted]:
    """A server with a certificate."""
    with Encrypted(certificate, version) as server:
        yield server


VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_server_of_a_trusted_authority_is_asked(trusting: Client, authority: Authority, version: str, host: str):
    """By its name, which it is told, or by its address; a connection is used again; HTTP/1.1 is what is spoken."""
    with serving(authority.certificate(), VERSIONS[version]) as server:
        for script in ([answer()], [STREAM, *[chunk(ANSWER[at : at + 1]) for at in range(len(ANSWER))], END]):
            server.script = script
            assert trusting.ask(server.url(host), b"x" * 100_000).body == ANSWER
        assert server.handshakes == [(version, "localhost" if host == "localhost" else None, False)]
        assert [body for _, body in server.received] == [b"x" * 100_000] * 2


@pytest.mark.parametrize("case", ["expired", "not_yet_good", "wrong_name", "wrong_address", "self_signed", "unknown_authority"])
def test_a_server_that_is_not_trusted_is_told_nothing(trusting: Client, authority: Authority, tmp_path: Path, case: str):
    """Expired, early, of another name, signed by itself or by a stranger: not a byte of the question leaves."""
    certificate = {
        "expired": lambda: authority.certificate(days=(-3, -1)),
        "not_yet_good": lambda: authority.certificate(days=(1, 3)),
        "wrong_name": lambda: authority.certificate("example.org"),
        "wrong_address": lambda: authority.certificate("localhost 127.0.0.2"),
        "self_signed": lambda: authority.certificate(own_hand=True),
        "unknown_authority": lambda: Authority("stranger", tmp_path).certificate(),
    }[case]()
    with serving(certificate) as server:
        with pytest.raises(Unavailable) as raised:
            trusting.ask(server.url("127.0.0.1" if case == "wrong_address" else "localhost"))
        assert raised.value.code == "upstream_unreachable"
        assert server.freed()
        assert server.received == []


def test_without_more_the_system_is_trusted(client: Client, authority: Authority):
    """An authority that the system does not know is no authority."""
    with serving(authority.certificate()) as server:
        with pytest.raises(Unavailable):
            client.ask(server.url())
        assert server.received == []


def test_the_variable_of_openssl_names_more_authorities(own: Client, authority: Authority, monkeypatch: pytest.MonkeyPatch):
    """``SSL_CERT_FILE`` is how a ministry's own authority is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with serving(authority.certificate()) as server:
        assert own.ask(server.url()).body == ANSWER


def test_an_old_protocol_is_not_spoken(trusting: Client, authority: Authority):
    """TLS 1.1 is refused."""
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        server = Encrypted(authority.certificate(), ssl.TLSVersion.TLSv1_1)
    with server:
        with pytest.raises(Unavailable):
            trusting.ask(server.url())
        assert server.received == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_is_taken_up_again(own_trusting: Client, authority: Authority, version: str):
    """A second connection to a server that closes is a short handshake, and its answer as good."""
    with serving(authority.certificate(), VERSIONS[version]) as server:
        server.script = [answer(), None]
        for _ in range(4):
            assert own_trusting.ask(server.url()).body == ANSWER
            assert server.freed()
        assert [taken_up for _, _, taken_up in server.handshakes] == [False, True, True, True]


def test_a_session_is_no_pass_for_another_server(own_trusting: Client, authority: Authority, tmp_path: Path):
    """Who cannot take the session up must show a certificate, and a bad one is refused as ever."""
    with serving(authority.certificate()) as server:
        server.script = [answer(), None]
        assert own_trusting.ask(server.url()).body == ANSWER
        assert server.freed()
        server.context(Authority("stranger", tmp_path).certificate())
        assert fault(own_trusting, server, server.url()) == "upstream_unreachable"
        server.context(authority.certificate())
        assert own_trusting.ask(server.url()).body == ANSWER
        assert len(server.received) == 2


def test_a_server_that_stops_in_the_handshake_is_not_waited_for(trusting: Client):
    """A connection without TLS on it is a timeout after ``connect_seconds``."""
    trusting.patient(connect_seconds=0.4)
    with socket.create_server(("127.0.0.1", 0)) as mute, pytest.raises(Unavailable) as raised:
        trusting.ask(f"https://127.0.0.1:{mute.getsockname()[1]}/")
    assert raised.value.code == "upstream_timeout"


def test_a_server_without_tls_is_told_nothing(trusting: Client):
    """Plain HTTP where TLS is expected is no answer, and the question is not in what was sent."""
    trusting.patient(connect_seconds=0.5)
    with Upstream() as plain:
        with pytest.raises(Unavailable):
            trusting.ask(f"https://127.0.0.1:{plain.port}/", b"the question")
        assert plain.received == []


def test_an_answer_that_is_not_read_holds_the_server_back(trusting: Client, authority: Authority):
    """TLS holds no more of it than a plain connection does."""
    sent, held = [0], threading.Event()

    def send(connection: socket.socket) -> None:
        connection.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while sent[0] < 1 << 28:
                sent[0] += connection.send(chunk(b"x" * 60_000))
        held.set()

    async def walk() -> int:
        response = await (await trusting.opened()).post(server.url(), {}, b"{}")
        before = tracemalloc.get_traced_memory()[0]
        while not held.is_set():
            await asyncio.sleep(0.05)
        grown = tracemalloc.get_traced_memory()[0] - before
        response.close()
        await asyncio.sleep(0.05)
        return grown

    with serving(authority.certificate()) as server:
        server.script = [STREAM, send, None]
        tracemalloc.start()
        try:
            grown = trusting.run(walk())
        finally:
            tracemalloc.stop()
        assert server.freed()
    assert (grown < 2 << 20, sent[0] < 1 << 28) == (True, True), (grown, sent)


BROKEN = {
    "short_length": [answer()[:-9], None],
    "half_closed": [answer()[:-9], lambda to: to.unwrap()],
    "chunks_cut": [STREAM, chunk(b"abc"), None],
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_answer_that_is_cut_is_not_whole(trusting: Client, authority: Authority, name: str):
    """Whether TLS was ended in order or not, a body that lacks its end has broken off."""
    with serving(authority.certificate()) as server:
        server.script = BROKEN[name]
        assert fault(trusting, server, server.url()) == "upstream_broke_off"
        server.script = [answer()]
        assert trusting.ask(server.url()).body == ANSWER


def test_an_answer_that_ends_with_its_connection_is_whole(trusting: Client, authority: Authority):
    """Where no length is said, the end of the connection is the end of the answer."""
    with serving(authority.certificate()) as server:
        server.script = [b"HTTP/1.1 200 OK\r\n\r\n" + ANSWER, lambda to: to.unwrap()]
        assert trusting.ask(server.url()).body == ANSWER


def test_a_connection_that_ended_while_idle_is_replaced(own_trusting: Client, authority: Authority):
    """Over TLS too a question is not written into a connection that has ended."""
    with serving(authority.certificate()) as server:
        seen = connections(server)

        async def walk() -> bytes:
            await own_trusting.asked(server.url())
            seen[-1].shutdown(socket.SHUT_RDWR)
            return (await own_trusting.asked(server.url())).body

        assert own_trusting.run(walk()) == ANSWER
        assert (len(server.handshakes), len(server.received)) == (2, 2)
