"""The sign-in page: plain HTML without a script, in Fettle's colours, light and dark."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlencode

_LOGO = base64.b64encode(Path(__file__).parents[1].joinpath("logo.svg").read_bytes()).decode()

_STYLE = """
:root { color-scheme: light dark; --back: #F5F6F9; --card: #FFFFFF; --text: #1D2433; --soft: #5A6478; --line: #D5D9E2;
  --accent: #3F5AC8; --on-accent: #FFFFFF; --bad: #B42318; }
@media (prefers-color-scheme: dark) { :root { --back: #11151D; --card: #1C222E; --text: #E7EAF0; --soft: #A5AEBF;
  --line: #3A4356; --accent: #8DA2FB; --on-accent: #11151D; --bad: #FDA29B; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--back);
  color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: min(24rem, 100%); padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: .75rem; }
h1 { margin: 1.25rem 0 1rem; font-size: 1.5rem; font-weight: 600; }
label { display: block; margin-top: .75rem; font-size: .9rem; }
input { width: 100%; margin-top: .25rem; padding: .55rem .7rem; font: inherit; color: inherit; background: var(--back);
  border: 1px solid var(--line); border-radius: .5rem; }
button, .way { display: block; width: 100%; margin-top: 1.25rem; padding: .6rem; font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; border-radius: .5rem; border: 1px solid var(--accent); cursor: pointer; }
button { color: var(--on-accent); background: var(--accent); }
.way { margin-top: .75rem; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.problem { margin: 0 0 .5rem; padding-left: .75rem; border-left: 3px solid var(--bad); color: var(--bad); }
.or { margin: 1.25rem 0 0; color: var(--soft); font-size: .9rem; text-align: center; }
"""


def sign_in_page(
    local: bool, ways: Sequence[tuple[str, str]], then: str, problem: str | None = None, name: str = ""
) -> str:
    """The page as HTML.

    local: with a form for name and password.  ways: others, by address and words.  then: where to go on to.
    """
    parts = [f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""]
    parts += [_form(then, name)] if local else []
    parts += ['<p class="or">or</p>'] if local and ways else []
    query = urlencode({"next": then})
    parts += [f'<a class="way" href="{escape(f"{address}?{query}")}">{escape(words)}</a>' for address, words in ways]
    return _whole("Sign in", "".join(parts))


def signed_out_page(sign_in: str) -> str:
    """What is shown after signing out: the next one who comes to this machine must not be one click away."""
    return _whole("You are signed out", f'<a class="way" href="{escape(sign_in)}">Sign in again</a>')


def refusal_page(problem: str, sign_in: str) -> str:
    """What is shown where nobody could be signed in, with the way back."""
    told = f'<p class="problem" role="alert">{escape(problem)}</p>'
    return _whole("Not signed in", f'{told}<a class="way" href="{escape(sign_in)}">Back to sign-in</a>')


def _form(then: str, name: str) -> str:
    focus = ("", " autofocus") if name else (" autofocus", "")
    return (
        '<form method="post" action="/api/auth/local">'
        f'<input type="hidden" name="next" value="{escape(then)}">'
        f'<label>Name<input name="name" value="{escape(name)}" autocomplete="username" autocapitalize="none" '
        f'spellcheck="false" maxlength="60" required{focus[0]}></label>'
        '<label>Password<input name="password" type="password" autocomplete="current-password" required'
        f"{focus[1]}></label>"
        '<button type="submit">Sign in</button></form>'
    )


def _whole(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{title} · Fettle</title><link rel="icon" href="/favicon.png"><style>{_STYLE}</style></head>'
        f'<body><main><img src="data:image/svg+xml;base64,{_LOGO}" alt="Fettle" height="32"><h1>{title}</h1>'
        f"{content}</main></body></html>"
    )
