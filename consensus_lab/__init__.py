"""Consensus Lab: write a protocol once, then simulate it, explore every schedule of it, and watch it."""

from consensus_lab.configuration import Configuration
from consensus_lab.errors import ProtocolError
from consensus_lab.events import Crash, Deliver, Drop, Duplicate, Envelope, Propose, Restart, Timeout
from consensus_lab.explore import StateGraph, explore
from consensus_lab.node import Message, Node
from consensus_lab.properties import Agreement, Property, Sometimes, Termination, Validity, Violation
from consensus_lab.run import Run
from consensus_lab.simulate import Partition, Simulation, constant, exponential, simulate, uniform
from consensus_lab.sweep import sweep
from consensus_lab.system import System
from consensus_lab.verdict import Verdict, verdict

__all__ = [
    "Agreement", "Configuration", "Crash", "Deliver", "Drop", "Duplicate", "Envelope", "Message", "Node", "Partition",
    "Property", "ProtocolError", "Propose", "Restart", "Run", "Simulation", "Sometimes", "StateGraph", "System",
    "Termination", "Timeout", "Validity", "Verdict", "Violation", "constant", "explore", "exponential", "simulate",
    "sweep", "uniform", "verdict",
]  # fmt: skip
