"""How vendors differ who all say that they speak chat completions: the same answers, each in its own manner. Pure.

Source: the public references of OpenAI, Azure, Model Studio (DashScope), Qianfan, Mistral, Ollama, llama.cpp and vLLM, and what
their users report. A provider answers in a manner under ``/<name>/...``, with the path that the vendor has behind its host.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from .speech import Complaint, completion, events, reply, usage_wanted
from .tongue import Asked, Spoken, SpokenEvent

__all__ = ["MANNERS", "Manner"]

_FOUND = {"hate": {"filtered": False, "severity": "safe"}}
_TIMES = {"timings": {"prompt_n": 7, "prompt_ms": 1.5, "predicted_n": 3, "predicted_ms": 2.25}}
_NINE = re.compile(r"[a-zA-Z0-9]{9}")
_IN_MESSAGES = {
    "system": frozenset({"role", "content"}),
    "user": frozenset({"role", "content"}),
    "assistant": frozenset({"role", "content", "tool_calls", "prefix"}),
    "tool": frozenset({"role", "content", "tool_call_id", "name"}),
}


class Manner:
    """Chat completions as vLLM, and whoever is not told apart here, speaks them.

    Attributes:
        path: behind the host of the simulated provider.
    """

    path = "/vllm/v1"

    def hears(self, method: str, path: str) -> bool:
        """Whether this is the address of the manner."""
        return method == "POST" and path == f"{self.path}/chat/completions"

    def answer(self, asked: Asked) -> Spoken:
        """An answer, or its chunks. Raises ``Complaint``."""
        body = dict(asked.body)
        self.check(body)
        said = reply(body, asked.name, asked.models, asked.language)
        if body.get("stream") is not True:
            return Spoken(self.whole(completion(said, asked.counted)))
        chunks = self.chunks(list(events(said, asked.counted and self.counts(body), asked.chunks)))
        return Spoken(events=tuple(SpokenEvent("", chunk, piece=True) for chunk in chunks), last=b"[DONE]")

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:  # noqa: ARG002
        """An error whose fields stand in the document itself."""
        kind = "BadRequestError" if status < 500 else "InternalServerError"
        return SpokenEvent("", {"object": "error", "message": message, "type": kind, "param": param, "code": status})

    def check(self, body: dict[str, Any]) -> None:
        """Refuse what the vendor does. Raises ``Complaint``."""

    def counts(self, body: dict[str, Any]) -> bool:
        """Whether a stream ends with an event that counts tokens."""
        return usage_wanted(body)

    def whole(self, document: dict[str, Any]) -> dict[str, Any]:
        """A whole answer with what the vendor adds."""
        message = document["choices"][0]["message"]
        message |= {"reasoning_content": None, "function_call": None, "tool_calls": message.get("tool_calls", [])}
        document["choices"][0] |= {"stop_reason": None, "token_ids": None}
        return document | {"service_tier": None, "prompt_logprobs": None, "kv_transfer_params": None}

    def chunks(self, chunks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The chunks as the vendor cuts and marks them."""
        yield from chunks


class OpenAI(Manner):
    """OpenAI's own: models that think refuse ``max_tokens``; chunks carry a filling against those who count bytes."""

    path = "/openai/v1"

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:
        """OpenAI's error."""
        kind = "invalid_request_error" if status < 500 else "server_error"
        return SpokenEvent("", {"error": {"message": message, "type": kind, "param": param, "code": code}})

    def check(self, body: dict[str, Any]) -> None:
        """Models from GPT-5 on think."""
        if "max_tokens" in body and re.match(r"gpt-[5-9]|o\d", str(body.get("model"))):
            message = (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
            )
            raise Complaint(400, "unsupported_parameter", message, "max_tokens")

    def whole(self, document: dict[str, Any]) -> dict[str, Any]:
        """Usage in detail."""
        document["choices"][0]["message"] |= {"annotations": []}
        details = {"prompt_tokens_details": {"cached_tokens": 0}, "completion_tokens_details": {"reasoning_tokens": 0}}
        return document | {"usage": document.get("usage", {}) | details, "service_tier": "default"}

    def chunks(self, chunks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """With their filling."""
        for chunk in chunks:
            yield chunk | {"service_tier": "default", "obfuscation": "x8Kq"}


class Azure(OpenAI):
    """Azure's OpenAI: the first chunk has no choice in it, and what filters found stands everywhere."""

    path = "/azure/openai/v1"

    def whole(self, document: dict[str, Any]) -> dict[str, Any]:
        """With what the filters found."""
        document["choices"][0] |= {"content_filter_results": _FOUND}
        return document | {"prompt_filter_results": [{"prompt_index": 0, "content_filter_results": _FOUND}]}

    def chunks(self, chunks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """What was found of the prompt comes first, with nothing else."""
        prompt = [{"prompt_index": 0, "content_filter_results": _FOUND}]
        yield {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": prompt}
        for chunk in chunks:
            for choice in chunk["choices"]:
                choice |= {"content_filter_results": _FOUND}
            yield chunk


class DashScope(OpenAI):
    """Model Studio: thoughts beside words in each delta, ids of calls in the first piece alone, errors with a request's id."""

    path = "/dashscope/compatible-mode/v1"

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:
        """OpenAI's error, and the request's id."""
        document = super().error(status, code or "invalid_parameter_error", message, param).document
        return SpokenEvent("", document | {"request_id": "simulated"})

    def check(self, body: dict[str, Any]) -> None:
        """Thinking models answer in streams alone."""
        if body.get("enable_thinking") is True and body.get("stream") is not True:
            raise Complaint(
                400, "invalid_parameter_error", "parameter.enable_thinking must be set to false for non-streaming calls"
            )

    def chunks(self, chunks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Empty thoughts, empty ids, and no fingerprint."""
        for chunk in chunks:
            for choice in chunk["choices"]:
                delta = choice["delta"]
                delta |= {"content": delta.get("content"), "reasoning_content": None}
                for call in delta.get("tool_calls", ()):
                    call |= {"id": call.get("id", ""), "type": "function"}
            yield chunk | {"system_fingerprint": None, "usage": chunk.get("usage")}


class Qianfan(OpenAI):
    """Qianfan v2: an answer that was not cut ends ``normal``, each choice has a flag, and the last words may not be blank."""

    path = "/qianfan/v2"

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:  # noqa: ARG002
        """An error without a parameter, and with the answer's id."""
        kind = "invalid_request_error" if status < 500 else "internal_error"
        return SpokenEvent("", {"error": {"code": code, "message": message, "type": kind}, "id": "as-simulated"})

    def check(self, body: dict[str, Any]) -> None:
        """No blank question."""
        messages = body.get("messages") or [{}]
        if isinstance(last := messages[-1].get("content"), str) and not last.strip():
            raise Complaint(400, "invalid_messages", "messages: the last content must not be blank")

    def whole(self, document: dict[str, Any]) -> dict[str, Any]:
        """With ids and ends of its own."""
        document["choices"] = [self._choice(choice) for choice in document["choices"]]
        document.pop("system_fingerprint", None)
        return document | {"id": "as-" + document["id"][-10:]}

    def chunks(self, chunks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The same for each."""
        for chunk in chunks:
            yield self.whole(chunk)

    def _choice(self, choice: dict[str, Any]) -> dict[str, Any]:
        ended = "normal" if choice["finish_reason"] == "stop" else choice["finish_reason"]
        return choice | {"finish_reason": ended, "flag": 0}


class Mistral(OpenAI):
    """Mistral's own: other fields than its own are refused, ids of calls have nine letters, usage comes unasked."""

    path = "/mistral/v1"
    _known = frozenset(
        "model messages temperature top_p top_k max_tokens min_tokens stream stop random_seed metadata response_format tools n"
        " tool_choice presence_penalty frequency_penalty repetition_penalty prediction parallel_tool_calls prompt_mode"
        " guardrails reasoning_effort safe_prompt prompt_cache_key logprobs top_logprobs service_tier".split()
    )

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:  # noqa: ARG002
        """Faults with their places, or words."""
        faults = {"detail": [{"type": "extra_forbidden", "loc": param.split("."), "msg": message}]} if param else message
        return SpokenEvent("", {"object": "error", "message": faults, "type": "invalid_request_error", "code": None})

    def check(self, body: dict[str, Any]) -> None:
        """Nothing that it does not know, and no id but its own."""
        self._refuse(body, self._known, "body")
        for message in body.get("messages") or ():
            self._refuse(message, _IN_MESSAGES[message["role"]], f"body.messages.{message['role']}")
            for name in [call["id"] for call in message.get("tool_calls") or ()] + [message.get("tool_call_id", "a" * 9)]:
                if not _NINE.fullmatch(name):
                    fault = f"Tool call id was {name} but must be a-z, A-Z, 0-9, with a length of 9."
                    raise Complaint(400, "invalid_request_error", fault)

    def counts(self, body: dict[str, Any]) -> bool:  # noqa: ARG002
        """Always."""
        return True

    def whole(self, document: dict[str, Any]) -> dict[str, Any]:
        """Ids of nine letters."""
        message = document["choices"][0]["message"]
        message.pop("refusal")
        for call in message.get("tool_calls", ()):
            call |= {"id": self._nine(call["id"]), "index": 0}
        document.pop("system_fingerprint")
        return document

    def chunks(self, chunks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """A call comes whole with the end of its answer; the usage stands in the last chunk that has a choice."""
        first, *between, last, counted = chunks if "usage" in chunks[-1] and not chunks[-1]["choices"] else [*chunks, {}]
        usage = {"usage": counted["usage"]} if counted else {}
        calls = first["choices"][0]["delta"].get("tool_calls")
        if calls:
            pieces = [chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"] for chunk in between]
            call = calls[0] | {"id": self._nine(calls[0]["id"])}
            call["function"] = {"name": calls[0]["function"]["name"], "arguments": "".join(pieces)}
            first["choices"][0]["delta"] = {"role": "assistant", "content": ""}
            last["choices"][0]["delta"] = {"tool_calls": [call]}
            between = []
        for chunk in (first, *between):
            yield {name: value for name, value in chunk.items() if name != "usage"}
        yield last | usage

    def _refuse(self, holder: dict[str, Any], known: frozenset[str], where: str) -> None:
        for name in holder:
            if name not in known:
                raise Complaint(422, "extra_forbidden", "Extra inputs are not permitted", f"{where}.{name}")

    def _nine(self, name: str) -> str:
        return hashlib.sha256(name.encode()).hexdigest()[:9]


class Ollama(OpenAI):
    """Ollama: short ids, a call in one piece with the end after it; what it does not know it reads over."""

    path = "/ollama/v1"

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:  # noqa: ARG002
        """An error that has words alone."""
        return SpokenEvent("", {"error": {"message": message, "type": "api_error", "param": None, "code": None}})

    def whole(self, document: dict[str, Any]) -> dict[str, Any]:
        """Ollama's own names."""
        message = document["choices"][0]["message"]
        message |= {"content": message["content"] or ""}
        return document | {"id": "chatcmpl-12", "system_fingerprint": "fp_ollama"}

    def chunks(self, chunks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """A call in one piece."""
        calls = chunks[0]["choices"][0]["delta"].get("tool_calls")
        for number, chunk in enumerate(chunks):
            later = [call for choice in chunk["choices"] for call in choice["delta"].get("tool_calls", ())] if number else []
            if calls and later:
                calls[0]["function"]["arguments"] += later[0]["function"]["arguments"]
        for number, chunk in enumerate(chunks):
            if not (calls and number and any("tool_calls" in choice["delta"] for choice in chunk["choices"])):
                yield chunk | {"id": "chatcmpl-12", "system_fingerprint": "fp_ollama"}


class LlamaCpp(OpenAI):
    """llama.cpp's server: times beside the tokens, and errors whose code is the status."""

    path = "/llamacpp/v1"

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:  # noqa: ARG002
        """An error whose code is the status."""
        kind = "invalid_request_error" if status < 500 else "server_error"
        return SpokenEvent("", {"error": {"code": status, "message": message, "type": kind}})

    def whole(self, document: dict[str, Any]) -> dict[str, Any]:
        """With times."""
        return document | _TIMES

    def chunks(self, chunks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The last has the times."""
        chunks[0]["choices"][0]["delta"].setdefault("content", None)
        yield from chunks[:-1]
        yield chunks[-1] | _TIMES


MANNERS: tuple[Manner, ...] = (Manner(), OpenAI(), Azure(), DashScope(), Qianfan(), Mistral(), Ollama(), LlamaCpp())
"""Every manner."""
