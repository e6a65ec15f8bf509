import { ts } from '@ts-morph/common';
import { type ServerStatus } from '../protocol.js';
import { VERSION } from '../version.js';
import { type Session } from './session.js';

/** `manycore/status` */
export function status({ checker }: Session): ServerStatus {
  return {
    version: VERSION,
    typescript: ts.version,
    node: process.version,
    engines: checker.engines.all().map(engine => ({
      configFile: engine.project.configFile,
      root: engine.project.root,
      files: engine.project.files.length,
      closure: engine.closure().size,
      runtime: engine.runtime,
    })),
  };
}
