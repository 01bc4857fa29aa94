"""A delivery: one webhook request of GitHub, as it waits in the inbox."""

import base64
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

import orjson

from backend.mapping.stamp import Raw, Unusable
from backend.mapping.values import moment, text

DELIVERIES = "webhooks"
"""Under this name deliveries wait in the inbox, and those that cannot be read in quarantine."""

JSON = "application/json"

FORM = "application/x-www-form-urlencoded"
"""GitHub's default: the JSON is the field `payload` of a form."""


@dataclass(frozen=True)
class Delivery:
    """What GitHub said and when we heard it. delivery_id: the same when it is sent again.

    body: as it was signed.  told: what was in it, where the inbox has that instead of the body.
    """

    event: str
    delivery_id: str
    received_at: datetime
    body: bytes
    content_type: str = JSON
    told: Raw | None = None

    def line(self) -> bytes:
        """The delivery as a line of the inbox.

        A body that looks like JSON on one line stands there as it came, since to quote it takes as long as to check
        its signature; fold says so if it is none. Others are quoted, or kept in base64 if they are no text.
        """
        around = self.around()
        if self._is_one_line_of_json():
            # It goes first: of two keys of the same name the last counts, and what is signed is not to name its time.
            return b'{"payload":%b,%b\n' % (self.body, orjson.dumps(around)[1:])
        try:
            body = {"body": self.body.decode()}
        except UnicodeDecodeError:
            body = {"body_base64": base64.b64encode(self.body).decode()}
        return orjson.dumps({**around, **body}, option=orjson.OPT_APPEND_NEWLINE)

    def around(self) -> Raw:
        """All but what was sent."""
        return {
            "event": self.event,
            "delivery_id": self.delivery_id,
            "received_at": self.received_at,
            "content_type": self.content_type,
        }

    def _is_one_line_of_json(self) -> bool:
        body = self.body
        return (
            self.content_type == JSON
            and body[:1] == b"{"
            and body[-1:] == b"}"
            and body.isascii()
            and b"\n" not in body
            and b"\r" not in body
        )

    @classmethod
    def of(cls, line: Raw) -> "Delivery":
        """Reads what `line` wrote. Raises Unusable."""
        event, delivery_id = text(line.get("event")), text(line.get("delivery_id"))
        received_at, body, packed = moment(line.get("received_at")), line.get("body"), line.get("body_base64")
        if event is None or delivery_id is None or received_at is None:
            raise Unusable("no event, delivery_id or received_at")
        told = line.get("payload")
        if told is not None and not isinstance(told, dict):
            raise Unusable("the body is not a JSON object")
        whole = base64.b64decode(packed) if isinstance(packed, str) else str(body or "").encode("utf-8", "replace")
        return cls(event, delivery_id, received_at, whole, text(line.get("content_type")) or JSON, told)

    def payload(self) -> Raw:
        """The object that was sent. Raises Unusable."""
        if self.told is not None:
            return self.told
        body = self.body
        if self.content_type.partition(";")[0].strip().lower() == FORM:
            body = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100).get("payload", [""])[0].encode()
        try:
            payload = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Unusable(f"the body is not JSON: {error}") from None
        if not isinstance(payload, dict):
            raise Unusable("the body is not a JSON object")
        return payload
