import assert from "node:assert/strict";
import test from "node:test";
import {
    inFlight,
    lives,
    prepare,
    progress,
    remaining,
    titleOf,
    waits,
} from "../../../consensus_lab/widgets/stage/model.js";

const view = (state, value = null, more = {}) => ({
    state,
    value,
    words: state,
    fields: [["vote", value ?? "none"]],
    ...more,
});
const scene = {
    title: "A vote",
    names: ["A", "B"],
    values: [
        ["red", 0],
        ["blue", 1],
    ],
    nodes: [view("undecided"), view("undecided")],
    steps: [
        {
            t: 0,
            kind: "propose",
            node: 0,
            value: "red",
            set: { 0: view("voted", "red", { timers: [["tie", 0, 3]] }) },
        },
        { t: 1, kind: "crash", node: 1, set: { 1: view("crashed") } },
        { t: 2, kind: "restart", node: 1, set: { 1: view("undecided") } },
        {
            t: 3,
            kind: "deliver",
            node: 1,
            msg: 0,
            set: { 1: { ...view("decided", "red"), fields: [["heard", "A"]] } },
        },
        { t: 4, kind: "drop", node: 1, msg: 1, set: {} },
    ],
    messages: [
        [0, 1, "VoteFor", "red", 1, 4, "deliver"],
        [0, 1, "VoteFor", "green", 1, 5, "drop"],
        [1, 0, "Ack", null, 4, null, null],
    ],
    properties: [
        { name: "Agreement", broken: 4, between: [0, 1] },
        { name: "Validity", broken: null, between: [] },
    ],
    can: [
        [0, ["red", "blue"]],
        [3, ["red"]],
        [4, null],
    ],
    budgets: { crash: 2, timeout: null },
};
const run = prepare(scene);

test("a state after each step, with the fields that it kept", () => {
    assert.equal(run.states.length, 6);
    assert.deepEqual(
        run.states.map((row) => row[1].state),
        ["undecided", "undecided", "crashed", "undecided", "decided", "decided"],
    );
    assert.deepEqual(run.states[4][1].fields, [
        ["vote", "none"],
        ["heard", "A"],
    ]);
    assert.equal(run.states[5], run.states[4], "a step that changes nothing shares the state");
});

test("what can still be decided holds until it changes", () => {
    assert.deepEqual(run.can, [
        ["red", "blue"],
        ["red", "blue"],
        ["red", "blue"],
        ["red"],
        null,
        null,
    ]);
});

test("values have their slot; all others are neutral, and none is none", () => {
    assert.deepEqual(["red", "blue", "green", null, ""].map(run.slot), [0, 1, 4, "none", "none"]);
});

test("a moment of the run has a place on the line, and a place its step", () => {
    for (let k = 0; k <= run.N; k++) {
        assert.equal(run.stepAt(run.U[k]), k);
        if (k) assert.ok(Math.abs(run.toU(run.T[k]) - run.U[run.T.lastIndexOf(run.T[k])]) < 1e-9);
    }
});

test("a message travels from its sending to its end, and one that waits for a restart hangs", () => {
    const [late, lost, never] = run.messages;
    assert.ok(late.late && !lost.late && !never.late);
    assert.equal(progress(lost, run.U[1] - 0.1), -1);
    assert.equal(progress(lost, run.U[5]), 0.58);
    assert.equal(progress(lost, run.U[5] + 0.8), -1);
    assert.ok(progress(never, run.U[4] + 5) > 1);
    assert.ok(inFlight(late, 1) && inFlight(late, 3) && !inFlight(late, 4) && !inFlight(late, 0));
    assert.equal(titleOf(lost), "VoteFor green");
});

test("stretches of a life, and of an armed timer", () => {
    assert.deepEqual(
        lives(run, 1).map(({ a, b, view }) => [a, b, view.state]),
        [
            [0, 2, "undecided"],
            [2, 3, "crashed"],
            [3, 4, "undecided"],
            [4, 6, "decided"],
        ],
    );
    assert.deepEqual(waits(run, 0), [{ a: 1, b: 5, due: 3, over: false, level: 0 }]);
});

test("what is left of a budget; without a limit there is no end of it", () => {
    assert.equal(remaining(run, 5, "crash"), 1);
    assert.equal(remaining(run, 1, "crash"), 2);
    assert.equal(remaining(run, 5, "timeout"), Infinity);
});

test("what is broken comes in order, and only what is between nodes clashes", () => {
    assert.deepEqual(
        run.broken.map(({ name }) => name),
        ["Agreement"],
    );
    assert.equal(run.clashes.length, 1);
});
