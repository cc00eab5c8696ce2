"""What is asked, as bytes, and a look at one answer before anything is measured. Knows HTTP and the OpenAI shapes only."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PACE_MS", "WORKLOADS", "Workload", "probe", "write_request"]

PACE_MS = 20
BODY_BYTES = 444
EVENTS = 51


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked, and by how many at once. ``only``: the gateways that know this model, empty for all."""

    name: str
    model: str
    stream: bool
    connections: int
    only: tuple[str, ...] = ()

    @property
    def paced(self) -> bool:
        """Whether the upstream sends one event each ``PACE_MS``, as a model does, so that no core is at its limit."""
        return self.model == "bench-paced"


WORKLOADS = (
    Workload("json", "bench", stream=False, connections=32),
    Workload("json-one", "bench", stream=False, connections=1),
    Workload("json-auto", "auto", stream=False, connections=32, only=("daffa",)),
    Workload("stream", "bench", stream=True, connections=32),
    Workload("stream-restore", "bench-paris", stream=True, connections=32, only=("daffa",)),
    Workload("stream-paced", "bench-paced", stream=True, connections=32),
)

# Two findings for a privacy scan: an address and a telephone.
QUESTION = (
    "Bonjour, ma carte nationale expire le mois prochain. Quelles pieces dois-je apporter au centre d'enregistrement ? "
    "Repondez-moi a s.amrani@example.ma ou au 0661234567. Merci beaucoup. "
)


def body_of(workload: Workload) -> bytes:
    """The request, ``BODY_BYTES`` long whatever the model and the mode: the question is filled up with its own words."""
    system = {"role": "system", "content": "Vous renseignez les citoyens, brievement."}
    user = {"role": "user", "content": ""}
    request = {"model": workload.model, "messages": [system, user], "temperature": 0.2, "max_tokens": 200}
    if workload.stream:
        request["stream"] = True
    room = BODY_BYTES - len(json.dumps(request, separators=(",", ":")))
    user["content"] = (QUESTION * 3)[:room]
    return json.dumps(request, separators=(",", ":")).encode()


def write_request(path: Path, workload: Workload, key: str) -> None:
    """The file that ``wrk.lua`` and ``probe`` read: headers, an empty line, the body. All gateways get the same headers."""
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {key}",
        "X-Daffa-Label": "level=internal",
        "X-Daffa-Purpose": "public_service",
    }
    path.write_bytes("".join(f"{name}: {value}\n" for name, value in headers.items()).encode() + b"\n" + body_of(workload))


def probe(port: int, request: Path, workload: Workload, *, daffa: bool) -> int:
    """Ask once over a raw socket and check the answer; its size on the wire, headers and chunk marks counted.

    Raises ``SystemExit`` with the beginning of an answer that is not what a client expects.
    """
    headers, _, body = request.read_bytes().partition(b"\n\n")
    lines = [b"POST /v1/chat/completions HTTP/1.1", b"Host: 127.0.0.1:%d" % port]
    lines += [*headers.split(b"\n"), b"Content-Length: %d" % len(body)]
    with socket.create_connection(("127.0.0.1", port), timeout=60) as link:
        link.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        answer = _read_answer(link)
    head, _, content = answer.partition(b"\r\n\r\n")
    good = head.startswith(b"HTTP/1.1 200 ")
    if workload.stream:
        # A gateway may add or drop an event (usage); what matters is that the stream came whole and to its end.
        good = good and content.count(b"data: ") >= EVENTS - 2 and b"data: [DONE]" in content
    else:
        good = good and b'"finish_reason":"stop"' in content.replace(b": ", b":")
    if daffa:
        good = good and re.search(rb"(?i)\r\nx-daffa-decision: \S+#\d+", head) is not None
    if not good:
        raise SystemExit(f"{request.stem}: unexpected answer:\n{answer[:1500].decode('utf-8', 'replace')}")
    return len(answer)


def _read_answer(link: socket.socket) -> bytes:
    """Everything up to the end that Content-Length or the last chunk says."""
    answer = b""
    while piece := link.recv(65536):
        answer += piece
        head, _, content = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        if content.endswith(b"0\r\n\r\n") if length is None else len(content) >= int(length[1]):
            break
    return answer
