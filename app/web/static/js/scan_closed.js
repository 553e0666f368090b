// Says that the counter where somebody stands is closed, before they sign anything there.
const box = document.getElementById("closed-here");

// `closed` as the desk lists it; `place` is where the next list would be signed.
export function show(closed, place) {
  const found = (closed ?? []).find((one) => one.unit === place);
  box.hidden = !found;
  if (!found) return;
  document.getElementById("closed-text").textContent = found.text;
  document.getElementById("closed-advice").textContent = found.advice;
}
