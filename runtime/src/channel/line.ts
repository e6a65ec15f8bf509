/** Places at the front that may be empty before the line moves up. */
const SLACK = 1024;

/**
 * First come, first served: coming, looking who is first and leaving in front take the same time however long the line
 * is. (A Set walks over everything that ever left its front; an Array moves all that stay.) Leaving the middle looks
 * through the line.
 */
export class Line<T extends object> {
  #items: (T | undefined)[] = [];
  #front = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Who has stood longest; undefined when nobody does. */
  get first(): T | undefined {
    for (; this.#front < this.#items.length; this.#front++) {
      const item = this.#items[this.#front];
      if (item !== undefined) return item;
    }
    return undefined;
  }

  has(item: T): boolean {
    return this.#items.indexOf(item, this.#front) >= 0;
  }

  add(item: T): void {
    this.#items.push(item);
    this.#size++;
  }

  /** False when it does not stand in line. Short for who stands in front. */
  remove(item: T): boolean {
    const at = this.#items.indexOf(item, this.#front);
    if (at < 0) return false;
    this.#items[at] = undefined;
    if (--this.#size === 0) {
      this.#items.length = 0;
      this.#front = 0;
    } else if (at === this.#front && ++this.#front > SLACK && this.#front * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#front);
      this.#front = 0;
    }
    return true;
  }

  *[Symbol.iterator](): Generator<T> {
    for (const item of this.#items.slice(this.#front)) if (item !== undefined) yield item;
  }
}
