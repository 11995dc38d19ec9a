import assert from "node:assert/strict";
import test from "node:test";
import { createLoader } from "../../../consensus_lab/widgets/homes/loader.js";
import { createStore, isRecord } from "../../../consensus_lab/widgets/shared/store.js";
import { decode, depth, encode, read } from "../../../consensus_lab/widgets/stage/later/share.js";

function storage(texts) {
    globalThis.window = {
        localStorage: {
            getItem: (name) => texts[name] ?? null,
            setItem: (name, text) => {
                texts[name] = text;
            },
        },
    };
    return texts;
}

test("what lies on a store and is no record, or no JSON, is as if nothing were there", () => {
    for (const text of ["[1]", "7", '"red"', "null", "{", "true"]) {
        storage({ "consensus-lab x": text });
        assert.deepEqual(createStore("localStorage", "x", (kept) => kept).read(), {}, text);
    }
    storage({ "consensus-lab x": '{"a":1,"b":"two"}' });
    const words = (kept) =>
        Object.fromEntries(Object.entries(kept).filter(([, what]) => typeof what === "string"));
    assert.deepEqual(createStore("localStorage", "x", words).read(), { b: "two" });
});

test("a page that may keep nothing does without", () => {
    globalThis.window = {
        get localStorage() {
            throw new Error("refused");
        },
    };
    const store = createStore("localStorage", "x", (kept) => kept);
    assert.deepEqual(store.read(), {});
    store.write({ a: 1 });
    assert.ok(isRecord({}) && !isRecord([]) && !isRecord(null));
});

test("depth counts brackets, and none of those in texts", () => {
    assert.equal(depth("7"), 0);
    assert.equal(depth('{"a":[1,[2]],"b":{}}'), 3);
    assert.equal(depth('["[[[[", "\\"[[["]'), 1);
    assert.equal(depth("[".repeat(1_000_000)), 1_000_000);
});

test("a link is a run, and one nested deeply is refused before anything reads it", async () => {
    const run = { version: 1, events: [["propose", 0, 0, "red"]] };
    assert.deepEqual(await decode(await encode(run)), run);
    const deep = JSON.parse(`{"events":${"[".repeat(4000)}${"]".repeat(4000)}}`);
    const link = await encode(deep);
    assert.ok(link.length < 1000, "such a link is short");
    await assert.rejects(decode(link), /nested deeper/);
    await assert.rejects(read(new File([JSON.stringify(deep)], "run.json")), /no run/);
});

test("modules share one address of what they import, and a text that did not come can be asked for again", async () => {
    const addresses = [];
    URL.createObjectURL = (blob) => {
        addresses.push(blob);
        return `data:text/javascript,export const here = ${addresses.length};`;
    };
    const asked = [];
    let online = false;
    const load = createLoader(async (name) => {
        asked.push(name);
        if (name === "late" && !online) throw new Error("offline");
        return name === "shared"
            ? "export const h = 1;"
            : 'import{h}from"../../shared/dom.js";import{s}from"../shared/glyphs.js";';
    });
    await Promise.all([load("stage"), load("moves"), load("stage")]);
    assert.deepEqual(
        asked.filter((name) => name === "shared"),
        ["shared"],
    );
    const text = await addresses.at(-1).text();
    assert.ok(!text.includes("shared/") && text.match(/data:/g).length === 2, text);
    await assert.rejects(load("late"), /offline/);
    online = true;
    await load("late");
});
