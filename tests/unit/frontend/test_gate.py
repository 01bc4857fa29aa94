"""The gate: of a session that has ended nothing that was pressed or typed gets through."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from frontend.sign_in.gate import Gate
from shared.access.roles import Caller
from shared.lake.store import StoreUnreachable


def pressed() -> bytes:
    """What a page sends when a button in a fragment is pressed."""
    message = BackMsg()
    message.rerun_script.query_string = "range=7d"
    message.rerun_script.page_script_hash = "abc"
    message.rerun_script.fragment_id = "part"
    state = message.rerun_script.widget_states.widgets.add()
    state.id, state.trigger_value = "resolve", True
    return bytes(message.SerializeToString())


def upload() -> bytes:
    message = BackMsg()
    message.file_urls_request.request_id = "1"
    return bytes(message.SerializeToString())


def through(sent: list[bytes], who: list[Caller | Exception | None]) -> tuple[list[bytes], list[Message]]:
    """What reaches the pages of what is sent, while the session is of each of `who` in turn, and what is answered."""
    left, messages, reached, answered = list(who), list(sent), list[bytes](), list[Message]()

    async def caller(_headers: Any) -> Caller | None:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Exception):
            raise found
        return found

    async def page(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (message := await receive())["type"] == "websocket.receive":
            reached.append(message["bytes"])

    async def receive() -> Message:
        await asyncio.sleep(0)
        return {"type": "websocket.receive", "bytes": messages.pop(0)} if messages else {"type": "websocket.disconnect"}

    async def send(message: Message) -> None:
        answered.append(message)

    gate = Gate(page, SimpleNamespace(caller=caller))  # type: ignore[arg-type]
    asyncio.run(gate({"type": "websocket", "path": "/_stcore/stream", "headers": []}, receive, send))
    return reached, answered


ANN = Caller("ann", "operator")


def test_all_gets_through_while_the_session_lasts() -> None:
    assert through([pressed(), upload()], [ANN]) == ([pressed(), upload()], [])


@pytest.mark.parametrize("now", [None, StoreUnreachable("The store does not answer.")])
def test_then_only_the_wish_to_be_drawn_anew_does(now: Exception | None) -> None:
    reached, _ = through([pressed(), upload(), b"\xff\xff", b"", pressed()], [ANN, ANN, now])
    assert reached[0] == pressed()
    assert len(reached) == 2
    bare = BackMsg.FromString(reached[1])
    assert (bare.rerun_script.query_string, bare.rerun_script.page_script_hash) == ("range=7d", "abc")
    assert not bare.rerun_script.fragment_id
    assert not bare.rerun_script.widget_states.widgets


def test_nobody_connects_without_a_session() -> None:
    reached, answered = through([pressed()], [None])
    assert reached == []
    assert answered == [{"type": "websocket.close", "code": 1008}]
