// Waiting for a condition, with a limit. Nothing in these tests waits for a fixed time.

export const kPatience = 20_000;

// Calls `look` until it gives something true, which is returned.
export async function until(what, look, patience = kPatience) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${patience} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
