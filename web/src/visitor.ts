// A pass's page: keeps itself on the phone, draws the code that changes, says how the pass stands.
import { Clock } from "./visitor_clock.ts";
import { fromHex, pathOf, STEP, stepOf, tokenAt } from "./visitor_code.ts";

const ASK_EVERY = 60_000;
const SPENT = ["used", "over", "revoked"];

interface Week {
  days: number[];
  start: number;
  end: number;
}

const page = document.body;
const data = page.dataset;
const clock = new Clock();
const week = data["week"] ? (JSON.parse(data["week"]) as Week) : null;
const inner = fromHex(data["inner"] ?? "");
let said = data["server"] ?? "";
let asOf = Number(data["now"]);
let drawn = -1;

function element(id: string): HTMLElement | null {
  return document.getElementById(id);
}

function reveal(id: string, visible: boolean): void {
  const found = element(id);
  if (found) found.hidden = !visible;
}

// --- How the pass stands

function holds(at: number): boolean {
  if (!week) return true;
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: data["zone"] ?? "UTC",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  const day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(part("weekday"));
  const minute = 60 * Number(part("hour")) + Number(part("minute"));
  const today = week.days.includes(day);
  if (week.start < week.end) return today && week.start <= minute && minute < week.end;
  return (today && minute >= week.start) || (week.days.includes((day + 6) % 7) && minute < week.end);
}

function standing(): string {
  const now = clock.now();
  if (said === "inside" || SPENT.includes(said)) return said;
  if (now >= Number(data["to"])) return "over";
  if (now < Number(data["from"])) return "not_yet";
  return holds(now) ? "works" : "not_now";
}

function say(): void {
  const now = standing();
  if (data["standing"] !== now) {
    data["standing"] = now;
    for (const each of document.querySelectorAll<HTMLElement>("[data-for]")) {
      each.hidden = each.dataset["for"] !== now;
    }
  }
  // Only the server's word takes the code away: a phone's clock may be wrong, and the gate decides.
  reveal("shown", !SPENT.includes(said));
  reveal("clock", clock.isCorrected());
}

// --- The code that changes

function draw(): void {
  const untagged = data["untagged"];
  const shape = element("code")?.querySelector("path");
  if (!untagged || !shape) return;
  const now = clock.now();
  const step = stepOf(now);
  if (step !== drawn) {
    shape.setAttribute("d", pathOf(tokenAt(untagged, inner, step)));
    drawn = step;
  }
  const left = element("left") as HTMLProgressElement | null;
  if (left) left.value = Math.ceil((STEP - (now % STEP)) / 1000);
}

function tick(): void {
  say();
  draw();
}

// --- What the server knows

async function ask(): Promise<void> {
  const asked = Date.now();
  try {
    const answer = await fetch(data["state"] ?? "", { cache: "no-store" });
    if (answer.status === 404) {
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    const told = (await answer.json()) as { now: number; standing: string };
    clock.set(told.now, asked, Date.now());
    asOf = told.now;
    away(false);
    if (told.standing !== said) {
      said = told.standing;
      // What is kept on the phone says the same from now on.
      await fetch(data["scope"] ?? "", { cache: "reload" });
    }
  } catch {
    away(true);
  }
  tick();
}

function away(yes: boolean): void {
  const time = element("as-of");
  if (time) {
    const format = { dateStyle: "medium", timeStyle: "short", timeZone: data["zone"] ?? "UTC" } as const;
    time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, format).format(asOf);
  }
  reveal("away", yes);
}

// --- Kept on the phone

async function keep(): Promise<void> {
  const scope = data["scope"];
  if (!("serviceWorker" in navigator) || !scope || SPENT.includes(said)) return;
  try {
    await navigator.serviceWorker.register(data["worker"] ?? "", { scope });
    await navigator.serviceWorker.ready;
    reveal("kept", true);
  } catch {
    // Without HTTPS, or inside a chat's own browser: the page works as long as it is open.
  }
}

function save(event: Event): void {
  const link = event.currentTarget as HTMLAnchorElement;
  const empty = new File([], "pass.png", { type: "image/png" });
  if (!navigator.canShare?.({ files: [empty] })) return;
  event.preventDefault();
  void fetch(link.href)
    .then((answer) => answer.blob())
    .then((blob) => new File([blob], link.download, { type: "image/png" }))
    .then((file) => navigator.share({ files: [file] }))
    .catch((reason: unknown) => {
      if (!(reason instanceof DOMException && reason.name === "AbortError")) location.href = link.href;
    });
}

async function stayLit(): Promise<void> {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // The phone saves its battery, and that is its owner's choice.
  }
}

function seen(): void {
  if (document.visibilityState !== "visible") return;
  tick();
  void ask();
  void stayLit();
}

element("save")?.addEventListener("click", save);
document.addEventListener("visibilitychange", seen);
window.addEventListener("online", () => void ask());
window.addEventListener("offline", () => away(true));
setInterval(tick, 500);
setInterval(() => void ask(), ASK_EVERY);
seen();
void keep();
