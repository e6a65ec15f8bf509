/** Asks again and again until there is an answer; a deadline is a failure that names what was waited for. */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  deadlineMs = 20_000,
): Promise<Exclude<NonNullable<T>, false>> {
  const end = Date.now() + deadlineMs;
  let problem = '';
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer as Exclude<NonNullable<T>, false>;
    } catch (error) {
      problem = `: ${String(error)}`;
    }
    if (Date.now() > end) throw new Error(`waited ${deadlineMs} ms for ${what}${problem}`);
    await new Promise(resolve => setTimeout(resolve, 25));
  }
}
