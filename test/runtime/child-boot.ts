import { internals } from './internals.js';

const [, , dir = '', slot = '', url = '', name = '', args = '[]'] = process.argv;
internals.memory.joinProgram(dir, Number(slot), 3);
const module_ = (await import(url)) as Record<string, (...args: unknown[]) => unknown>;
const run = module_[name];
if (run === undefined) throw new Error(`${url} has no export ${name}`);
await run(...(JSON.parse(args) as unknown[]));
process.channel?.unref();
