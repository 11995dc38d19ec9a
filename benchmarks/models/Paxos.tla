------------------------------- MODULE Paxos -------------------------------
(* Model P of tests/exploration/paxos_yardstick.py on a lossy network, for TLC. *)
EXTENDS Naturals, FiniteSets

CONSTANTS Tries0, Tries1
VARIABLES proposers, acceptors, messages

vars == <<proposers, acceptors, messages>>
Acceptors == {"a", "b", "c"}
Tries == <<Tries0, Tries1>>

Ballot(p) == 2 * (proposers[p].tries - 1) + p

Init ==
  /\ proposers = [p \in 1..2 |-> [tries |-> 0, phase |-> 0, heard |-> {}, ballot |-> 0, value |-> 0]]
  /\ acceptors = [a \in Acceptors |-> [promised |-> 0, ballot |-> 0, value |-> 0]]
  /\ messages = {}

Try(p) ==
  /\ proposers[p].phase # 3 /\ proposers[p].tries < Tries[p]
  /\ proposers' = [proposers EXCEPT ![p] =
       [tries |-> @.tries + 1, phase |-> 1, heard |-> {}, ballot |-> 0, value |-> 0]]
  /\ messages' = messages \cup {[kind |-> "1a", ballot |-> 2 * proposers[p].tries + p]}
  /\ UNCHANGED acceptors

Prepare(a, m) ==
  /\ m.kind = "1a" /\ m.ballot > acceptors[a].promised
  /\ acceptors' = [acceptors EXCEPT ![a].promised = m.ballot]
  /\ messages' = messages \cup {[kind |-> "1b", ballot |-> m.ballot, from |-> a,
                                 accepted |-> acceptors[a].ballot, value |-> acceptors[a].value]}
  /\ UNCHANGED proposers

Accept(a, m) ==
  /\ m.kind = "2a" /\ m.ballot >= acceptors[a].promised /\ m.ballot # acceptors[a].ballot
  /\ acceptors' = [acceptors EXCEPT ![a] = [promised |-> m.ballot, ballot |-> m.ballot, value |-> m.value]]
  /\ messages' = messages \cup {[kind |-> "2b", ballot |-> m.ballot, from |-> a]}
  /\ UNCHANGED proposers

Promise(p, m) ==
  /\ m.kind = "1b" /\ proposers[p].phase = 1 /\ m.ballot = Ballot(p) /\ m.from \notin proposers[p].heard
  /\ LET known == proposers[p]
         heard == known.heard \cup {m.from}
         ballot == IF m.accepted > known.ballot THEN m.accepted ELSE known.ballot
         value == IF m.accepted > known.ballot THEN m.value ELSE known.value
         mine == IF value = 0 THEN p ELSE value
     IN IF Cardinality(heard) = 2
        THEN /\ proposers' = [proposers EXCEPT ![p] =
                  [tries |-> @.tries, phase |-> 2, heard |-> {}, ballot |-> 0, value |-> mine]]
             /\ messages' = messages \cup {[kind |-> "2a", ballot |-> m.ballot, value |-> mine]}
        ELSE /\ proposers' = [proposers EXCEPT ![p] =
                  [tries |-> @.tries, phase |-> 1, heard |-> heard, ballot |-> ballot, value |-> value]]
             /\ UNCHANGED messages
  /\ UNCHANGED acceptors

Accepted(p, m) ==
  /\ m.kind = "2b" /\ proposers[p].phase = 2 /\ m.ballot = Ballot(p) /\ m.from \notin proposers[p].heard
  /\ LET heard == proposers[p].heard \cup {m.from}
         done == Cardinality(heard) = 2
     IN proposers' = [proposers EXCEPT ![p].phase = IF done THEN 3 ELSE 2, ![p].heard = IF done THEN {} ELSE heard]
  /\ UNCHANGED <<acceptors, messages>>

Next ==
  \/ \E p \in 1..2 : Try(p)
  \/ \E m \in messages :
       \/ \E a \in Acceptors : Prepare(a, m) \/ Accept(a, m)
       \/ \E p \in 1..2 : Promise(p, m) \/ Accepted(p, m)

Spec == Init /\ [][Next]_vars
=============================================================================
