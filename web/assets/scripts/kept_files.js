// Files that were chosen and not yet handed in, kept on this device under the person's own name, as drafts are: until they were
// handed in, he signs out, or two weeks have passed. A device that keeps nothing loses only that.
const DAYS = 14;
const me = () => document.body.dataset.login;

const opened = new Promise((resolve) => {
  try {
    const asked = indexedDB.open("duban", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("files", { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => resolve(null);
  } catch {
    resolve(null);
  }
});
const ask = async (mode, what) => {
  const base = await opened;
  if (!base) return undefined;
  return new Promise((resolve) => {
    const transaction = base.transaction("files", mode);
    const asked = what(transaction.objectStore("files"));
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onerror = transaction.onabort = () => resolve(undefined);
  });
};
const all = async () => (await ask("readonly", (files) => files.getAll())) ?? [];

export const keep = (item, place) => ask("readwrite", (files) => files.put({
  id: item.id, owner: me(), place, name: item.name, was: item.was, blob: item.blob, upload: item.upload, at: item.at,
}));
export const forget = (id) => ask("readwrite", (files) => files.delete(id));
export const keptAt = async (place) => {
  const found = await all();
  for (const one of found) if (Date.now() - one.at > DAYS * 86_400_000) forget(one.id);
  return found.filter((one) => one.owner === me() && one.place === place && Date.now() - one.at <= DAYS * 86_400_000);
};
export const forgetPlace = async (place) => {
  for (const one of await all()) if (one.owner === me() && one.place === place) await forget(one.id);
};

// Signing out waits until what is his has gone from the device.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-sign-out") || form.dataset.emptied) return;
  event.preventDefault();
  form.dataset.emptied = "yes";
  for (const one of await all()) if (one.owner === me()) await forget(one.id);
  form.submit();
}, true);
