"""Consensus Lab: write a protocol once, then simulate it, explore every schedule of it, and watch it."""

from consensus_lab.exploration.explore import StateGraph, explore
from consensus_lab.hunting.hunt import Hunt, hunt
from consensus_lab.model.configuration import Configuration
from consensus_lab.model.errors import ProtocolError
from consensus_lab.model.events import Crash, Deliver, Drop, Duplicate, Envelope, Propose, Restart, Timeout
from consensus_lab.model.node import Message, Node
from consensus_lab.model.properties import Agreement, Property, Sometimes, Termination, Validity, Violation
from consensus_lab.model.run import Run
from consensus_lab.model.system import System
from consensus_lab.mutation.mutants import Mutant, mutants
from consensus_lab.mutation.score import MutationScore, mutation_score
from consensus_lab.simulation.delays import constant, exponential, uniform
from consensus_lab.simulation.faults import Partition
from consensus_lab.simulation.simulate import simulate
from consensus_lab.simulation.simulation import Simulation
from consensus_lab.simulation.sweep import sweep
from consensus_lab.verdicts.finding import Verdict
from consensus_lab.verdicts.verdict import verdict

__all__ = [
    "Agreement", "Configuration", "Crash", "Deliver", "Drop", "Duplicate", "Envelope", "Hunt", "Message", "Mutant",
    "MutationScore", "Node", "Partition", "Property", "Propose", "ProtocolError", "Restart", "Run", "Simulation",
    "Sometimes", "StateGraph", "System", "Termination", "Timeout", "Validity", "Verdict", "Violation", "constant",
    "explore", "exponential", "hunt", "mutants", "mutation_score", "simulate", "sweep", "uniform", "verdict",
]  # fmt: skip
