from consensus_lab import Message, Node


class Charge(Message):
    serial: int
    amount: int
    says = "my purchase {serial}: charge me {amount}"


class Receipt(Message):
    serial: int
    total: int
    says = "purchase {serial} is done; in all you have paid {total}"


class Customer(Node):
    """Buy two things, one after the other; ask again as long as there is no receipt."""

    receipts: tuple[int, ...] = ()
    prices: tuple[int, ...] = ()

    decides = False
    durable = ("receipts", "prices")

    def propose(self, prices):
        self.prices = prices
        self.ask()

    def ask(self):
        serial = len(self.receipts) + 1
        if serial <= len(self.prices):
            self.send(0, Charge(serial, self.prices[serial - 1]))
            self.set_timer("no receipt", after=4)

    def timeout(self, name):
        self.ask()

    def restart(self):
        self.ask()

    def receive(self, sender, message):
        match message:
            case Receipt(serial, total) if serial == len(self.receipts) + 1:
                self.receipts += (total,)
                self.clear_timer("no receipt")
                self.ask()


class Till(Node):
    """Charge the customer, and give a receipt."""

    total: int = 0

    decides = False
    durable = ("total",)

    def receive(self, sender, message):
        match message:
            case Charge(serial, amount):
                self.total += amount
                self.send(sender, Receipt(serial, self.total))
