// A button beside a text that is to be copied; without a script, or where nothing may be copied, the text can be marked.
export function copyFrom(text) {
  if (!navigator.clipboard || text.dataset.ready) return;
  text.dataset.ready = "on";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ds-button";
  button.dataset.size = "sm";
  button.dataset.variant = "secondary";
  button.textContent = text.dataset.copy;
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  told.className = "muted";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.textContent);
    told.textContent = text.dataset.copied;
  });
  const row = document.createElement("p");
  row.append(button, " ", told);
  text.after(row);
}
