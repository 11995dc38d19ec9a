import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { createPython } from "../../../consensus_lab/widgets/homes/python.js";

/* Workers that do nothing by themselves: a test says what comes from them. */
let workers = [];
class FakeWorker {
    asked = [];
    ended = false;
    constructor() {
        workers.push(this);
    }
    postMessage(message) {
        this.asked.push(message);
    }
    terminate() {
        this.ended = true;
    }
    says(data) {
        this.onmessage({ data });
    }
    get questions() {
        return this.asked.filter(({ number }) => number).map(({ number }) => number);
    }
}
globalThis.Worker = FakeWorker;
globalThis.location = { protocol: "http:" };
URL.createObjectURL = () => "blob:worker";
mock.method(console, "info", () => {});
mock.timers.enable({ apis: ["setTimeout"] });

let ask;
beforeEach(() => {
    workers = [];
    ask = createPython({ pyodide: "p/", wheel: "w.whl", worker: "" });
});
/* What became of a promise, as text. */
const outcome = (promise) => promise.then(JSON.stringify, (error) => error.message);
const settled = async (promise) =>
    Promise.race([promise, new Promise((done) => setImmediate(done, "still waiting"))]);

test("questions are answered, each with its own answer", async () => {
    const [one, two] = [ask({ do: 1 }), ask({ do: 2 })].map(outcome);
    const [worker] = workers;
    worker.says({ ready: true });
    worker.says({ working: 1 });
    worker.says({ number: 1, text: '{"a":1}' });
    worker.says({ working: 2 });
    worker.says({ number: 2, text: '{"a":2}' });
    assert.deepEqual([await one, await two], ['{"a":1}', '{"a":2}']);
    mock.timers.tick(1_000_000);
    assert.equal(workers.length, 1);
    assert.ok(!worker.ended);
});

test("a question has a clock of its own, which another's answer does not stop", async () => {
    const [one, two] = [ask({ do: 1 }), ask({ do: 2 })].map(outcome);
    const [worker] = workers;
    worker.says({ ready: true });
    worker.says({ working: 1 });
    worker.says({ working: 2 });
    worker.says({ number: 1, text: "1" });
    assert.equal(await one, "1");
    mock.timers.tick(60_000);
    assert.match(await settled(two), /more than 60 seconds/);
    assert.ok(worker.ended);
});

test("one that takes too long is stopped, and the others are asked again", async () => {
    const [one, two] = [ask({ do: 1 }), ask({ do: 2 })].map(outcome);
    workers[0].says({ ready: true });
    workers[0].says({ working: 1 });
    mock.timers.tick(60_000);
    assert.match(await settled(one), /stopped/);
    assert.ok(workers[0].ended);
    assert.deepEqual(workers[1].questions, [2]);
    workers[1].says({ ready: true });
    workers[1].says({ working: 2 });
    workers[1].says({ number: 2, text: "2" });
    assert.equal(await settled(two), "2");
});

test("a worker that breaks off, or answers what is no answer, is ended and said to be", async () => {
    for (const bad of [{ broken: "SystemExit: 1" }, { text: "no JSON" }, { text: "undefined" }]) {
        workers = [];
        ask = createPython({ pyodide: "p/", wheel: "w.whl", worker: "" });
        const [one, two] = [ask({ do: 1 }), ask({ do: 2 })].map(outcome);
        workers[0].says({ ready: true });
        workers[0].says({ working: 1 });
        workers[0].says({ number: 1, ...bad });
        assert.match(await settled(one), /broke off/);
        assert.ok(workers[0].ended);
        assert.deepEqual(workers[1].questions, [2]);
        assert.equal(await settled(two), "still waiting");
    }
});

test("Python that does not come has a time limit, and can be asked again", async () => {
    const error = await (async () => {
        const asked = ask({ do: 1 }).catch((error) => error);
        mock.timers.tick(120_000);
        return settled(asked);
    })();
    assert.match(error.message, /not there after 2 minutes/);
    assert.ok(error.again && workers[0].ended);
    const again = outcome(ask({ do: 1 }));
    workers[1].says({ ready: true });
    workers[1].says({ working: 2 });
    workers[1].says({ number: 2, text: "1" });
    assert.equal(await settled(again), "1");
});

test("a canceled question ends the worker, and what an ended worker still says is not heard", async () => {
    const cancel = new AbortController();
    const one = outcome(ask({ do: 1 }, { signal: cancel.signal }));
    const two = outcome(ask({ do: 2 }));
    cancel.abort();
    assert.equal(await settled(one), "Canceled.");
    workers[0].says({ number: 2, text: '"old"' });
    assert.equal(await settled(two), "still waiting");
    assert.deepEqual(workers[1].questions, [2]);
});

test("a question canceled before it was asked is never asked", async () => {
    const cancel = new AbortController();
    cancel.abort();
    assert.equal(await settled(outcome(ask({ do: 1 }, { signal: cancel.signal }))), "Canceled.");
    assert.equal(workers.length, 0);
});
