// The guard's page.
import "./htmx.ts";
import { watchPictures } from "./live_picture.ts";
import { forgetLog, keepLog } from "./log_rows.ts";
import { datePresses, hear } from "./press_age.ts";
import { CHIME, audible, play, unlock } from "./sound.ts";
import { keepOrders } from "./standing_order.ts";

function keepSound(): void {
  const button = document.getElementById("sound");
  const show = (): void => button?.setAttribute("aria-pressed", String(audible()));
  const touch = async (): Promise<void> => {
    await unlock();
    show();
  };
  // Any first touch will do; the button is there so that a guard can see and hear that it works.
  document.addEventListener("pointerdown", touch);
  document.addEventListener("keydown", touch);
  button?.addEventListener("click", async () => {
    await touch();
    play(CHIME);
  });
  void touch();
}

function keepDialogs(): void {
  const why = document.getElementById("why") as HTMLDialogElement;
  const form = document.getElementById("open") as HTMLFormElement;
  const large = document.getElementById("large") as HTMLDialogElement;
  const field = (name: string): HTMLInputElement => form.querySelector<HTMLInputElement>(`input[name="${name}"]`)!;

  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const open = target.closest<HTMLElement>("[data-open]");
    const crop = target.closest<HTMLElement>("[data-large]");
    if (open) {
      const { lane, direction, answers, both, place } = open.dataset;
      field("lane").value = lane ?? "";
      field("answers").value = answers ?? "";
      field("note").value = "";
      form.querySelectorAll<HTMLInputElement>('input[name="direction"]').forEach((radio) => {
        radio.checked = radio.value === (direction || "entry");
      });
      document.getElementById("ways")!.hidden = !both;
      document.getElementById("why-place")!.textContent =
        place ?? open.closest("tr")?.querySelector(".lane")?.textContent?.trim() ?? "";
      why.showModal();
      form.querySelector<HTMLElement>(".reasons button")!.focus();
    } else if (crop) {
      large.querySelector("img")!.src = crop.dataset["large"] ?? "";
      large.showModal();
    } else if (target.closest("[data-close]") || target === why || target === large) {
      target.closest("dialog")?.close();
    }
  });
  form.addEventListener("htmx:beforeRequest", () => why.close());
  field("note").addEventListener("keydown", (event) => {
    // Enter would choose the first reason in the guard's name.
    if (event.key === "Enter") {
      event.preventDefault();
      form.querySelector<HTMLElement>(".reasons button")!.focus();
    }
  });
}

function keepNotices(): void {
  // An answer to a form is shown whatever its status says.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<{ shouldSwap: boolean; isError: boolean; xhr: XMLHttpRequest }>).detail;
    if (detail.xhr?.getResponseHeader("content-type")?.startsWith("text/html")) {
      detail.shouldSwap = true;
    }
  });
  const lost = document.getElementById("lost")!;
  const sending = (event: Event): void => {
    // A button that cannot reach the server must not look as if it had.
    lost.hidden = event.type !== "htmx:sendError" && event.type !== "htmx:sseError";
  };
  for (const name of ["htmx:sseError", "htmx:sseOpen", "htmx:sendError"]) {
    document.addEventListener(name, sending);
  }
  let opened = false;
  document.addEventListener("htmx:sseOpen", (event) => {
    if (opened) {
      // What was erased while nobody told us must not stay.
      forgetLog();
    }
    opened = true;
    const source = (event as CustomEvent<{ source: EventSource }>).detail.source;
    source.addEventListener("leave", () => location.reload());
    source.addEventListener("again", forgetLog);
    source.addEventListener("tick", (said) => hear((said as MessageEvent<string>).data));
  });
}

function keepCheck(): void {
  const form = document.getElementById("check") as HTMLFormElement;
  const code = document.getElementById("code") as HTMLInputElement;
  form.addEventListener("htmx:afterRequest", () => {
    code.value = "";
    code.focus();
  });
  const six = document.getElementById("six") as HTMLInputElement;
  document.getElementById("digits")!.addEventListener("htmx:afterRequest", () => {
    six.value = "";
  });
}

keepSound();
keepLog();
keepDialogs();
keepOrders();
datePresses();
keepNotices();
keepCheck();
watchPictures();
