// Security keys: a button with data-key-options fetches what to ask, asks the key, and sends the answer with its form.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const credentials = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
const made = async (told) => {
  const asked = { ...told, challenge: bytes(told.challenge), user: { ...told.user, id: bytes(told.user.id) } };
  const key = await navigator.credentials.create({
    publicKey: { ...asked, excludeCredentials: credentials(told.excludeCredentials) },
  });
  const { clientDataJSON, attestationObject } = key.response;
  return [key, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) }];
};
const signed = async (told) => {
  const asked = { ...told, challenge: bytes(told.challenge), allowCredentials: credentials(told.allowCredentials) };
  const key = await navigator.credentials.get({ publicKey: asked });
  const { clientDataJSON, authenticatorData, signature, userHandle } = key.response;
  const parts = { clientDataJSON, authenticatorData, signature };
  const parted = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, text(part)]));
  return [key, { ...parted, userHandle: userHandle ? text(userHandle) : null }];
};
const ask = async (button) => {
  const form = button.form;
  const token = form.querySelector('[name="csrf_token"]').value;
  const answer = await fetch(button.dataset.keyOptions, { method: "POST", headers: { "X-CSRFToken": token } });
  // Too long ago: the form asks for a proof first, by a page of its own.
  if (answer.status === 401) return form.submit();
  if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) throw new Error("not asked");
  const told = await answer.json();
  const [key, response] = await (told.user ? made(told) : signed(told));
  const whole = { id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: {} };
  form.querySelector("[data-key-answer]").value = JSON.stringify(whole);
  for (const box of form.querySelectorAll("[data-instead-of-key]")) box.required = false;
  form.submit();
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-key-options]");
  if (!button) return;
  ask(button).catch(() => {
    const said = button.form.querySelector("[data-key-failed]");
    if (said) said.hidden = false;
  });
});
for (const place of document.querySelectorAll("[data-has-keys]")) place.hidden = !window.PublicKeyCredential;
