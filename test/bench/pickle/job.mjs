/** A class whose instances the bench of the pickle sends. */
export class Job {
  constructor(id, name) {
    this.id = id;
    this.name = name;
    this.done = false;
  }
}
