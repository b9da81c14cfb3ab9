"""Answers that the screens of a process share: built once for each change, sent only to those who have not got them."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from pages.live.watcher import Watcher

_Built = TypeVar("_Built")
_MOST = 1000
_PRIVATE = {"cache-control": "private, no-store"}  # the front desk's browser is everybody's


@dataclass(frozen=True)
class Answer:
    content: bytes
    etag: str


def answer_of(payload: Mapping[str, Any], *, read_at: str) -> Answer:
    """`read_at` orders the answers in the browser; alone it makes no new one."""
    content = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    etag = f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'
    head = json.dumps({"etag": etag, "read_at": read_at})[:-1].encode()
    return Answer(head + b"," + content[1:], etag)


def response(request: Request, answer: Answer) -> Response:
    headers = {"etag": answer.etag, **_PRIVATE}
    if request.headers.get("if-none-match") == answer.etag:
        return Response(status_code=304, headers=headers)
    return Response(answer.content, headers=headers, media_type="application/json")


class SharedAnswers:
    """Trusts its copies only while the watcher looks: without it nobody would notice that they are out of date."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._version = -1
        self._answers: dict[object, asyncio.Task[Any]] = {}
        # Two at a time: a hundred threads would only take each other's turn, and a click's among them.
        self._limiter = CapacityLimiter(2)

    async def get(self, key: object, build: Callable[[], _Built]) -> _Built:
        if not self._watcher.is_watching:
            return await to_thread.run_sync(build)
        if self._version != self._watcher.version or len(self._answers) >= _MOST:
            self._version, self._answers = self._watcher.version, {}
        building = self._answers.get(key)
        if building is None:
            building = self._answers[key] = asyncio.create_task(self._build(key, build))
        built: _Built = await asyncio.shield(building)
        return built

    async def _build(self, key: object, build: Callable[[], _Built]) -> _Built:
        try:
            return await to_thread.run_sync(build, limiter=self._limiter)
        except BaseException:
            self._answers.pop(key, None)  # the next one to ask tries again
            raise
