"""Signed names that leave the house: opening ids and the links of the manage pages."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import NamedTuple

from itsdangerous import BadSignature, URLSafeSerializer

from bot.booking.types import LinkProblem, UnknownOpening
from bot.settings import Settings

_OPENING = re.compile(r"([\w-]{1,60})~([\w-]{1,60})~(\d{1,10})~([\w-]{16})", re.ASCII)


class OpeningName(NamedTuple):
    """What an opening id stands for: service id, practitioner id, start as Unix minute."""

    service: str
    practitioner: str
    start: int


class OpeningNames:
    """Makes and checks opening ids: the same time always has the same id, and nobody else can make one."""

    def __init__(self, settings: Settings) -> None:
        self._mac = hmac.new(settings.derived_secret("booking-opening").encode(), digestmod=hashlib.sha256)

    def sign(self, name: OpeningName) -> str:
        """The id of an opening."""
        plain = f"{name.service}~{name.practitioner}~{name.start}"
        return f"{plain}~{self._seal(plain)}"

    def read(self, opening_id: str) -> OpeningName:
        """What the id stands for; raises UnknownOpening for any id that was not made here."""
        match = _OPENING.fullmatch(opening_id) if len(opening_id) < 200 else None
        if match is None:
            raise UnknownOpening("not an opening id")
        service, practitioner, start, seal = match.groups()
        if not hmac.compare_digest(seal, self._seal(f"{service}~{practitioner}~{start}")):
            raise UnknownOpening("not an opening id")
        return OpeningName(service, practitioner, int(start))

    def _seal(self, plain: str) -> str:
        mac = self._mac.copy()
        mac.update(plain.encode())
        return urlsafe_b64encode(mac.digest()[:12]).decode()


class LinkSigner:
    """Signs links for one purpose each: a manage link cannot serve as an offer link or a form's token."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.derived_secret("booking-link")

    def sign(self, purpose: str, subject: str) -> str:
        """A token for the subject (an appointment's or an offer's id)."""
        return str(self._serializer(purpose).dumps(subject))

    def read(self, purpose: str, token: str) -> str:
        """The subject of a token; raises LinkProblem for one that was not made here for this purpose."""
        if len(token) > 400:
            raise LinkProblem("invalid")
        try:
            subject = self._serializer(purpose).loads(token)
        except BadSignature as error:
            raise LinkProblem("invalid") from error
        # Base64 has more than one spelling of the same bytes; only ours is good.
        if not isinstance(subject, str) or self.sign(purpose, subject) != token:
            raise LinkProblem("invalid")
        return subject

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._secret, salt=f"psoas.booking.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
        )
