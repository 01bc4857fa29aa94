"""The desk: takes a request, asks who it is from, finds the view, and adds GitHub's headers."""

import re
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Any

# The views register themselves with the table of routes when they are imported.
from tests.standins.github import account_views, agent_views, alert_views, app_views, code_views, run_views
from tests.standins.github.answers import RATE_DOCS, REST_DOCS, Answer, ApiError, error, weak_etag
from tests.standins.github.calls import Call, MovedError, Request
from tests.standins.github.routes import Route, find
from tests.standins.github.state import State
from tests.standins.github.tokens import ANONYMOUS, PUBLIC, Token

VIEWS = (account_views, agent_views, alert_views, app_views, code_views, run_views)
BY_ID = re.compile(r"/(repositories|organizations)/(\d+)(/.*)?")
API_HOST = b"https://api.github.com"


@dataclass
class Shelf:
    """Finished answers, the latest used ones, up to a number of bytes."""

    room: int
    _answers: "OrderedDict[Any, Answer]" = field(default_factory=OrderedDict)
    _held: int = 0

    def get(self, key: Any) -> Answer | None:
        """The answer kept under this key."""
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def put(self, key: Any, answer: Answer) -> None:
        """Keeps an answer, and gives up the longest unused ones for it."""
        if key in self._answers:
            self._held -= len(self._answers[key].body)
        self._answers[key] = answer
        self._held += len(answer.body)
        while self._held > self.room:
            _, oldest = self._answers.popitem(last=False)
            self._held -= len(oldest.body)


@dataclass
class Desk:
    """Answers requests from the state; `url` is how clients reach it, as every address it gives says."""

    state: State
    url: str = ""
    shelf: Shelf = field(default_factory=lambda: Shelf(room=2**30))

    def answer(self, request: Request) -> tuple[Answer, Token, int]:
        """The answer with its headers, who asked, and what it cost of the primary limit."""
        with self.state.lock:
            token, docs = ANONYMOUS, REST_DOCS
            try:
                token = self.state.tokens.identify(request.headers.get("authorization"), self.state.clock())
                call, route = self._call(request, token)
                docs = route.docs if route else docs
                found = self._view(call, route)
            except ApiError as problem:
                found = _problem(problem, docs)
                route = None
            found = _conditional(request, found)
            return self._charged(found, token, free=route is not None and route.free)

    def headers(self, token: Token) -> dict[str, str]:
        """The headers that every answer carries, whatever it says."""
        now = self.state.clock()
        scopes = {"x-oauth-scopes": ", ".join(token.scopes)} if token.kind == "classic" else {}
        return {
            "date": formatdate(now, usegmt=True),
            "content-type": "application/json; charset=utf-8",
            "cache-control": "private, max-age=60, s-maxage=60",
            "vary": "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding",
            "x-github-media-type": "github.v3; format=json",
            "x-github-request-id": uuid.uuid4().hex.upper(),
            **scopes,
            **self.state.tokens.allowance(token, now).headers(),
        }

    def _call(self, request: Request, token: Token) -> tuple[Call, Route | None]:
        request = replace(request, path=self._by_name(request.path))
        route, names = find(request.method, request.path) or (None, {})
        return Call(request, names, token, self.state, self.url), route

    def _by_name(self, path: str) -> str:
        """`/repositories/1/...` as `/repos/owner/name/...`, and organisations likewise."""
        found = BY_ID.fullmatch(path)
        if not found:
            return path
        noun, number, rest = found[1], int(found[2]), found[3] or ""
        if noun == "repositories":
            repo = self.state.repos.get(number)
            return f"/repos/{repo.full_name}{rest}" if repo else path
        logins = [account.login for account in self.state.accounts.values() if account.id == number]
        return f"/orgs/{logins[0]}{rest}" if logins else path

    def _view(self, call: Call, route: Route | None) -> Answer:
        if self.state.tokens.allowance(call.token, self.state.clock()).remaining == 0 and not (route and route.free):
            raise ApiError(403, _exhausted(call.token), RATE_DOCS)
        if route is None:
            raise ApiError(404, "Not Found", REST_DOCS)
        _permitted(call, route)
        key = self._key(call)
        kept = self.shelf.get(key) if route.kept else None
        if kept is None:
            kept = self._finished(route.view(call), route)
            if route.kept:
                self.shelf.put(key, kept)
        return kept

    def _key(self, call: Call) -> tuple[Any, ...]:
        limits = (self.state.search_limit, self.state.unfiltered_limit)
        version = call.repo.version if "repo" in call.names else self.state.version
        # The repository's id stands for it, because another one may take over its name.
        subject = call.repo.id if "repo" in call.names else None
        return (call.request.target, subject, call.token, version, limits)

    def _finished(self, found: Answer, route: Route) -> Answer:
        """The answer under this server's address, packed once for all who ask, with the tag of its bytes."""
        packed = replace(found, body=found.body.replace(API_HOST, self.url.encode())).pack()
        accepted = {"x-accepted-github-permissions": f"{route.permission}=read"}
        return packed.with_headers({**accepted, "etag": weak_etag(packed.body)})

    def _charged(self, found: Answer, token: Token, *, free: bool) -> tuple[Answer, Token, int]:
        unchanged = found.status == 304 and token.kind != "anonymous"
        points = 0 if free or unchanged or found.status == 401 else 1
        allowance = self.state.tokens.allowance(token, self.state.clock())
        if allowance.remaining == 0:
            points = 0
        allowance.used += points
        return replace(found, headers=self.headers(token) | found.headers), token, points


def _permitted(call: Call, route: Route) -> None:
    if "repo" in call.names:
        # A repository that the token may not see is 404, which comes before any word about permissions.
        _ = call.repo
    if call.token.may(route.permission, _account(call)):
        return
    if call.token.kind == "anonymous" and route.permission not in PUBLIC:
        raise ApiError(401, "Requires authentication")
    raise ApiError(403, call.token.refusal)


def _account(call: Call) -> str | None:
    return call.repo.owner.login if "repo" in call.names else call.names.get("org")


def _exhausted(token: Token) -> str:
    if token.kind == "anonymous":
        good_news = "(But here's the good news: Authenticated requests get a higher rate limit.)"
        return f"API rate limit exceeded for 127.0.0.1. {good_news}"
    return f"API rate limit exceeded for user {token.login}."


def _problem(problem: ApiError, docs: str) -> Answer:
    found = error(problem.status, problem.message, problem.docs or docs, **problem.extra)
    return found.with_headers({"location": problem.location}) if isinstance(problem, MovedError) else found


def _conditional(request: Request, found: Answer) -> Answer:
    """304 without a body if the client has just this answer already."""
    known = [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]
    etag = found.headers.get("etag")
    if etag is None or not {etag, etag.removeprefix("W/"), "*"}.intersection(known):
        return found
    return Answer(304, b"", found.headers)
