"""Runs the stand-in by hand: `python -m tests.standins.github --port 8090`."""

import argparse
import threading
from pathlib import Path
from time import time

from tests.standins.github import DATA, TOKEN, GitHubStandin, State, Token, load_shipped, populate
from tests.standins.github.moments import iso

HOUR_S = 3_600


def main() -> None:
    """Serves the shipped repositories, and synthetic ones if asked, until interrupted; the first line has its url."""
    parser = argparse.ArgumentParser(prog="python -m tests.standins.github", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of shipped data")
    parser.add_argument("--base-path", default="", help="/api/v3 imitates GitHub Enterprise Server")
    parser.add_argument("--latency-s", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--org", default="acme", help="the organisation of the synthetic repositories")
    parser.add_argument("--repos", type=int, default=0, help="how many synthetic repositories there are")
    parser.add_argument("--runs", type=int, default=500, help="runs in each of them")
    parser.add_argument("--reruns", type=int, default=3, help="how many in a hundred runs ran twice")
    parser.add_argument("--alerts", type=int, default=0, help="alerts of each kind in each of them")
    parser.add_argument("--days", type=int, default=90, help="the runs spread over so many days up to now")
    parser.add_argument("--end", default=iso(time() // HOUR_S * HOUR_S), help="instead of now")
    parser.add_argument("--seed", type=int, default=1, help="another one makes other runs")
    parser.add_argument("--limit", type=int, default=5_000, help="requests an hour for the token")
    parser.add_argument("--keep-mb", type=int, default=1_024, help="room for finished answers; 0 makes each anew")
    serve(parser.parse_args())


def serve(options: argparse.Namespace) -> None:
    """See `main`."""
    state = State(options.data)
    load_shipped(state, options.data)
    synthetic = ("org", "repos", "runs", "alerts", "days", "end", "seed", "reruns")
    populate(state, **{name: getattr(options, name) for name in synthetic})
    state.tokens.add(Token(TOKEN, limit=options.limit))
    standin = GitHubStandin(state, port=options.port, base_path=options.base_path, latency_s=options.latency_s)
    standin.desk.shelf.room = options.keep_mb * 2**20
    with standin as gh:
        print(f"GITHUB_API_URL={gh.url} GITHUB_TOKEN={gh.token}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{len(gh.log)} requests, {gh.log.points} points, {gh.log.max_in_flight} at once at the most")


if __name__ == "__main__":
    main()
