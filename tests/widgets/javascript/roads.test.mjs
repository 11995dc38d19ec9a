import assert from "node:assert/strict";
import test from "node:test";
import {
    begins,
    describeRoad,
    parting,
    roadTaken,
} from "../../../consensus_lab/widgets/stage/roads.js";

const propose = (node, value) => ({
    kind: "propose",
    node,
    value,
    text: `${node} proposes something`,
});
const deliver = (msg) => ({ kind: "deliver", node: 1, msg, text: "a delivery" });
const timeout = (node, name) => ({ kind: "timeout", node, name, text: "a timer" });
const ROADS = [
    { steps: [propose(0, "red"), deliver(1), deliver(2), deliver(3)] },
    { fork: { road: 0, step: 2 }, steps: [propose(0, "red"), deliver(1), deliver(5)] },
    { fork: { road: 1, step: 1 }, steps: [propose(0, "red"), timeout(2, "tie")] },
    {
        fork: { road: 0, step: 3 },
        steps: [
            propose(0, "red"),
            deliver(1),
            deliver(2),
            { kind: "drop", msg: 3, node: 1, text: "" },
        ],
    },
];

test("two roads part where the earlier of them left the other's line", () => {
    assert.equal(parting(ROADS, 0, 1), 2);
    assert.equal(parting(ROADS, 1, 3), 2);
    assert.equal(parting(ROADS, 2, 0), 1);
    assert.equal(parting(ROADS, 2, 1), 1);
    assert.equal(parting(ROADS, 0, 0), Infinity);
});

test("roads that name each other, or one that is not there, end the search", () => {
    assert.equal(
        parting([{ fork: { road: 1, step: 3 } }, { fork: { road: 0, step: 2 } }], 0, 1),
        2,
    );
    assert.equal(parting([{ fork: { road: 9, step: 3 } }, {}], 0, 1), 0);
});

test("an event is known by its kind, node and value, and never by its words", () => {
    assert.ok(begins(propose(0, "red"), { kind: "propose", node: 0, value: "red" }));
    assert.ok(
        !begins(
            { ...propose(0, "blue"), text: "A proposes red" },
            { kind: "propose", node: 0, value: "red" },
        ),
    );
    assert.ok(!begins(propose(0, "red"), { kind: "propose", node: 1, value: "red" }));
    assert.ok(begins(timeout(2, "tie"), { kind: "timeout", node: 2, name: "tie" }));
    assert.ok(
        !begins(
            { ...timeout(2, "lease"), text: "C: (tie)" },
            { kind: "timeout", node: 2, name: "tie" },
        ),
    );
    assert.ok(
        begins(deliver(4), { kind: "deliver", msg: 4 }) &&
            !begins(deliver(4), { kind: "drop", msg: 4 }),
    );
    assert.ok(!begins(undefined, { kind: "crash", node: 0 }));
});

test("a road is taken up again where it left with the same event; a loss may come later", () => {
    assert.equal(roadTaken(ROADS, 0, { kind: "deliver", msg: 5 }, 2), 1);
    assert.equal(roadTaken(ROADS, 0, { kind: "deliver", msg: 5 }, 1), -1);
    assert.equal(roadTaken(ROADS, 0, { kind: "drop", msg: 3 }, 1), 3);
    assert.equal(roadTaken(ROADS, 1, { kind: "timeout", node: 2, name: "tie" }, 1), 2);
});

test("a road in words", () => {
    assert.equal(describeRoad(ROADS[0], 0), "Road 1: the run as recorded");
    assert.equal(describeRoad(ROADS[1], 1), "Road 2: leaves road 1 at step 2, a delivery");
    assert.equal(
        describeRoad({ fork: { road: 0, step: 7 }, steps: [] }, 2),
        "Road 3: leaves road 1 at step 7",
    );
});
