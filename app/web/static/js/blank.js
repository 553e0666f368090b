// Hides the station's list from passers-by once nobody has touched it for a minute.
const REST_MS = 60000;
let awake = 0;

function stirred() {
  document.body.classList.remove("blank");
  clearTimeout(awake);
  awake = setTimeout(() => document.body.classList.add("blank"), REST_MS);
}

export function watch() {
  for (const kind of ["keydown", "pointerdown", "pointermove"]) document.addEventListener(kind, stirred, { passive: true });
  stirred();
}
