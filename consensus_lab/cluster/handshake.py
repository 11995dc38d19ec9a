"""How two processes of a cluster prove to each other that both know its token, which itself is never sent.

Each sends a challenge of its own, and a code of both challenges that only who knows the token can work out: HMAC, RFC
2104, https://doi.org/10.17487/RFC2104, with SHA-256. Whoever was connected to proves it first. So a stranger that
listens where a node has been learns nothing that it could use, and hears no message.

A code says in which role it was worked out, who connects to whom, and at which port: none can be sent back to where it
came from, and none that another node has worked out can be passed on, for that one listens at another port.

>>> caller, listener = new_challenge(), new_challenge()
>>> call = Call(caller=0, listener=1, port=7001)
>>> code = call.proof("token", LISTENER, caller, listener)
>>> call.proves(code, "token", LISTENER, caller, listener)
True
>>> call.proves(code, "token", CALLER, caller, listener)
False
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

CALLER, LISTENER = "caller", "listener"


def new_challenge():
    """Text that nobody can foresee: 16 bytes of chance, in hexadecimal digits."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Call:
    """A connection that is being made.

    Attributes
    ----------
    caller, listener : int
        The numbers of the node that connects, and of the one that it wants to reach.
    port : int
        Where the listener listens, as each side sees it for itself.
    """

    caller: int
    listener: int
    port: int

    def proof(self, token, role, caller_challenge, listener_challenge):
        """The code, in hexadecimal digits.

        Parameters
        ----------
        token : str
            What the processes of the cluster have in common, and nobody else knows.
        role : str
            `CALLER` or `LISTENER`: whose code it is.
        caller_challenge, listener_challenge : str
            What each of the two has drawn by lot for this call.
        """
        told = [role, self.caller, self.listener, self.port, caller_challenge, listener_challenge]
        return hmac.new(token.encode(), json.dumps(told).encode(), hashlib.sha256).hexdigest()

    def proves(self, code, token, role, caller_challenge, listener_challenge):
        """True if it is that code; whatever is no text is none."""
        right = self.proof(token, role, caller_challenge, listener_challenge)
        return isinstance(code, str) and hmac.compare_digest(code.encode(errors="replace"), right.encode())
