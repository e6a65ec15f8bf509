// The target comes from another module: the child imports that one, and this file only because it is the program's own.
import { Process, isMain } from 'manycore';
import { worker } from './importable-worker.js';

if (isMain(import.meta)) {
  for (let i = 0; i < 5; i++) {
    const p = new Process({ target: worker });
    p.start();
  }
}
