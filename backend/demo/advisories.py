"""What the sample's alerts are about: rules, packages and secrets. Packages and advisory ids are invented."""

from typing import NamedTuple


class Rule(NamedTuple):
    """What an alert says, except where and when; the fields are columns of the dataset."""

    kind: str
    rule_id: str
    rule_name: str
    severity: str
    security_severity: float | None
    cwes: list[str]
    cwe_family: str
    tool: str
    path: str
    package: str | None = None
    ecosystem: str | None = None
    ghsa_id: str | None = None
    cve_id: str | None = None


def _code(rule_id: str, name: str, severity: str, score: float, cwe: str, family: str, path: str) -> Rule:
    return Rule("code_scanning", rule_id, name, severity, score, cwe.split(), family, "CodeQL", path)


def _package(number: int, package: str, ecosystem: str, severity: str, score: float, cwe: str, family: str) -> Rule:
    manifest = {"npm": "package-lock.json", "pip": "requirements.txt", "go": "go.sum", "maven": "pom.xml"}[ecosystem]
    ghsa, cve = f"GHSA-demo-{number:04}-{number:04}", f"CVE-0000-{number:04}"
    text = f"{package}: {family.replace('-', ' ')}"
    return Rule(
        "dependabot",
        ghsa,
        text,
        severity,
        score,
        cwe.split(),
        family,
        "Dependabot",
        manifest,
        package,
        ecosystem,
        ghsa,
        cve,
    )


def _secret(rule_id: str, name: str, path: str) -> Rule:
    return Rule("secret_scanning", rule_id, name, "unknown", None, ["CWE-798"], "secrets", "Secret scanning", path)


RULES = (
    _code(
        "js/xss",
        "Client-side cross-site scripting",
        "high",
        7.8,
        "CWE-79 CWE-116",
        "xss",
        "src/views/profile.ts",
    ),
    _code(
        "py/sql-injection",
        "SQL query built from user-controlled sources",
        "high",
        8.8,
        "CWE-89",
        "injection",
        "app/db.py",
    ),
    _code(
        "js/incomplete-sanitization",
        "Incomplete string escaping",
        "medium",
        5.3,
        "CWE-20 CWE-116",
        "injection",
        "src/escape.ts",
    ),
    _code(
        "py/path-injection",
        "Uncontrolled data used in path expression",
        "high",
        7.5,
        "CWE-22",
        "path-traversal",
        "app/files.py",
    ),
    _code(
        "js/missing-rate-limiting",
        "Missing rate limiting",
        "medium",
        5.0,
        "CWE-770",
        "other",
        "src/server.ts",
    ),
    _code(
        "py/weak-cryptographic-algorithm",
        "Broken or weak algorithm",
        "medium",
        6.5,
        "CWE-327",
        "crypto",
        "app/tokens.py",
    ),
    _code(
        "java/missing-jwt-signature-check",
        "Missing JWT signature check",
        "critical",
        9.3,
        "CWE-347",
        "auth",
        "src/Auth.java",
    ),
    _code(
        "py/stack-trace-exposure",
        "Information exposure through an exception",
        "low",
        3.1,
        "CWE-209",
        "other",
        "app/errors.py",
    ),
    _code(
        "py/unsafe-deserialization",
        "Deserialization of user data",
        "critical",
        9.8,
        "CWE-502",
        "deserialization",
        "app/jobs.py",
    ),
    _code(
        "go/request-forgery",
        "Uncontrolled data used in network request",
        "high",
        8.1,
        "CWE-918",
        "ssrf",
        "pkg/fetch.go",
    ),
    _code(
        "js/clear-text-logging",
        "Clear-text logging of sensitive data",
        "medium",
        6.1,
        "CWE-312",
        "secrets",
        "src/log.ts",
    ),
    _code(
        "actions/missing-permissions",
        "Workflow has no permissions",
        "low",
        3.0,
        "CWE-275",
        "auth",
        ".github/workflows/ci.yml",
    ),
    _code(
        "cpp/overflow-buffer",
        "Call to memory access may overflow",
        "high",
        8.2,
        "CWE-119",
        "memory",
        "native/codec.cpp",
    ),
    _package(1, "demo-router", "npm", "high", 7.5, "CWE-22", "path-traversal"),
    _package(2, "demo-http-client", "pip", "medium", 6.1, "CWE-918", "ssrf"),
    _package(3, "demo-template", "npm", "medium", 5.4, "CWE-79", "xss"),
    _package(4, "demo-codec", "go", "high", 7.7, "CWE-400", "other"),
    _package(5, "demo-orm", "maven", "critical", 9.8, "CWE-89", "injection"),
    _package(6, "demo-yaml", "pip", "critical", 9.1, "CWE-502", "deserialization"),
    _package(7, "demo-merge", "npm", "low", 3.7, "CWE-1321", "other"),
    _package(8, "demo-tls", "go", "high", 8.2, "CWE-295", "crypto"),
    _package(9, "demo-image", "maven", "medium", 5.9, "CWE-787", "memory"),
    _package(10, "demo-session", "npm", "low", 2.6, "CWE-384", "auth"),
    _secret("demo_cloud_access_key", "Demo Cloud access key", "deploy/settings.env"),
    _secret("demo_chat_webhook_url", "Demo Chat incoming webhook", "scripts/notify.sh"),
    _secret("demo_payments_api_key", "Demo Payments API key", "config/payments.yml"),
    _secret("demo_private_key", "Demo private key", "certs/dev.pem"),
)
"""The rules of a kind follow each other."""
