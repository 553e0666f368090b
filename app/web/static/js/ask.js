// Asks the server for JSON. A station works on without an answer, so a network that is away is no error here.
// -> what was answered; null where there is nothing of that name, undefined where nobody answered.
export async function ask(url, parameters = {}) {
  try {
    const response = await fetch(`${url}?${new URLSearchParams(parameters)}`, { headers: { Accept: "application/json" } });
    if (response.ok) return await response.json();
    return response.status === 404 ? null : undefined;
  } catch {
    return undefined;
  }
}
