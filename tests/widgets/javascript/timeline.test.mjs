import assert from "node:assert/strict";
import test from "node:test";
import * as timeline from "../../../consensus_lab/widgets/stage/timeline.js";

const { lanes, search, spanIndex } = timeline;
const at = (...times) => times.map((t) => ({ t }));
const gaps = (U) => U.slice(1).map((u, k) => u - U[k]);

test("steps of one moment are spread, and a long wait is shortened", () => {
    const { T, U } = timeline.timeline(at(0, 0, 0, 1, 50, 51));
    assert.deepEqual(T, [0, 0, 0, 0, 1, 50, 51]);
    assert.equal(U[0], -timeline.LEAD);
    for (const gap of gaps(U)) assert.ok(gap > 0 && gap <= timeline.MOST + 1e-9, `${gap}`);
    assert.ok(Math.abs(U[5] - U[4] - timeline.MOST) < 1e-9, "49 units of waiting");
    assert.ok(Math.abs(U[6] - U[5] - 1) < 1e-9, "what follows a long wait keeps its distance");
});

test("a run in which no time passes still has its steps apart", () => {
    assert.deepEqual(
        gaps(timeline.timeline(at(0, 0)).U).map((gap) => gap > 0.29),
        [true, true],
    );
    assert.deepEqual(timeline.timeline([]), { T: [0], U: [-timeline.LEAD] });
});

test("search finds the last place that is not above", () => {
    const list = [0, 1, 1, 4];
    assert.deepEqual(
        [-1, 0, 0.5, 1, 3, 4, 9].map((x) => search(list, x)),
        [0, 0, 0, 2, 2, 3, 3],
    );
});

test("the index finds what a plain look at all items finds, each once", () => {
    const N = 200;
    let seed = 7;
    const random = (n) => (seed = (seed * 48271) % 2147483647) % n;
    const items = Array.from({ length: 300 }, () => {
        const a = random(N);
        return { a, b: Math.min(N, a + random(90)) };
    });
    const within = spanIndex(items, N);
    for (let i = 0; i < 50; i++) {
        const a = random(N);
        const b = Math.min(N, a + random(60));
        const plain = items.filter((item) => item.a <= b && item.b >= a);
        const found = within(a, b);
        assert.equal(found.length, plain.length);
        assert.deepEqual(new Set(found), new Set(plain));
    }
});

test("messages between the same two nodes at one time have lanes of their own, either way", () => {
    const message = (from, to, u0, u1) => ({ from, to, u0, u1, lane: 0 });
    const all = [
        message(0, 1, 0, 2),
        message(1, 0, 1, 3),
        message(0, 1, 1.5, null),
        message(0, 2, 0, 2),
    ];
    assert.deepEqual(
        lanes([...all, message(1, 0, 2, 3)]).map((m) => m.lane),
        [0, 1, 2, 0, 0],
    );
});
