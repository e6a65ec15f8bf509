import { os } from '../../lazyNode.js';
import { referenceOf } from '../../pickle/index.js';
import type { Callable } from './spare.js';

/** As many starts are remembered as there may be spares at the most. */
export const mostSpares = (): number => Math.max(1, os().availableParallelism());

/**
 * Which spares will be of use: of the flavours of the last starts (a flavour is the module that was imported beside
 * those of the settings, '' for none), and as many as bursts of starts have asked for.
 */
export class Demand {
  /** The flavours of the last starts, the newest first. */
  #recent: string[] = [];
  /** By flavour, a function that has it: for the spares to come. */
  readonly #examples = new Map<string, Callable | undefined>();
  #wanted = 1;

  /** A process is started that needs the function before all; answers its flavour. */
  note(like: Callable | undefined): string {
    const flavour = flavourOf(like);
    this.#examples.set(flavour, like);
    this.#recent = [flavour, ...this.#recent].slice(0, mostSpares());
    for (const each of this.#examples.keys()) if (!this.#recent.includes(each)) this.#examples.delete(each);
    return flavour;
  }

  /** A start found none ready. */
  grow(): void {
    this.#wanted = Math.min(this.#wanted + 1, mostSpares());
  }

  shrink(): void {
    this.#wanted = Math.max(1, this.#wanted - 1);
  }

  /** Whether there are more than the one that there always is. */
  get isGrown(): boolean {
    return this.#wanted > 1;
  }

  exampleOf(flavour: string): Callable | undefined {
    return this.#examples.get(flavour);
  }

  /** How many spares of which flavour there should be: as the last starts were, but none of those that are `out`. */
  goal(asked: number | null, isOut: (flavour: string) => boolean): Map<string, number> {
    const goal = new Map<string, number>();
    for (let i = 0; i < (asked ?? this.#wanted); i++) {
      const flavour = this.#recent[i % this.#recent.length] ?? '';
      const fit = [flavour, ''].find(each => !isOut(each));
      if (fit !== undefined) goal.set(fit, (goal.get(fit) ?? 0) + 1);
    }
    return goal;
  }
}

/** The module a function comes from, and how it is loaded; '' where no spare need load anything. */
function flavourOf(like: Callable | undefined): string {
  if (like === undefined) return '';
  try {
    const { kind, url } = referenceOf(like);
    return url.startsWith('file:') ? `${kind} ${url}` : '';
  } catch {
    return ''; // it cannot travel: the start says so
  }
}
