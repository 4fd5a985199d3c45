"""What routes are given: the principal, the place of the request, and one transaction."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any, cast

from litestar import Request
from litestar.datastructures import State
from litestar.params import Dependency
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.record import Who
from backend.auth.principal import Principal

AnyRequest = Request[Any, Any, Any]

# Filled in by the application; a route names what it needs.
Session = Annotated[AsyncSession, Dependency(skip_validation=True)]
By = Annotated[Principal, Dependency(skip_validation=True)]
From = Annotated[Who, Dependency(skip_validation=True)]


def provide_principal(request: AnyRequest) -> Principal:
    """The signed-in user; routes without one do not ask for it."""
    return cast("Principal", request.user)


def provide_place(request: AnyRequest) -> Who:
    """Where a request comes from whose person is not known yet."""
    state = request.scope["state"]
    return Who(user=None, session=None, address=state["address"], request_id=state["request_id"])


async def provide_session(state: State, request: AnyRequest) -> AsyncGenerator[AsyncSession]:
    """One request, one transaction of the user's tenant: committed when the route returns, else rolled back."""
    principal = cast("Principal", request.user)
    async with state.database.transaction(principal.tenant_id) as session:
        yield session
