// The lanes' pictures: the newest one wins, five a second at most, none while nobody looks.

const EVERY = 200;
const AGAIN_AFTER = 2000;
const STALE_AFTER = 3000;

function watch(figure: HTMLElement): void {
  const image = figure.querySelector("img");
  const camera = figure.dataset["camera"];
  if (!image || !camera) {
    return;
  }
  let after = 0;
  let shown = "";
  let last = 0;
  let visible = true;
  new IntersectionObserver((entries) => {
    visible = entries.some((entry) => entry.isIntersecting);
  }).observe(figure);

  const step = async (): Promise<void> => {
    if (document.hidden || !visible) {
      return;
    }
    const answer = await fetch(`/lane-picture/${camera}.jpg?after=${after}`, { credentials: "same-origin" });
    if (answer.status === 200) {
      after = Number(answer.headers.get("x-number") ?? 0);
      const url = URL.createObjectURL(await answer.blob());
      image.src = url;
      image.hidden = false;
      if (shown) {
        URL.revokeObjectURL(shown);
      }
      shown = url;
      last = performance.now();
    } else if (answer.status >= 400) {
      throw new Error(`${camera}: ${answer.status}`);
    }
  };
  const turn = async (): Promise<void> => {
    const began = performance.now();
    let pause = EVERY;
    try {
      await step();
    } catch {
      // The page says that the connection is lost.
      pause = AGAIN_AFTER;
    }
    figure.classList.toggle("fresh", last > 0 && performance.now() - last < STALE_AFTER);
    setTimeout(turn, Math.max(pause - (performance.now() - began), 20));
  };
  void turn();
}

/** Keeps every picture of the page live. */
export function watchPictures(): void {
  document.querySelectorAll<HTMLElement>("[data-camera]").forEach(watch);
}
