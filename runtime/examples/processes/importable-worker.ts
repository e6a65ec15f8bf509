// The target of importable-target.ts. A module that only declares things can be imported by any child, without a guard.
export function worker(): void {
  console.log('Worker');
}
