"""The hosts of a ShiViz log are the nodes, one by one."""

import re

from consensus_lab import System, simulate
from consensus_lab.model.shiviz import PARSER
from consensus_lab.protocols import MajorityVote


def test_hosts_are_different_and_without_white_space():
    names = ["a b", "a_b", "a\tb", "a\nb", "a\u2003b", "\ufeff", " "]
    text = simulate(System(MajorityVote, len(names), {0: "red"}, names=names), seed=1).to_shiviz()
    pattern = PARSER.replace("(?<", "(?P<")
    hosts = {found["host"] for found in re.finditer(pattern, text)}
    assert len(hosts) == len(names)
    assert all(re.fullmatch(r"\S+", host) for host in hosts)
    assert 2 * len(re.findall(pattern, text)) == text.count("\n")
