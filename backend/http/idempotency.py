"""Idempotency keys: a request that is sent twice is done once, and answered twice alike."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from litestar import Response
from sqlalchemy import text

from backend.auth.principal import Principal
from backend.db.rows import Work
from backend.deps import AnyRequest
from backend.http.problems import Problem, invalid

TAKE = text(
    "INSERT INTO idempotency (tenant_id, user_id, key, fingerprint) VALUES (:tenant, :user, :key, :fingerprint)"
    " ON CONFLICT (tenant_id, user_id, key) DO NOTHING RETURNING key"
)
FORGET = text(
    "DELETE FROM idempotency WHERE tenant_id = :tenant AND user_id = :user AND created_at < now() - interval '7 days'"
)
FIND = text(
    "SELECT fingerprint, status, CAST(headers AS text) AS headers, body FROM idempotency"
    " WHERE tenant_id = :tenant AND user_id = :user AND key = :key"
)
KEEP = text(
    "UPDATE idempotency SET status = :status, headers = CAST(:headers AS jsonb), body = :body"
    " WHERE tenant_id = :tenant AND user_id = :user AND key = :key"
)
ALLOWED = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-")


class Answer(msgspec.Struct, frozen=True):
    """What is kept of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def response(self) -> Response[Any]:
        """The answer again."""
        return Response(self.body, status_code=self.status, headers=self.headers, media_type="application/json")


Finish = Callable[[], Awaitable[object]]


async def once(
    request: AnyRequest,
    transaction: Work,
    principal: Principal,
    work: Callable[[], Awaitable[tuple[Answer, Finish]]],
) -> Response[Any]:
    """Do the work, or find what it answered: key, work and answer are of one transaction.

    The work gives its answer and the transaction's last statement apart, so that the answer is kept before it.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        answer, finish = await work()
        await finish()
        return answer.response()
    if not 8 <= len(key) <= 128 or not set(key) <= ALLOWED:
        raise invalid("header.idempotency-key", "invalid", "a key has 8 to 128 letters, digits, or any of _ . : -")
    told = f"{request.method} {request.url.path}\n".encode() + await request.body()
    values: dict[str, Any] = {
        "tenant": principal.tenant_id,
        "user": principal.user_id,
        "key": key,
        "fingerprint": hashlib.sha256(told).digest(),
    }
    await transaction.execute(FORGET, {"tenant": principal.tenant_id, "user": principal.user_id})
    # Two at once: the second waits here until the first has committed or failed.
    taken = await transaction.execute(TAKE, values)
    if taken.one_or_none() is None:
        row = (await transaction.execute(FIND, values)).one()
        if row.fingerprint != values["fingerprint"]:
            raise Problem(422, "idempotency_key_reused", "This idempotency key was used for another request.")
        return Answer(row.status, msgspec.json.decode(row.headers, type=dict[str, str]), row.body).response()
    answer, finish = await work()
    headers = msgspec.json.encode(answer.headers).decode()
    await transaction.execute(KEEP, {**values, "status": answer.status, "headers": headers, "body": answer.body})
    await finish()
    return answer.response()
