import assert from "node:assert/strict";
import test from "node:test";
import { count, listed, ruler } from "../../../consensus_lab/widgets/shared/text.js";

/* A canvas on which every letter is as wide as half its size. */
const measured = [];
globalThis.document = {
    createElement: () => ({
        getContext: () => ({
            font: "",
            measureText(text) {
                measured.push(text);
                return { width: (text.length * +/(\d+)px/.exec(this.font)[1]) / 2 };
            },
        }),
    }),
};

test("text that fits stays, other text ends in an ellipsis", () => {
    const { width, cut } = ruler("serif");
    assert.equal(width("four", 10), 20);
    assert.equal(cut("four", 20, 10), "four");
    assert.equal(cut("four and more", 30, 10), "four…");
    assert.equal(cut("abc", 1, 10), "a…");
});

test("what was measured is not measured again", () => {
    const { width } = ruler("serif");
    width("once", 12);
    const before = measured.length;
    width("once", 12);
    assert.equal(measured.length, before);
});

test("words for numbers and lists", () => {
    assert.deepEqual(
        [0, 1, 2, 1024].map((n) => count(n, "event")),
        ["0 events", "1 event", "2 events", "1,024 events"],
    );
    assert.deepEqual([[], ["A"], ["A", "B"], ["A", "B", "C"]].map(listed), [
        "",
        "A",
        "A and B",
        "A, B, and C",
    ]);
});
