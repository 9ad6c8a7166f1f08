// The residents' pages. Each of them works without this: it saves taps, and nothing depends on it.

function keepCode(): void {
  // A code may come with the link, behind the #, which no server sees and no log holds.
  const field = document.querySelector<HTMLInputElement>("[data-code]");
  const code = /^#code=([0-9A-Za-z-]{4,64})$/.exec(location.hash);
  if (field && code) {
    field.value = code[1] ?? "";
    history.replaceState(null, "", location.pathname);
  }
}

function keepShare(): void {
  const box = document.querySelector<HTMLElement>(".share");
  if (!box) {
    return;
  }
  const { shareTitle: title = "", shareText: text = "", shareUrl: url = "" } = box.dataset;
  const share = box.querySelector<HTMLButtonElement>("[data-share]");
  const copy = box.querySelector<HTMLButtonElement>("[data-copy]");
  const link = box.querySelector<HTMLInputElement>("[data-select]");
  if (share && typeof navigator.share === "function") {
    share.hidden = false;
    share.addEventListener("click", () => {
      // Whoever closes the sheet has changed their mind, and need not be told.
      navigator.share({ title, text, url }).catch(() => undefined);
    });
  }
  const picture = box.querySelector<HTMLButtonElement>("[data-picture]");
  if (picture && typeof navigator.share === "function" && typeof navigator.canShare === "function") {
    void sharePicture(picture, title);
  }
  link?.addEventListener("focus", () => link.select());
  if (copy && link) {
    copy.hidden = false;
    copy.addEventListener("click", () => {
      void copyText(`${text} ${url}`, link, url).then((done) => {
        if (done) {
          copy.textContent = copy.dataset["copied"] ?? "";
        }
      });
    });
  }
}

async function sharePicture(button: HTMLButtonElement, title: string): Promise<void> {
  // Fetched before anybody presses: a phone shares only at once after a touch.
  const response = await fetch(button.dataset["picture"] ?? "");
  if (!response.ok) {
    return;
  }
  const files = [new File([await response.blob()], "kuahu.png", { type: "image/png" })];
  if (navigator.canShare({ files })) {
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.share({ files, title }).catch(() => undefined);
    });
  }
}

async function copyText(text: string, field: HTMLInputElement, shown: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // The browsers inside chats refuse it, and know the older way.
    }
  }
  field.value = text;
  field.focus();
  field.select();
  const done = document.execCommand("copy");
  field.value = shown;
  return done;
}

function keepFresh(): void {
  const waiting = document.querySelector<HTMLElement>("[data-reload]");
  const seconds = Number(waiting?.dataset["reload"]);
  if (waiting && seconds > 0) {
    setTimeout(() => location.reload(), seconds * 1000);
  }
}

keepCode();
// A link with a code may be followed from the page that it leads to.
addEventListener("hashchange", keepCode);
keepShare();
keepFresh();
