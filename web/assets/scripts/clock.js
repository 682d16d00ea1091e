// Deadlines come by the server's clock: whoever's own is more than five minutes away from it is told, so that somebody sets one right.
// Once in each tab, unless they are apart.
import { PREFIX } from "./device.js";

const APART = 5 * 60_000, NEAR = `${PREFIX}clock-near`;
const said = document.querySelector("[data-clock]");
const compare = async () => {
  const { headers } = await fetch(said.dataset.clock, { method: "HEAD", cache: "no-store" });
  const isNear = !(Math.abs(Date.now() - Date.parse(headers.get("Date"))) > APART);
  said.hidden = isNear;
  if (isNear) sessionStorage.setItem(NEAR, "yes");
};
if (said && !sessionStorage.getItem(NEAR)) compare().catch(() => {});
