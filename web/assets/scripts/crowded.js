// Where the bar has no room for all its places, the list of all of them stands beside it.
const bar = document.querySelector(".places ul");
const list = document.querySelector(".all-places");
if (bar && list) new ResizeObserver(() => list.toggleAttribute("data-crowded", bar.scrollWidth > bar.clientWidth)).observe(bar);
