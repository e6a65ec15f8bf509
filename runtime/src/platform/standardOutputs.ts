import fs from 'node:fs';

/**
 * Koffi's library asks the system at the end of the process to sync the descriptors 1 and 2. Where that fails it wants
 * to say so on 2, under a lock that it has already, and never ends: of a program that has closed them, as daemons do.
 */
export function keepStandardOutputsOpen(): void {
  if (process.platform !== 'win32') process.on('exit', fill);
}

function fill(): void {
  for (const fd of [1, 2]) {
    try {
      fs.fstatSync(fd);
    } catch {
      fillUpTo(fd);
    }
  }
}

/** What is opened gets the lowest number that is free. */
function fillUpTo(fd: number): void {
  try {
    for (let opened = -1; opened < fd;) opened = fs.openSync('/dev/null', 'r+');
  } catch {
    // No descriptor left: then neither is this number free.
  }
}
