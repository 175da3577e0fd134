import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { serverSentEvents } from "#client/server-sent-events.ts";
import { Bench, JsonValue } from "#test/safehouse.ts";
import { TestServer } from "#test/server.ts";

const timeout = 120_000;
const ssl = { folders: ["ssl"], homeassistant: false };

test(
  "who listens sees runs of the API and of commands begin, go on and end",
  { timeout },
  async () => {
    using bench = new Bench({ mediaBytes: 12_000_000 });
    await using server = await TestServer.start(bench);
    const listeners = await Promise.all([Listener.open(server), Listener.open(server)]);
    const made = await server.run("/backups");
    const ofApi = made.text("id");
    await bench.json("backups", "verify", made.text("backup", "slug"), "--embedded");
    const [verified] = (await server.home("/runs")).list("runs");
    const ofCommand = verified?.text("id") ?? "";
    assert.notEqual(ofCommand, ofApi);
    for (const listener of listeners) {
      const states = await listener.statesUntilEnd(ofApi);
      assert.ok(states.length > 1, `it was seen while it ran: ${states.join(", ")}`);
      assert.equal(states.at(-1), "done");
      // It may be over before anybody looks, and is told of all the same.
      assert.equal((await listener.statesUntilEnd(ofCommand)).at(-1), "done");
      listener.close();
    }
  },
);

test("who listens is told what others change", { timeout }, async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const listener = await Listener.open(server);
  await server.home("/keys", { json: { name: "Second" } });
  await listener.seen(({ event, data }) => event === "changed" && data.includes("newKey"));
  listener.close();
});

test(
  "fifty who listen all see a run end, and leave nothing behind when they go",
  { timeout },
  async () => {
    using bench = new Bench();
    await using server = await TestServer.start(bench);
    await server.run("/backups", ssl);
    const before = socketsOf(server);
    const listeners = await Promise.all(Array.from({ length: 50 }, () => Listener.open(server)));
    assert.ok(socketsOf(server) > 50);
    const id = (await server.run("/backups", ssl)).text("id");
    for (const listener of listeners) {
      assert.equal((await listener.statesUntilEnd(id)).at(-1), "done");
      listener.close();
    }
    // They are gone for the server once it has noticed.
    for (let looks = 0; socketsOf(server) > before; looks += 1) {
      assert.ok(looks < 1000, `${socketsOf(server)} sockets are left, ${before} were there before`);
      await pause(50);
    }
    assert.equal(await server.stop("SIGTERM"), 0, server.said);
  },
);

function socketsOf({ pid }: TestServer): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => isSocket(`${folder}/${name}`)).length;
}

function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith("socket:");
  } catch (error) {
    // It was closed meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return false;
  }
}

interface Heard {
  readonly event: string;
  readonly data: string;
}

/** Somebody who listens to the events of a server, and remembers all of them. */
class Listener {
  readonly #heard: Heard[] = [];
  readonly #gone: AbortController;
  #failure: Error | undefined;

  private constructor(gone: AbortController) {
    this.#gone = gone;
  }

  /** Resolves once the server has said hello. */
  static async open({ url, token }: TestServer): Promise<Listener> {
    const gone = new AbortController();
    const listener = new Listener(gone);
    const response = await fetch(`${url}/api/v1/homes/home/events`, {
      headers: { Authorization: `Bearer ${token}` },
      signal: gone.signal,
    });
    assert.equal(response.status, 200);
    void listener.#listen(response);
    await listener.seen(({ event }) => event === "hello");
    return listener;
  }

  /** Waits for an event that was heard or will be. */
  async seen(isWanted: (heard: Heard) => boolean): Promise<void> {
    while (!this.#heard.some(isWanted)) await this.#pause();
  }

  /** The states of a run, one for each event about it. */
  async statesUntilEnd(id: string): Promise<readonly string[]> {
    const runs = (): readonly JsonValue[] =>
      this.#heard
        .filter(({ event }) => event === "run")
        .map(({ data }) => new JsonValue(JSON.parse(data)))
        .filter((run) => run.at("id") === id);
    while (runs().at(-1)?.at("ended") === undefined) await this.#pause();
    return runs().map((run) => run.text("state"));
  }

  close(): void {
    this.#gone.abort();
  }

  async #listen(response: Response): Promise<void> {
    try {
      for await (const event of serverSentEvents(response.body ?? new ReadableStream()))
        this.#heard.push(event);
    } catch (error) {
      if (!this.#gone.signal.aborted)
        this.#failure = new Error("The server has ended the events", { cause: error });
    }
  }

  async #pause(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await pause(10);
  }
}
