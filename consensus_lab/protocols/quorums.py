"""Quorum systems: which sets of nodes are large enough to act for all.

A quorum system is a tuple of its smallest quorums, each a frozenset of nodes. A set of nodes is a quorum when it
contains one of them.

The synod needs two quorum systems, one a phase, and asks one thing of them: every quorum of phase 1 shares a node
with every quorum of phase 2. Two quorums of the same phase need not meet.

References
----------
H. Howard, D. Malkhi and A. Spiegelman, Flexible Paxos: quorum intersection revisited (2016),
https://arxiv.org/abs/1608.06696. D. K. Gifford, Weighted voting for replicated data (1979),
https://doi.org/10.1145/800215.806583. S. Y. Cheung, M. H. Ammar and M. Ahamad, The grid protocol: a high performance
scheme for maintaining replicated data (1992), https://doi.org/10.1109/69.180609.
"""

from itertools import combinations

from consensus_lab.model.errors import ProtocolError


def at_least(count, n):
    """Any `count` of `n` nodes.

    Parameters
    ----------
    count : int
        The size of a quorum, from 1 to `n`.
    n : int
        How many nodes there are.

    Returns
    -------
    tuple of frozenset of int
        The smallest quorums, in a fixed order.

    Raises
    ------
    ProtocolError
        If no such set of nodes can be a quorum.

    Examples
    --------
    >>> [sorted(quorum) for quorum in at_least(2, 3)]
    [[0, 1], [0, 2], [1, 2]]
    """
    if not 1 <= count <= n:
        raise ProtocolError(f"at_least({count!r}, {n!r}): of {n!r} nodes, 1 to {n!r} can be a quorum")
    return tuple(map(frozenset, combinations(range(n), count)))


def majorities(n):
    """More than half of `n` nodes.

    Parameters
    ----------
    n : int
        How many nodes there are.

    Returns
    -------
    tuple of frozenset of int
        The smallest majorities, in a fixed order.

    Examples
    --------
    >>> len(majorities(5)), {len(quorum) for quorum in majorities(5)}
    (10, {3})
    """
    return at_least(n // 2 + 1, n)


def weighted(votes, need=None):
    """Nodes that have `need` votes together, where node i has `votes[i]`; by default more than half of all votes.

    Parameters
    ----------
    votes : sequence of int
        The votes of each node, 0 or more.
    need : int, optional
        How many votes make a quorum.

    Returns
    -------
    tuple of frozenset of int
        The quorums that contain no other, in the order of their sizes.

    Raises
    ------
    ProtocolError
        If a number of votes is negative or no int, or no set of nodes has `need` votes.

    References
    ----------
    D. K. Gifford, Weighted voting for replicated data (1979), section 2, https://doi.org/10.1145/800215.806583.

    Examples
    --------
    >>> [sorted(quorum) for quorum in weighted([2, 1, 1])]
    [[0, 1], [0, 2]]
    """
    votes = tuple(votes)
    if not votes or any(type(count) is not int or count < 0 for count in votes):
        raise ProtocolError(f"votes={votes!r}: give each node a whole number of votes, 0 or more")
    need = sum(votes) // 2 + 1 if need is None else need
    if not 1 <= need <= sum(votes):
        raise ProtocolError(f"need={need!r}: together the nodes have {sum(votes)} votes; need 1 to {sum(votes)}")
    nodes = range(len(votes))
    sets = [set_ for size in range(1, len(votes) + 1) for set_ in map(frozenset, combinations(nodes, size))]
    return _smallest(set_ for set_ in sets if sum(votes[i] for i in set_) >= need)


def grid(rows, columns):
    """The rows and the columns of a grid of rows * columns nodes, numbered row by row: two quorum systems.

    Parameters
    ----------
    rows, columns : int
        The sides of the grid, 1 or more.

    Returns
    -------
    across, down : tuple of frozenset of int
        The rows, and the columns. Each row shares one node with each column.

    Raises
    ------
    ProtocolError
        If a side is below 1.

    Examples
    --------
    >>> [[sorted(quorum) for quorum in quorums] for quorums in grid(2, 2)]
    [[[0, 1], [2, 3]], [[0, 2], [1, 3]]]
    """
    if rows < 1 or columns < 1:
        raise ProtocolError(f"grid({rows!r}, {columns!r}): a grid has one row and one column at least")
    n = rows * columns
    across = tuple(frozenset(range(start, start + columns)) for start in range(0, n, columns))
    down = tuple(frozenset(range(start, n, columns)) for start in range(columns))
    return across, down


def covers(quorums, nodes):
    """Whether the set `nodes` contains a quorum.

    Parameters
    ----------
    quorums : tuple of frozenset of int
        A quorum system.
    nodes : set of int
        The nodes that have promised, say, or accepted.

    Returns
    -------
    bool
        True when they are enough.
    """
    return any(quorum <= nodes for quorum in quorums)


def apart(first, second):
    """A quorum of the one system and a quorum of the other that share no node; None when all of them meet.

    Parameters
    ----------
    first, second : tuple of frozenset of int
        Two quorum systems.

    Returns
    -------
    tuple of two frozensets of int, or None
        The first such pair, in the order of the systems.

    Examples
    --------
    >>> apart(majorities(4), majorities(4)) is None
    True
    >>> [sorted(quorum) for quorum in apart(at_least(2, 4), at_least(2, 4))]
    [[0, 1], [2, 3]]
    """
    return next(((a, b) for a in first for b in second if not a & b), None)


def _smallest(sets):
    """Of sets in the order of their sizes, those that contain no other."""
    found = []
    for set_ in sets:
        if not covers(found, set_):
            found.append(set_)
    return tuple(found)
