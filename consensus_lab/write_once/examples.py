"""Two everyday problems, each written once against `WriteOnce`, to run on every implementation of it."""

from enum import StrEnum


def user_of_the_day(today, pick_user):
    """The user that the site spotlights today: the first one that any server has picked.

    `today` is today's WriteOnce, `pick_user` a function that picks somebody at random.
    """
    today.try_initialize(pick_user())
    return today.final_value().result(timeout=1)


class OrderState(StrEnum):
    """What has become of an order."""

    PENDING = "pending"
    SHIPPED = "shipped"
    CANCELED = "canceled"


class Order:
    """An order that is shipped or canceled, never both. `outcome` is the order's WriteOnce."""

    def __init__(self, outcome):
        self._outcome = outcome

    def try_ship(self):
        """Ship the order, unless it is canceled."""
        self._outcome.try_initialize(OrderState.SHIPPED)

    def try_cancel(self):
        """Cancel the order, unless it is shipped."""
        self._outcome.try_initialize(OrderState.CANCELED)

    def state(self):
        """What has become of the order, once that is settled."""
        outcome = self._outcome.final_value()
        return OrderState(outcome.result()) if outcome.done() else OrderState.PENDING
