import assert from "node:assert/strict";
import test from "node:test";
import {
    curveOf,
    degrees,
    nodeRadius,
    pathOf,
    pillRadius,
    ringGeometry,
} from "../../../consensus_lab/widgets/stage/geometry.js";

const WIDTHS = [
    [280, true],
    [350, true],
    [560, false],
    [820, false],
];

test("every node, with its words, is inside the picture, and no two touch", () => {
    for (const [W, small] of WIDTHS)
        for (let n = 1; n <= 12; n++) {
            const { H, r, nodes } = ringGeometry(n, W, small, false);
            for (const { x, y } of nodes) {
                assert.ok(x - r >= 0 && x + r <= W, `${n} nodes in ${W}: x ${x}`);
                assert.ok(y - r >= 0 && y + r <= H, `${n} nodes in ${W}: y ${y}`);
            }
            nodes.forEach((a, i) =>
                nodes.slice(0, i).forEach((b) => {
                    const apart = Math.hypot(a.x - b.x, a.y - b.y);
                    assert.ok(apart > 2 * nodeRadius(n), `${n} nodes in ${W}: ${apart} apart`);
                }),
            );
        }
});

test("the first of several nodes is at the top; two stand beside each other; one is in the middle", () => {
    const [first, ...others] = ringGeometry(5, 800, false, false).nodes;
    assert.ok(others.every(({ y }) => y > first.y));
    const [a, b] = ringGeometry(2, 800, false, false).nodes;
    assert.ok(Math.abs(a.y - b.y) < 1e-9 && a.x < b.x);
    assert.equal(ringGeometry(1, 800, false, false).nodes[0].x, 400);
});

test("a message leaves at the edge of its sender and ends just before its receiver", () => {
    for (let n = 2; n <= 9; n++) {
        const ring = ringGeometry(n, 800, false, false);
        for (let lane = 0; lane < 7; lane++) {
            const [x0, y0, , , x1, y1] = curveOf({ from: 0, to: n - 1, lane }, ring);
            const from = ring.nodes[0];
            const to = ring.nodes[n - 1];
            assert.ok(Math.abs(Math.hypot(x0 - from.x, y0 - from.y) - ring.r) < 1e-6);
            assert.ok(Math.abs(Math.hypot(x1 - to.x, y1 - to.y) - ring.r - 8) < 1e-6);
        }
    }
});

test("lanes of one pair bend apart", () => {
    const ring = ringGeometry(5, 800, false, false);
    const bends = [0, 1, 2, 3, 4].map((lane) =>
        curveOf({ from: 0, to: 2, lane }, ring).slice(2, 4).join(),
    );
    assert.equal(new Set(bends).size, 5);
});

test("a curve is written with a tenth of a pixel, and an angle with a tenth of a degree", () => {
    assert.equal(pathOf([0, 0.04, 1.26, 2, 3, 4]), "M0 0Q1.3 2 3 4");
    assert.equal(degrees(Math.PI / 3), 60);
});

test("the edge of a label is half its height above the middle, and its reach and a half circle to the side", () => {
    assert.ok(Math.abs(pillRadius(30, Math.PI / 2) - 11) < 1e-6);
    assert.ok(Math.abs(pillRadius(30, 0) - 41) < 1e-6);
    assert.ok(pillRadius(30, Math.PI / 4) > 11 && pillRadius(30, Math.PI / 4) < 41);
});
