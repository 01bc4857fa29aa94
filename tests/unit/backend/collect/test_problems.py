import pytest

from backend.collect.problems import (
    BadToken,
    Disabled,
    Forbidden,
    GitHubError,
    NotFound,
    Unavailable,
    Unprocessable,
    problem,
)

CODE = "/repos/acme/shop/code-scanning/alerts"
DEPENDABOT = "/repos/acme/shop/dependabot/alerts"
SECRETS = "/repos/acme/shop/secret-scanning/alerts"


@pytest.mark.parametrize(
    ("status", "path", "message", "kind"),
    [
        (401, "/user", "Bad credentials", BadToken),
        (403, CODE, "Advanced Security must be enabled for this repository to use code scanning.", Disabled),
        (403, CODE, "Code scanning is not enabled for this repository. Please enable it.", Disabled),
        (404, CODE, "no analysis found", Disabled),
        (403, DEPENDABOT, "Dependabot alerts are disabled for this repository.", Disabled),
        (403, DEPENDABOT, "Dependabot alerts are not available for archived repositories.", Disabled),
        (404, SECRETS, "Secret scanning is disabled on this repository.", Disabled),
        (404, SECRETS, "Not Found", NotFound),
        (403, CODE, "Resource not accessible by integration", Forbidden),
        (403, CODE, "Resource protected by organization SAML enforcement.", Forbidden),
        (451, CODE, "Repository access blocked", Forbidden),
        (422, CODE, "Validation Failed", Unprocessable),
        (400, CODE, "Bad Request", Unavailable),
    ],
)
def test_off_is_told_from_forbidden_and_missing(status: int, path: str, message: str, kind: type[GitHubError]) -> None:
    found = problem(status, path, message, {})
    assert type(found) is kind
    assert path in str(found)
    assert message.rstrip(".")[:40] in str(found)
    assert str(found).endswith(".")


def test_permission_is_named_as_github_names_it_else_as_we_know_it() -> None:
    headers = {"x-accepted-github-permissions": "security_events=read"}
    assert "permission security_events=read" in str(problem(403, CODE, "no", headers))
    assert "Code scanning alerts: read" in str(problem(403, CODE, "no", {}))
    assert "Actions: read" in str(problem(403, "/repos/acme/shop/actions/runs", "no", {}))
    assert "Metadata: read" in str(problem(404, "/orgs/acme/repos", "Not Found", {}))


def test_long_words_of_github_are_cut() -> None:
    assert len(str(problem(403, CODE, "x \n" * 5_000, {}))) < 500
