from consensus_lab.protocols.paxos.synod import within
from consensus_lab.protocols.paxos.synod_quorums import QuorumSynod
from consensus_lab.protocols.quorums import at_least


class TwoVotes(within(QuorumSynod, 1)):
    """Four nodes, and any two votes choose."""

    phase_1 = at_least(2, 4)  # who has to promise
    phase_2 = at_least(2, 4)  # who has to vote
