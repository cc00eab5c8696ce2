"""The tables of ``identity``, private to it. Knows columns; a migration of ``storage`` makes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from daffa.storage import Base

__all__ = ["KeyRow", "KeySessionRow", "OrganisationRow", "PersonRow", "SessionRow", "SignOnRow", "VersionRow"]


class OrganisationRow(Base):
    """An organisation."""

    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    region: Mapped[str] = mapped_column(String(6))
    floor: Mapped[str] = mapped_column(String(1000))
    created: Mapped[int] = mapped_column(BigInteger)


class PersonRow(Base):
    """A person of one organisation; ``roles`` are sorted and joined by commas."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(String(63), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(63), ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    roles: Mapped[str] = mapped_column(String(200))


class KeyRow(Base):
    """A key; ``digest`` is all that is kept of its token. A key is never deleted: what it did stays explained."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(String(10), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(63), ForeignKey("organisations.id"), index=True)
    person: Mapped[str | None] = mapped_column(String(63), ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    roles: Mapped[str] = mapped_column(String(200))
    floor: Mapped[str] = mapped_column(String(1000))
    created: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int | None] = mapped_column(BigInteger)
    revoked: Mapped[int | None] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class SignOnRow(Base):
    """Whom an issuer calls ``subject``; ``said`` is when it last said what was taken over from it (Unix seconds)."""

    __tablename__ = "sign_ons"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person: Mapped[str] = mapped_column(String(63), ForeignKey("people.id"), index=True)
    said: Mapped[int] = mapped_column(BigInteger)


class SessionRow(Base):
    """A session of a person; ``digest`` is all that is kept of its token. It is deleted when it ends."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(10), primary_key=True)
    person: Mapped[str] = mapped_column(String(63), ForeignKey("people.id"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    created: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int] = mapped_column(BigInteger, index=True)


class KeySessionRow(Base):
    """A browser that was shown a key; ``digest`` is all that is kept of what its cookie holds. It is deleted when it ends."""

    __tablename__ = "key_sessions"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(10), ForeignKey("keys.id"), index=True)
    expires: Mapped[int] = mapped_column(BigInteger, index=True)


class VersionRow(Base):
    """The one row (``id`` 1) that every change counts up, so that each process notices what another one changed."""

    __tablename__ = "identity_version"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
