import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { askEarly, fetchOrTake } from "./early";

const origin = "https://spoor.example";
const get = (path: string) => new Request(`${origin}${path}`);
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.stubGlobal("window", { location: { origin } });
  vi.stubGlobal("fetch", fetched);
  fetched.mockReset();
  fetched.mockImplementation(async () => new Response("late"));
});
afterEach(() => vi.unstubAllGlobals());

test("an early answer is taken once", async () => {
  fetched.mockResolvedValueOnce(new Response("early"));
  askEarly("/api/session");
  expect(await (await fetchOrTake(get("/api/session"))).text()).toBe("early");
  expect(await (await fetchOrTake(get("/api/session"))).text()).toBe("late");
  expect(await (await fetchOrTake(get("/api/preferences"))).text()).toBe("late");
});

test("what failed is asked for again", async () => {
  fetched.mockRejectedValueOnce(new TypeError("no network"));
  askEarly("/api/preferences");
  expect((await fetchOrTake(get("/api/preferences"))).status).toBe(200);
});

test("that nobody is signed in is an answer, until somebody signs in", async () => {
  fetched.mockResolvedValueOnce(new Response("", { status: 401 }));
  askEarly("/api/session");
  expect((await fetchOrTake(get("/api/session"))).status).toBe(401);
  expect(fetched).toHaveBeenCalledTimes(1);

  fetched.mockResolvedValueOnce(new Response("", { status: 401 }));
  askEarly("/api/preferences");
  await fetchOrTake(new Request(`${origin}/api/session`, { method: "POST" }));
  expect((await fetchOrTake(get("/api/preferences"))).status).toBe(200);
});

test("another refusal is an answer", async () => {
  fetched.mockResolvedValueOnce(new Response("no address", { status: 400 }));
  askEarly("/api/entities/ip/x");
  const answer = await fetchOrTake(get("/api/entities/ip/x"));
  expect([answer.status, await answer.text()]).toEqual([400, "no address"]);
  expect(fetched).toHaveBeenCalledTimes(1);
});

test("a change makes earlier answers void", async () => {
  fetched.mockResolvedValueOnce(new Response("early"));
  askEarly("/api/preferences");
  await fetchOrTake(new Request(`${origin}/api/session`, { method: "POST" }));
  expect(await (await fetchOrTake(get("/api/preferences"))).text()).toBe("late");
});
