// The log: rows arrive in any order, and again when their outcome is known; each has one place.
import htmx from "./htmx.ts";
import { CHIME, RING, play } from "./sound.ts";

const MOST = 300;
const NEW_FOR = 3000;
const CALL_STANDS = 3 * 60 * 1000;

let newest = -1;
let journal = "";

function parse(html: string): HTMLTableRowElement | null {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector("tr");
}

function later(row: HTMLElement): boolean {
  return row.dataset["journal"] !== journal || Number(row.dataset["seq"]) > newest;
}

function place(row: HTMLTableRowElement, body: HTMLElement): boolean {
  const old = document.getElementById(row.id);
  if (old) {
    if (old.dataset["version"] !== row.dataset["version"]) {
      if (old.classList.contains("answered")) {
        row.classList.add("answered");
      }
      old.replaceWith(row);
    }
    return false;
  }
  const seq = Number(row.dataset["seq"]);
  const below = later(row)
    ? body.firstElementChild
    : Array.from(body.children).find((each) => Number((each as HTMLElement).dataset["seq"]) < seq) ?? null;
  body.insertBefore(row, below);
  while (body.children.length > MOST && body.lastElementChild) {
    body.lastElementChild.remove();
  }
  return true;
}

function markAnswered(row: HTMLElement): void {
  const answers = row.dataset["answers"];
  if (answers) {
    document.getElementById(`row-${row.dataset["journal"]}-${answers}`)?.classList.add("answered");
  }
}

function banner(row: HTMLElement): void {
  const template = document.getElementById("call") as HTMLTemplateElement | null;
  const stand = document.getElementById("calls");
  const at = row.querySelector("time");
  const button = row.querySelector<HTMLElement>("[data-open]");
  const id = `call-${row.id}`;
  if (!template || !stand || !at || !button || document.getElementById(id)) {
    return;
  }
  const age = Date.now() - Date.parse(at.dateTime);
  if (age > CALL_STANDS || sessionStorage.getItem(id)) {
    return;
  }
  const call = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  const where = row.querySelector(".lane")?.textContent?.trim() ?? "";
  call.id = id;
  call.querySelector("[data-place]")!.textContent = where;
  call.querySelector("time")!.replaceWith(at.cloneNode(true));
  const open = call.querySelector<HTMLElement>("[data-open]")!;
  Object.assign(open.dataset, button.dataset, { place: where });
  const done = (): void => {
    sessionStorage.setItem(id, "seen");
    call.remove();
  };
  call.querySelector("[data-seen]")!.addEventListener("click", done);
  open.addEventListener("click", done);
  stand.append(call);
}

function arrived(row: HTMLElement): void {
  row.classList.add("new");
  setTimeout(() => row.classList.remove("new"), NEW_FOR);
  document.getElementById("empty")?.setAttribute("hidden", "");
  const said = document.getElementById("said");
  if (said) {
    const line = document.createElement("p");
    line.textContent = row.dataset["said"] ?? "";
    said.append(line);
    while (said.children.length > 5 && said.firstElementChild) {
      said.firstElementChild.remove();
    }
  }
  if (row.dataset["kind"] === "call") {
    play(RING);
  } else if (row.dataset["chimes"] !== undefined) {
    document.body.dataset["chimed"] = row.dataset["seq"] ?? "";
    play(CHIME);
  }
}

function take(html: string, body: HTMLElement): void {
  const row = parse(html);
  if (!row) {
    return;
  }
  const fresh = later(row);
  if (place(row, body) && fresh) {
    journal = row.dataset["journal"] ?? "";
    newest = Number(row.dataset["seq"]);
    arrived(row);
  }
  markAnswered(row);
  htmx.process(row);
  if (row.dataset["kind"] === "call") {
    banner(row);
  }
}

/** Forgets every row that is shown; all of them follow, without what was erased. */
export function forgetLog(): void {
  document.getElementById("rows")?.replaceChildren();
  document.getElementById("said")?.replaceChildren();
}

/** Takes over the rows that the server sends. */
export function keepLog(): void {
  const body = document.getElementById("rows");
  if (!body) {
    return;
  }
  const first = body.firstElementChild as HTMLElement | null;
  if (first) {
    journal = first.dataset["journal"] ?? "";
    newest = Number(first.dataset["seq"]);
  }
  for (const row of Array.from(body.children) as HTMLElement[]) {
    markAnswered(row);
    if (row.dataset["kind"] === "call") {
      banner(row);
    }
  }
  body.addEventListener("htmx:sseBeforeMessage", (event) => {
    event.preventDefault();
    take((event as CustomEvent<MessageEvent<string>>).detail.data, body);
  });
}
