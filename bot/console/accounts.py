"""Accounts of the clinic's staff: made, changed, locked, and proved with a password and a second factor."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from functools import cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.console.roles import ROLES
from bot.store.models.staff import StaffAccount, StaffSession

NAME = re.compile(r"[a-z][a-z0-9_.-]{1,29}")
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
FREE_ATTEMPTS = 5
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(hours=4)
STEP_SECONDS = 30
ISSUER = "Psoas"

_hasher = PasswordHasher()


class AccountProblem(ValueError):
    """What was asked for an account cannot be done; the message says why and what to do."""


def add(session: Session, name: str, email: str, role: str) -> tuple[StaffAccount, str]:
    """A new account and its first password, which must be changed at the first login. Raises AccountProblem."""
    name = name.strip().lower()
    if not NAME.fullmatch(name):
        raise AccountProblem(
            "A name is 2 to 30 small letters, digits, dots, dashes or underscores: write one like ann."
        )
    if role not in ROLES:
        raise AccountProblem(f"There is no role {role!r}: write one of {', '.join(ROLES)}.")
    try:
        email = validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise AccountProblem(f"That is no e-mail address: {error}") from None
    if session.scalar(select(StaffAccount).where((StaffAccount.name == name) | (StaffAccount.email == email))):
        raise AccountProblem("There is an account with this name or e-mail address already.")
    password = secrets.token_urlsafe(12)
    account = StaffAccount(name=name, email=email, role=role, password=_hasher.hash(password))
    session.add(account)
    session.flush()
    return account, password


def find(session: Session, name: str) -> StaffAccount:
    """The account of this name or e-mail address. Raises AccountProblem."""
    wanted = name.strip().lower()
    account = session.scalar(select(StaffAccount).where((StaffAccount.name == wanted) | (StaffAccount.email == wanted)))
    if account is None:
        raise AccountProblem("There is no such account. `psoas staff list` shows all.")
    return account


def authenticate(session: Session, name: str, password: str, code: str, now: datetime) -> StaffAccount | None:
    """The account that these prove, or None; wrong tries lock it for longer and longer."""
    wanted = name.strip().lower()
    account = session.scalar(select(StaffAccount).where((StaffAccount.name == wanted) | (StaffAccount.email == wanted)))
    right = _matches(account.password if account else _nobody(), password)
    if account is None or account.disabled or (account.locked_until is not None and account.locked_until > now):
        return None
    if right and (account.totp_secret is None or _take_code(account, code, now)):
        account.failed_attempts, account.locked_until = 0, None
        if _hasher.check_needs_rehash(account.password):
            account.password = _hasher.hash(password)
        return account
    account.failed_attempts += 1
    if account.failed_attempts >= FREE_ATTEMPTS:
        doubled = FIRST_LOCK * 2 ** min(account.failed_attempts - FREE_ATTEMPTS, 10)
        account.locked_until = now + min(doubled, LONGEST_LOCK)
    return None


def change_password(account: StaffAccount, old: str, new: str) -> None:
    """Take a new password in place of the old one. Raises AccountProblem."""
    if not _matches(account.password, old):
        raise AccountProblem("The old password is not right.")
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        raise AccountProblem(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    if new == old or account.name in new.lower():
        raise AccountProblem("Choose a password that is new and does not hold your name.")
    account.password, account.must_change = _hasher.hash(new), False


def reset_password(session: Session, account: StaffAccount) -> str:
    """A new first password; every session of this person ends and every lock opens."""
    password = secrets.token_urlsafe(12)
    account.password, account.must_change = _hasher.hash(password), True
    account.failed_attempts, account.locked_until = 0, None
    log_off(session, account)
    return password


def reset_second_factor(session: Session, account: StaffAccount) -> None:
    """The second factor is set up anew at the next login."""
    account.totp_secret = None
    log_off(session, account)


def disable(session: Session, account: StaffAccount, disabled: bool = True) -> None:
    """Close an account (or open it again). Raises AccountProblem for the last admin."""
    if disabled:
        _keep_an_admin(session, account)
    account.disabled = disabled
    log_off(session, account)


def change_role(session: Session, account: StaffAccount, role: str) -> None:
    """Another role, from the next login on. Raises AccountProblem for the last admin or an unknown role."""
    if role not in ROLES:
        raise AccountProblem(f"There is no role {role!r}: write one of {', '.join(ROLES)}.")
    if role != "admin":
        _keep_an_admin(session, account)
    account.role = role
    log_off(session, account)


def log_off(session: Session, account: StaffAccount) -> None:
    """End every session of this person."""
    session.execute(delete(StaffSession).where(StaffSession.account_id == account.id))


def new_secret() -> str:
    """A secret for a second factor, to be shown once and confirmed with a code."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether this is a secret as we give them out."""
    return re.fullmatch(r"[A-Z2-7]{32}", text) is not None


def provisioning(account_name: str, secret: str) -> str:
    """The address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name=ISSUER)


def confirm_second_factor(account: StaffAccount, password: str, secret: str, code: str, now: datetime) -> None:
    """Set the second factor up once its first code is right. Raises AccountProblem.

    One that is there is only replaced with the password: an unattended screen is not enough.
    """
    if account.totp_secret is not None and not _matches(account.password, password):
        raise AccountProblem("The password is not right.")
    if not is_secret(secret) or not _is_code(secret, code, now):
        raise AccountProblem("That code is not right. Check that the phone's clock is, and try the next code.")
    account.totp_secret, account.totp_used = secret, _step(now)


def _take_code(account: StaffAccount, code: str, now: datetime) -> bool:
    """Whether the code is right and was not used before."""
    totp = pyotp.TOTP(account.totp_secret or "")
    for step in (_step(now) - 1, _step(now), _step(now) + 1):
        if step > account.totp_used and secrets.compare_digest(totp.at(step * STEP_SECONDS), _digits(code)):
            account.totp_used = step
            return True
    return False


def _is_code(secret: str, code: str, now: datetime) -> bool:
    return pyotp.TOTP(secret).verify(_digits(code), for_time=now, valid_window=1)


def _digits(code: str) -> str:
    return "".join(sign for sign in code if sign in "0123456789")


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


@cache
def _nobody() -> str:
    """A hash that nothing matches, so that an unknown name takes as long as a wrong password."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False


def _keep_an_admin(session: Session, account: StaffAccount) -> None:
    others = select(func.count()).where(
        StaffAccount.role == "admin", StaffAccount.disabled.is_(False), StaffAccount.id != account.id
    )
    if account.role == "admin" and not session.scalar(others):
        raise AccountProblem("This is the last admin: make another one first.")
