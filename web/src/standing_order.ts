// Lock-down and hold-open: asked for by name and with a reason, never by one tap.

/** Lets each lane's buttons open the question that belongs to them. */
export function keepOrders(): void {
  const dialog = document.getElementById("standing") as HTMLDialogElement;
  const form = document.getElementById("order") as HTMLFormElement;
  const field = (name: string): HTMLInputElement => form.querySelector<HTMLInputElement>(`input[name="${name}"]`)!;

  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-order]");
    if (!button) {
      if (event.target === dialog) {
        dialog.close();
      }
      return;
    }
    const { order, lane, place } = button.dataset;
    field("lane").value = lane ?? "";
    field("what").value = order ?? "";
    field("reason").value = "";
    form.querySelectorAll<HTMLElement>("[data-question]").forEach((question) => {
      question.hidden = question.dataset["question"] !== order;
      if (!question.hidden) {
        document.getElementById("standing-what")!.textContent = question.dataset["title"] ?? "";
      }
    });
    document.getElementById("standing-place")!.textContent = place ?? "";
    dialog.showModal();
    field("reason").focus();
  });
  form.addEventListener("htmx:beforeRequest", () => dialog.close());
}
