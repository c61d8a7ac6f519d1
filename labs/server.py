"""Generation by an OpenAI-compatible server: transformers serve, vLLM, Ollama.

Requests go out a few at a time; batching them is the server's work. `LABS_API_KEY` is
the token of a server that asks for one. How to start servers: docs/servers.md.
"""

import http.client
import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from labs.errors import LabsError
from labs.models import GREEDY, Draw, Generation
from labs.prompts import Messages

TIMEOUT_S = 300.0  # a class of 30 may have 240 requests before this one in the queue
TRIES = 4  # of a server that stumbles
BUSY = (429, 503)  # a full queue empties: HTTP 429 Too Many Requests, 503 Unavailable
TRIES_WHEN_BUSY = 7
WAIT_S = 1.0  # before the second try, about; 3, 7, 15 s before those that follow
LONGEST_WAIT_S = 60.0
REQUESTS_AT_ONCE = 8


def _is_address(text: str) -> bool:
    try:
        scheme, host = urllib.parse.urlsplit(text)[:2]
    except ValueError:  # an open bracket
        return False
    return scheme in ("http", "https") and bool(host)


class ChatServer:
    """The chat completions of one model on one server.

    Raises:
        LabsError: `base_url` is no address.
    """

    context_window = 4_096  # the protocol does not tell; what any server's model has

    def __init__(self, base_url: str, model: str) -> None:
        if not _is_address(base_url):
            raise LabsError(
                f"LABS_BASE_URL is {base_url!r}, expected the address of an "
                "OpenAI-compatible server, such as http://localhost:8000/v1."
            )
        self.url = f"{base_url}/chat/completions"
        self.model = model
        self.identity = {"server": base_url, "model": model}

    def run(
        self, prompts: Sequence[Messages], max_new_tokens: int, draw: Draw = GREEDY
    ) -> Iterator[Mapping[int, Generation]]:
        """Answers by position, one at a time, as they come.

        Raises:
            LabsError: the server cannot be reached, is too slow, or refuses.
        """
        pool = ThreadPoolExecutor(REQUESTS_AT_ONCE)
        try:
            pending = {
                pool.submit(self._complete, messages, max_new_tokens, draw): i
                for i, messages in enumerate(prompts)
            }
            for done in as_completed(pending):
                yield {pending[done]: done.result()}
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _complete(
        self, messages: Messages, max_new_tokens: int, draw: Draw
    ) -> Generation:
        body = {
            "model": self.model,
            "messages": messages,
            "max_tokens": max_new_tokens,
            "temperature": draw.temperature,
            "frequency_penalty": 0,  # transformers serve: nor what a checkpoint prefers
        }
        if draw:
            body["seed"] = draw.seed
        started_s = time.perf_counter()
        reply = self._post(json.dumps(body).encode())
        return self._read(reply, time.perf_counter() - started_s)

    def _post(self, body: bytes) -> bytes:
        """The reply; a server that is busy or stumbles is asked again, more slowly."""
        attempt, tries, asked_s = 0, TRIES, 0.0
        while attempt < tries:
            time.sleep(max(asked_s, _wait_s(attempt)))
            attempt, asked_s = attempt + 1, 0.0
            try:
                return self._send(body)
            except urllib.error.HTTPError as error:
                problem = self._refusal(error)
                if error.code in BUSY:
                    tries, asked_s = TRIES_WHEN_BUSY, _retry_after_s(error)
                elif error.code < 500:
                    break
            except (OSError, ValueError, http.client.HTTPException) as error:
                reason = getattr(error, "reason", error)
                problem = str(reason) or repr(reason)
                if not isinstance(reason, ConnectionError):
                    break
        raise LabsError(
            f"The server at {self.url} does not answer for the model {self.model}: "
            f"{problem}. Expected an OpenAI-compatible server. Check that it runs, "
            "LABS_BASE_URL (its address, often ending in /v1), LABS_MODEL (the name "
            "under which it serves the model) and LABS_API_KEY (if it asks for a "
            "token). What was answered so far is kept."
        )

    def _send(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url, body, headers)
        if token := os.environ.get("LABS_API_KEY"):  # not to where a reply redirects
            request.add_unredirected_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
            return reply.read()

    def _refusal(self, error: urllib.error.HTTPError) -> str:
        said = " ".join(error.read(300).decode(errors="replace").split())
        return f"HTTP {error.code} {error.reason} {said}".strip().rstrip(".")

    def _read(self, reply: bytes, seconds: float) -> Generation:
        try:
            content: Any = json.loads(reply)
            text = content["choices"][0]["message"]["content"].strip()
            if text.startswith("<think>"):
                raise ValueError("thinks aloud")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise LabsError(
                f"The server at {self.url} replied {reply[:200]!r}, expected a chat "
                "completion with an answer in it. If the model thinks aloud first, "
                "switch that off on the server; otherwise check LABS_BASE_URL."
            ) from error
        usage = content.get("usage") or {}
        tokens_in, tokens_out = (
            usage.get(name) or 0 for name in ("prompt_tokens", "completion_tokens")
        )
        return Generation(text, tokens_in, tokens_out, seconds)


def _wait_s(attempt: int) -> float:
    """Twice as long each time, and not the same for all who are turned away at once."""
    return min(LONGEST_WAIT_S, WAIT_S * (2**attempt - 1)) * random.uniform(0.75, 1.25)


def _retry_after_s(error: urllib.error.HTTPError) -> float:
    """What the server asks for, in seconds; 0 where it asks for nothing, or a date."""
    given = (error.headers.get("Retry-After") or "").strip()
    return min(LONGEST_WAIT_S, float(given)) if given.isdecimal() else 0.0
