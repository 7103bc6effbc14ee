"""The lives of a site and of a joint operation: what may follow what."""

from __future__ import annotations

from collections.abc import Mapping

from casework.operations.models import Operation, Site

S, J = Site.Status, Operation.State

# From a nominated site to an approved one leads the consent of both sides alone.
NEXT_OF_SITE: Mapping[str, tuple[Site.Status, ...]] = {
    S.LEAD: (S.INVESTIGATED, S.ABANDONED),
    S.INVESTIGATED: (S.NOMINATED, S.ABANDONED),
    S.NOMINATED: (S.INVESTIGATED, S.ABANDONED),
    S.APPROVED: (S.OPEN, S.ABANDONED),
    S.OPEN: (S.CLOSED, S.ABANDONED),
    S.CLOSED: (S.OPEN,),
    S.ABANDONED: (S.INVESTIGATED,),
}

NEXT_OF_OPERATION: Mapping[str, tuple[Operation.State, ...]] = {
    J.PLANNED: (J.AGREED, J.CANCELLED),
    J.AGREED: (J.DEPLOYED, J.SUSPENDED, J.CANCELLED),
    J.DEPLOYED: (J.COMPLETED, J.SUSPENDED),
    J.SUSPENDED: (J.AGREED, J.CANCELLED),
    J.COMPLETED: (J.REPORTED,),
    J.REPORTED: (),
    J.CANCELLED: (),
}
