"""A server of repositories over TLS, by git's own CGI program; and one that is out to do harm."""

import contextlib
import os
import ssl
import subprocess
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typing_extensions import override

HOST = "forge.example.com"

Answer = Callable[["Request"], None]


def make_certificates(folder: Path) -> tuple[Path, Path]:
    """Those of an authority, and of HOST with its key; they end with the test."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
    now = datetime.now(UTC)

    def certify(names: list[str], public_key: ec.EllipticCurvePublicKey) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]) if names else name
        builder = (
            x509.CertificateBuilder()
            .issuer_name(name)
            .subject_name(subject)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
        )
        if names:
            of_names = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
            builder = builder.add_extension(of_names, critical=False)
        return builder.sign(key, hashes.SHA256())

    server_key = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    authority, server = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(certify([], key.public_key()).public_bytes(pem))
    server.write_bytes(
        server_key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certify([HOST], server_key.public_key()).public_bytes(pem)
    )
    return authority, server


class Request(BaseHTTPRequestHandler):
    """Given to the forge's `answer`, or to git."""

    protocol_version = "HTTP/1.1"
    server: "_Server"  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        forge = self.server.forge
        forge.seen.append(f"{self.command} {self.path}")
        forge.headers.append(dict(self.headers.items()))
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            (forge.answer or Request.serve_git)(self)

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def begin(self, content_type: str) -> None:
        """An answer that has no end but the connection's."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.end_headers()

    def serve_git(self) -> None:
        path, _, query = self.path.partition("?")
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self._read_chunks()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        done = subprocess.run(
            ["git", "http-backend"],  # noqa: S607
            input=body,
            env={
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(self.server.forge.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "GIT_CONFIG_GLOBAL": "/dev/null",
            },
            check=False,
            capture_output=True,
        )
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        status = int(headers.pop("Status", "200").split()[0])
        self.reply(status, self.server.forge.change(answer), **headers)

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    forge: "Forge"

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Connections that are given up are what some tests are about."""


@dataclass
class Forge:
    """`url` of it; `seen` are its requests. `answer` takes them instead of git, whose
    answers `change` changes."""

    root: Path
    port: int = 0
    seen: list[str] = field(default_factory=list[str])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    answer: Answer | None = None
    change: Callable[[bytes], bytes] = bytes

    def url(self, name: str) -> str:
        return f"https://{HOST}:{self.port}/{name}"


@contextlib.contextmanager
def serving(root: Path, certificate: Path) -> Generator[Forge]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with _Server(("127.0.0.1", 0), Request) as server:
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        server.forge = Forge(root, server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.forge
        finally:
            server.shutdown()
            thread.join()
