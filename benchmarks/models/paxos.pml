/* Model P(TRIES0, TRIES1) of tests/exploration/paxos_yardstick.py on a lossy network, for Spin.

   A message once sent is there for good, so a flag stands for it: a bit for each ballot that was prepared, and for
   each acceptor and ballot what was promised (1 + 3 * accepted ballot + accepted value) or that it was accepted. */

#define BALLOTS 4

byte tries[2], phase[2], heard[2], best_ballot[2], best_value[2];
byte promised[3], ballot[3], value[3];
byte prepare, promise[12], accept[BALLOTS], accepted[3];

#define BIT(x)    (1 << (x))
#define MINE(p)   (2 * (tries[p] - 1) + p)  /* the ballot of proposer p, from 0 */
#define LAST(p)   (p == 0 -> TRIES0 : TRIES1)

#define TRY(p) \
  :: d_step { phase[p] != 3 && tries[p] < LAST(p) -> \
       tries[p]++; phase[p] = 1; heard[p] = 0; best_ballot[p] = 0; best_value[p] = 0; \
       prepare = prepare | BIT(MINE(p)) }

#define PREPARE(a, b) \
  :: d_step { (prepare & BIT(b)) && b + 1 > promised[a] -> \
       promised[a] = b + 1; promise[a * BALLOTS + b] = 1 + 3 * ballot[a] + value[a] }

#define ACCEPT(a, b) \
  :: d_step { accept[b] && b + 1 >= promised[a] && ballot[a] != b + 1 -> \
       promised[a] = b + 1; ballot[a] = b + 1; value[a] = accept[b]; accepted[a] = accepted[a] | BIT(b) }

#define PROMISE(p, a) \
  :: d_step { phase[p] == 1 && !(heard[p] & BIT(a)) && promise[a * BALLOTS + MINE(p)] -> \
       if \
       :: (promise[a * BALLOTS + MINE(p)] - 1) / 3 > best_ballot[p] -> \
            best_ballot[p] = (promise[a * BALLOTS + MINE(p)] - 1) / 3; \
            best_value[p] = (promise[a * BALLOTS + MINE(p)] - 1) % 3 \
       :: else \
       fi; \
       if \
       :: heard[p] -> \
            phase[p] = 2; heard[p] = 0; best_ballot[p] = 0; \
            best_value[p] = (best_value[p] -> best_value[p] : p + 1); accept[MINE(p)] = best_value[p] \
       :: else -> heard[p] = BIT(a) \
       fi }

#define ACCEPTED(p, a) \
  :: d_step { phase[p] == 2 && !(heard[p] & BIT(a)) && (accepted[a] & BIT(MINE(p))) -> \
       if \
       :: heard[p] -> phase[p] = 3; heard[p] = 0 \
       :: else -> heard[p] = BIT(a) \
       fi }

#define ACCEPTOR(a) \
  PREPARE(a, 0) PREPARE(a, 1) PREPARE(a, 2) PREPARE(a, 3) ACCEPT(a, 0) ACCEPT(a, 1) ACCEPT(a, 2) ACCEPT(a, 3)

#define PROPOSER(p) \
  TRY(p) PROMISE(p, 0) PROMISE(p, 1) PROMISE(p, 2) ACCEPTED(p, 0) ACCEPTED(p, 1) ACCEPTED(p, 2)

init {
end:
  do
  PROPOSER(0)
  PROPOSER(1)
  ACCEPTOR(0)
  ACCEPTOR(1)
  ACCEPTOR(2)
  od
}
