"""Whether an event can happen in a configuration, and if not, why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consensus_lab.model import arguments
from consensus_lab.model.budgets import SPENDS
from consensus_lab.model.events import Deliver, Drop, Duplicate, Event, Propose, Restart, Timeout

if TYPE_CHECKING:
    from consensus_lab.model.configuration import Configuration
    from consensus_lab.model.system import System


def why_not(system: System, c: Configuration, event: Event, cause: tuple[Any, ...] | None) -> str | None:
    """Why `event` cannot happen in the configuration `c`; None where it can.

    Budgets count where its `cause` is given, see `cause_of`. Raises ProtocolError for a proposal that cannot be made
    in any configuration.
    """
    local = c.nodes[event.node]
    spent = SPENDS.get(cause[0]) if cause else None
    if spent and c.left.of(spent) == 0:
        more = f"{spent}={(system.budgets.of(spent) or 0) + 1}"
        return f"the budget is used up; allow more with System(..., {more})"
    if not local.up and not isinstance(event, (Restart, Drop, Duplicate)):
        return f"node {event.node} has crashed; restart it first"
    match event:
        case Propose(node, value):
            system.can_propose(node, value)
            arguments.require_distinct(value, [*c.proposed, *system.proposals.values()])
        case Deliver(envelope) | Drop(envelope) | Duplicate(envelope):
            return system.network.refusal(c.network, (envelope.sender, envelope.receiver, envelope.message, 0))
        case Timeout(_, name) if name not in local.timers:
            return f"no such timer is armed; armed: {', '.join(local.timers) or 'none'}"
        case Restart(node) if local.up:
            return f"node {node} is up; only a crashed node restarts"
        case _:
            pass
    return None
