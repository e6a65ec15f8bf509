/** What the processes of bench:startup run. */
export const answer = queue => queue.put(1);

/** Lives and waits, as a process that has nothing to do. */
export const wait = event => event.wait();

/** The same, and says that it is there. */
export async function arriveAndWait(arrivals, event) {
  await arrivals.put(1);
  await event.wait();
}
