const LONGEST = 100;

/**
 * What `ps` and `process.title` show of a child, given at its start as the name it is called by: that costs nothing,
 * and the arguments after it stay, by which readers of the process table know whose process it is. Electron and Windows
 * keep theirs.
 */
export function titleOf(name: string): string | undefined {
  if ('electron' in process.versions || process.platform === 'win32') return undefined;
  // The system ends an argument at a zero; the others would spoil a line of `ps`.
  return `manycore: ${name.replace(/[\x00-\x1f\x7f]/g, ' ').slice(0, LONGEST)}`;
}
