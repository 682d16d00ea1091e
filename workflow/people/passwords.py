"""Passwords: one way to hash them, one way to try them, one rule for new ones.

Argon2id with RFC 9106's second recommended choice. A try always costs one verification: an unknown login is tried against
`NOBODY`, so that the answer and its time are the same (security.md R4).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from states.errors import BadInput

MEMORY_KIBIBYTES = 65_536
PASSES = 3
LANES = 4
HASH_BYTES = 32
SALT_BYTES = 16
# A password that a machine makes: 15 characters of a 32-letter alphabet without look-alikes, 75 bits.
MADE_LENGTH = 15
MADE_OF = "abcdefghjkmnpqrstuvwxyz23456789"
AT_MOST = 256
# A one-time password that nobody used by then does not sign in any more.
ONE_TIME_FOR = timedelta(days=1)

_hasher = PasswordHasher(
    time_cost=PASSES,
    memory_cost=MEMORY_KIBIBYTES,
    parallelism=LANES,
    hash_len=HASH_BYTES,
    salt_len=SALT_BYTES,
)
# Well-formed, with today's parameters, and of no password: what an unknown login is tried against.
NOBODY = f"$argon2id$v=19$m={MEMORY_KIBIBYTES},t={PASSES},p={LANES}${'A' * 22}${'A' * 43}"

# The long ones among the most used: what a list of leaked passwords tries first.
_COMMON_WORDS = """
1234567890 0123456789 0987654321 12345678910 123456789a a123456789 aa123456789 1q2w3e4r5t q1w2e3r4t5 1qaz2wsx3edc
qwertyuiop qwerty12345 asdfghjkl1 abcdefghij abcd123456 abc1234567 password12 password123 password1234 passw0rd123
p@ssw0rd123 p@ssword123 admin12345 admin123456 administrator root123456 woaini1314 woaini520 woaini5201314 5201314520
1314520520 iloveyou123 letmein1234 welcome123 changeme123 zhongguo123 zhonghua123 88888888aa qq123456789 wang123456
zhang123456 li12345678 test123456 user123456 duban12345 xuncha12345 123123123123 147258369a 1472583690 7894561230
1111122222
"""
COMMON = frozenset(_COMMON_WORDS.split())
# What is left of a habitual password without the digits and signs around it.
_HABITUAL_WORDS = """
a aa aaa abc abcd abcdef asd asdf asdfgh asdfghjkl q qq qwe qwer qwert qwerty qwertyuiop qaz qazwsx zxc zxcvbn zxcvbnm
admin administrator root test guest user login master system manager password passwd pass pwd mima wodemima
woaini woaiwojia aini iloveyou woaizhongguo zhongguo zhonghua china beijing shanghai dangyuan dangwei zhengfu jiwei jijian
xuncha xunchaban duban dubanxitong xitong gongzuo bangong bangongshi wangluo diannao haohao nihao taobao weixin welcome hello
changeme letmein dragon monkey sunshine princess football
"""
HABITUAL = frozenset(_HABITUAL_WORDS.split())
# A name in pinyin with a birthday, and a telephone number with anything around it.
_BIRTHDAY = re.compile(r"[a-z]{1,16}[._@#-]?(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[._@#!]?")
_TELEPHONE = re.compile(r".{0,6}1[3-9]\d{9}.{0,6}")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a new password must be: so long, of so many classes, none of the `former` last; changed after so many days."""

    at_least: int
    classes: int = 1
    former: int = 0
    days: int | None = None


# ASVS forbids classes and rotation, 等保 asks for both: an office says which of the two it is examined by.
PROFILES = {"asvs": Rule(12), "dengbao": Rule(10, classes=3, former=5, days=90)}
ASVS = PROFILES["asvs"]
_CLASSES = (str.islower, str.isupper, str.isdigit, lambda char: not char.isalnum() or not char.isascii())


def hash_of(password: str) -> str:
    """The Argon2id text of a password; takes some 0.1 s, so never call it inside a transaction."""
    return _hasher.hash(_plain(password))


def is_right(password: str, stored: str | None) -> bool:
    """Does the password fit? Exactly one verification, also where nothing is stored."""
    try:
        _hasher.verify(stored or NOBODY, _plain(password)[: AT_MOST * 4])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Was it hashed with other parameters than today's?"""
    return _hasher.check_needs_rehash(stored)


def require_good(password: str, login: str, rule: Rule = ASVS) -> None:
    """BadInput with `why` password_short, password_long, password_login, password_common, password_plain, password_classes."""
    plain = _plain(password)
    why = ""
    if len(plain) < rule.at_least:
        why = "password_short"
    elif len(plain) > AT_MOST:
        why = "password_long"
    elif login and login.casefold() in plain.casefold():
        why = "password_login"
    elif _is_common(plain.casefold()):
        why = "password_common"
    elif len(set(plain)) < 4 or plain.isdigit() or _is_sequence(plain):
        why = "password_plain"
    elif sum(any(map(is_of, plain)) for is_of in _CLASSES) < rule.classes:
        why = "password_classes"
    if why:
        raise BadInput(why=why, at_least=rule.at_least, at_most=AT_MOST, classes=rule.classes)


def _is_common(plain: str) -> bool:
    core = re.sub(r"[\W\d_]+$|^[\W\d_]+", "", plain)
    return plain in COMMON or core in HABITUAL or bool(_BIRTHDAY.fullmatch(plain) or _TELEPHONE.fullmatch(plain))


def make() -> str:
    """A random password that keeps the rule, for somebody who must change it at once."""
    return "".join(secrets.choice(MADE_OF) for _ in range(MADE_LENGTH))


def _plain(password: str) -> str:
    # The same keys typed on two machines may come as different code points.
    return unicodedata.normalize("NFKC", password)


def _is_sequence(plain: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return len(steps) == 1
