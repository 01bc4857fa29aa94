"""CWE weakness ids in one form, and the family of weaknesses that an alert belongs to."""

import re
from collections.abc import Iterable, Mapping

SECRETS = "secrets"
"""The family of every secret-scanning alert."""

OTHER = "other"
"""The family of weaknesses that the table does not name."""

_TABLE = """
injection:          74 75 76 77 78 88 89 90 91 93 94 95 96 97 98 113 117 134 643 917 943 1336
xss:                79 80 81 82 83 84 85 86 87
path-traversal:     22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 59 61 73 378 379 434
auth:               250 269 275 276 280 281 284 285 286 287 288 290 294 302 304 305 306 307 308 346 352
                    384 425 521 549 551 565 603 613 620 639 640 732 862 863 940 1220 1275 1390
crypto:             295 296 297 298 299 310 311 319 320 322 323 324 325 326 327 328 329 330 331 332 333
                    334 335 336 337 338 339 340 341 342 343 345 347 354 523 614 757 759 760 780 916 1240
deserialization:    502 915 1321
ssrf:               441 918
memory:             118 119 120 121 122 123 124 125 126 127 128 129 130 131 135 170 190 191 193 194 195
                    196 197 226 244 401 415 416 457 467 468 469 476 587 590 665 680 681 690 761 762 763
                    786 787 788 789 805 806 822 823 824 825 843 908 909
secrets:            256 257 258 259 260 261 321 522 540 547 798
data-exposure:      200 201 203 208 209 212 213 214 215 312 313 315 359 377 497 524 525 530 532 538 548
                    552 598
xml:                611 776 827
redirect:           601
denial-of-service:  369 400 405 407 409 674 730 770 772 834 835 1050 1333
race:               362 363 364 366 367 421 667 820 821 833
configuration:      16 489 693 942 1004 1021 1188
supply-chain:       426 427 494 506 829 830 1104 1357 1395
"""

CWE_FAMILIES: Mapping[str, frozenset[int]] = {
    family: frozenset(map(int, members.split()))
    for family, members in re.findall(r"^([a-z-]+):([\d\s]+)", _TABLE, re.MULTILINE)
}
"""Family -> numbers of its CWEs. Order matters: an alert with several is of the first family that names one.

Ids that only say that input was not checked (CWE-20) or not encoded (CWE-116) come with many an alert: they
are in no family, so that the others decide.
"""

_CWE = re.compile(r"(?:^|[^a-z])cwe[-_ ]?0*(\d{1,5})(?!\d)", re.IGNORECASE)


def cwe_id(text: str) -> str | None:
    """The id in a text, as `CWE-79`: `CWE-079`, `cwe79` and the tag `external/cwe/cwe-079` are the same."""
    match = _CWE.search(text)
    return f"CWE-{match[1]}" if match and int(match[1]) else None


def cwe_family(cwes: Iterable[str] | None) -> str | None:
    """The first of CWE_FAMILIES that names one of these ids, `other` if none does, None without any id."""
    numbers = {int(found.removeprefix("CWE-")) for cwe in cwes or () if (found := cwe_id(cwe))}
    if not numbers:
        return None
    return next((family for family, members in CWE_FAMILIES.items() if members & numbers), OTHER)
