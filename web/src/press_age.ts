// When a button was pressed, so that a press which a network holds up opens nothing later.

interface Tick {
  ms: number;
  text: string;
  at: number;
}

const KEPT = 15_000;

let ticks: Tick[] = [];

/** Takes the server's clock in milliseconds and the signed tick of it, as they arrived now. */
export function hear(data: string): void {
  const [ms, text] = data.split(" ");
  if (text) {
    const at = performance.now();
    ticks = ticks.filter((each) => at - each.at < KEPT);
    ticks.push({ ms: Number(ms), text, at });
  }
}

/** Gives every form that is sent the tick that travelled fastest, and the time since it came. */
export function datePresses(): void {
  hear(document.body.dataset["tick"] ?? "");
  document.addEventListener("htmx:configRequest", (event) => {
    const headers = (event as CustomEvent<{ headers: Record<string, string> }>).detail.headers;
    const best = ticks.reduce<Tick | undefined>(
      (one, other) => (one && one.ms - one.at > other.ms - other.at ? one : other),
      undefined,
    );
    if (best) {
      headers["X-Tick"] = best.text;
      headers["X-Since"] = String(performance.now() - best.at);
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const sent = (event as CustomEvent<{ xhr?: XMLHttpRequest }>).detail.xhr;
    hear(sent?.getResponseHeader("X-Tick") ?? "");
  });
}
