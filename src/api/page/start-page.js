// The page at `/`: from the set-up link to the first backup. Plain JavaScript, as browsers run it.

const api = "../api/v1";
const home = `${api}/homes/home`;

/** @param {string} id */
const element = (id) => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`There is no element ${id}`);
  return found;
};

/** @param {string} id @param {boolean} visible */
const show = (id, visible) => {
  element(id).hidden = !visible;
};

/** @param {string} id @param {string} text */
const say = (id, text) => {
  element(id).textContent = text;
  if (text !== "") element(id).scrollIntoView({ block: "nearest" });
};

/**
 * Asks the server; what it cannot do is thrown as the sentence that it says.
 * @param {string} method @param {string} address @param {unknown} [body]
 */
async function ask(method, address, body) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(address, { method, headers, ...sent });
  if (response.status === 204) return undefined;
  const answer = await response.json();
  if (response.ok) return answer;
  const { detail = "Something went wrong", advice } = answer;
  throw new Error(advice === undefined ? detail : `${detail}. ${advice}`);
}

/**
 * Does something that a button asks for, which cannot be pressed meanwhile, and tells what went wrong.
 * @param {string} id of a form or a button @param {(form: FormData) => Promise<void>} work
 */
function on(id, work) {
  const target = element(id);
  const isForm = target instanceof HTMLFormElement;
  const button = isForm ? target.querySelector("button:not([type=button])") : target;
  const carryOut = async () => {
    say("problem", "");
    say("notice", "");
    button?.toggleAttribute("disabled", true);
    try {
      await work(isForm ? new FormData(target) : new FormData());
      if (isForm) target.reset();
    } catch (error) {
      tell(error);
    } finally {
      button?.toggleAttribute("disabled", false);
    }
  };
  target.addEventListener(isForm ? "submit" : "click", (event) => {
    event.preventDefault();
    void carryOut();
  });
}

/** @param {unknown} error */
function tell(error) {
  const lost = error instanceof TypeError;
  const text = lost ? "The server does not answer. Is it still running?" : String(error?.message);
  say("problem", text);
}

/** Shows what is to be done next, whoever asks. */
async function begin() {
  let { kind, setUpNeeded } = await ask("GET", `${api}/access/session`);
  const token = new URLSearchParams(location.hash.slice(1)).get("set-up");
  // The link need not stand in the history.
  if (token !== null) history.replaceState(null, "", location.pathname);
  if (token !== null && setUpNeeded)
    ({ kind, setUpNeeded } = await ask("POST", `${api}/access/set-up/session`, { token }));
  const isIn = kind === "session" || kind === "ingress";
  show("no-link", kind === "nobody" && setUpNeeded);
  show("first-password", kind === "set-up");
  show("sign-in", kind === "nobody" && !setUpNeeded);
  show("sign-out", kind === "session");
  show("steps", isIn);
  show("next", isIn);
  if (isIn) await showSteps();
}

async function showSteps() {
  await Promise.all([showHome(), showKey(), showBackups()]);
  follow();
}

async function showHome() {
  const { paths } = await ask("GET", `${home}/paths`);
  const folder = paths.config ?? paths.media ?? paths.share;
  if (folder === undefined) {
    show("back-up", false);
    return;
  }
  const { parts, homeassistantVersion } = await ask("GET", `${home}/info`);
  const version =
    homeassistantVersion === undefined ? "" : `, Home Assistant ${homeassistantVersion}`;
  element("step-home").querySelector(".done").textContent =
    `✓ ${folder}${version}: ${parts.join(", ") || "nothing there yet"}`;
  const details = element("step-home").querySelector("details");
  details.querySelector("summary").hidden = false;
  details.open = parts.length === 0;
  show("back-up", parts.length > 0);
}

/** @type {{ id: string, first: number, second: number } | undefined} */
let toProve;

async function showKey() {
  const { keys } = await ask("GET", `${home}/keys`);
  const key = keys.find(({ current }) => current);
  show("no-key", key === undefined);
  show("plain", key === undefined);
  const isProven = key !== undefined && key.provenAt !== null;
  show("prove", key !== undefined && !isProven);
  element("step-key").querySelector(".done").textContent = isProven
    ? `✓ Key ${key.id} “${key.name}”; its emergency kit is at hand`
    : "";
  if (key === undefined || isProven) return;
  const [first, second] = [1, 2, 3, 4, 5, 6, 7]
    .toSorted(() => Math.random() - 0.5)
    .slice(0, 2)
    .toSorted((a, b) => a - b);
  toProve = { id: key.id, first, second };
  say("first-group", `Group ${first} of the key`);
  say("second-group", `Group ${second} of the key`);
}

async function showBackups() {
  const { backups } = await ask("GET", `${home}/backups`);
  const list = element("backups").querySelector("ul");
  list.replaceChildren(...backups.slice(0, 20).map(backupItem));
  show("backups", backups.length > 0);
}

function backupItem({
  slug,
  name,
  file,
  date,
  size,
  protected: isProtected,
  verification,
  problems,
}) {
  const item = document.createElement("li");
  const small = document.createElement("small");
  const when = date === undefined ? "" : new Date(date).toLocaleString();
  const checked = verification === undefined ? "not checked yet" : verification.verdict;
  const state = problems?.length > 0 ? "damaged" : checked;
  const lock = isProtected ? "encrypted" : "not encrypted";
  const shown = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(size / 1e6);
  small.textContent = [slug, when, `${shown} MB`, lock, state].filter(Boolean).join(" · ");
  item.append(name ?? file, small);
  return item;
}

/** @type {string | undefined} */
let running;
/** @type {EventSource | undefined} */
let events;

/** Follows whatever runs, also what others have begun. */
function follow() {
  if (events !== undefined) return;
  events = new EventSource(`${home}/events`);
  events.addEventListener("run", ({ data }) => {
    const run = JSON.parse(data);
    const isOver = run.ended !== undefined;
    running = isOver ? undefined : run.id;
    show("progress", !isOver);
    element("back-up").toggleAttribute("disabled", !isOver);
    if (isOver) void ended(run).catch(tell);
    else showProgress(run);
  });
}

function showProgress({ steps }) {
  const step = steps.find(({ state }) => state === "running") ?? steps[0];
  const words = { make: "Backing up", verify: "Reading it back", restore: "Restoring" };
  const what = words[step.kind] ?? step.kind;
  const part = step.progress?.part === undefined ? "" : `: ${step.progress.part}`;
  const bar = element("progress").querySelector("progress");
  if (step.percent === undefined) bar.removeAttribute("value");
  else bar.value = step.percent;
  const text = step.state === "queued" ? "Waiting for another backup" : `${what}${part}`;
  element("progress").querySelector("p").textContent = text;
}

async function ended({ state, steps, backup }) {
  const failed = steps.find(({ error }) => error !== undefined);
  if (state === "done") say("notice", `✓ ${backup?.name ?? "Done"} is there, and was read back`);
  else say("problem", failed?.error.message ?? `It was ${state}`);
  await showBackups();
}

on("first-password", async (form) => {
  if (form.get("password") !== form.get("again")) throw new Error("The two passwords differ");
  await ask("POST", `${api}/access/set-up/password`, { password: form.get("password") });
  await begin();
});

on("sign-in", async (form) => {
  await ask("POST", `${api}/access/session`, { password: form.get("password") });
  await begin();
});

on("sign-out", async () => {
  await ask("DELETE", `${api}/access/session`);
  location.reload();
});

on("home", async (form) => {
  const given = [...form].filter(([, value]) => value !== "");
  if (given.length === 0) throw new Error("Say where the home lies");
  await ask("PUT", `${home}/paths`, Object.fromEntries(given));
  await showHome();
});

on("make-key", async () => {
  await ask("POST", `${home}/keys`, {});
  await showKey();
});

on("kit", async () => {
  const { kit } = await ask("POST", `${home}/keys/${toProve.id}/kit`, { format: "html" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([kit], { type: "text/html" }));
  link.download = `safehouse-emergency-kit-${toProve.id}.html`;
  link.click();
  URL.revokeObjectURL(link.href);
});

on("prove", async (form) => {
  const groups = { [toProve.first]: form.get("first"), [toProve.second]: form.get("second") };
  await ask("POST", `${home}/keys/${toProve.id}/prove`, { groups });
  await showKey();
});

on("back-up", async () => {
  await ask("POST", `${home}/backups`, {});
});

on("cancel", async () => {
  if (running !== undefined) await ask("POST", `${home}/runs/${running}/cancel`, {});
});

begin().catch(tell);
