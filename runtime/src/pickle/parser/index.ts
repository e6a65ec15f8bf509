/**
 * Reads the source of modules whose functions are sent. A bundle of its own (`parser.cjs`), loaded when it is first
 * needed: it carries a whole JavaScript parser, and most processes never read a source.
 */
import { isClass, node, nodes, nodesAround, parseProgram, nameOf } from './ast.js';
import { exportedNames } from './exports.js';
import { bindingOf, targetIndex, whyHidden } from './place.js';

/** What the source says of one function. `reason` is empty when it is an export: of that `name`, or its `member`. */
export interface SourceVerdict {
  readonly isModule: boolean;
  readonly reason: string;
  readonly mend: string;
  /** The top-level name it has in its module, empty for none. */
  readonly local: string;
  readonly name: string;
  readonly member: string;
  /** Offset where its text starts, `function` and `async` included. */
  readonly start: number;
}

/** Judges the function (or class) at `offset`; null when the text cannot be parsed or has none there. */
export function judgeSource(source: string, offset: number, wantClass: boolean): SourceVerdict | null {
  const program = parseProgram(source);
  if (program === null) return null;
  const path = nodesAround(program.root, offset);
  const index = targetIndex(path, offset, wantClass);
  const target = path[index];
  if (target === undefined) return null;
  const { isModule } = program;
  const found = { isModule, reason: '', mend: '', local: '', name: '', member: '', start: target.start };
  const binding = bindingOf(path, index);
  if (binding === null) return { ...found, ...whyHidden(path, index) };
  const { local, member } = binding;
  if (binding.isDefault) return { ...found, local, member, name: 'default' };
  for (const [name, itsLocal] of exportedNames(program.root)) {
    if (itsLocal === local) return { ...found, local, member, name };
  }
  const declared = path.find(at => /Declaration$/.test(at.type));
  const kind = isClass(target) || (member !== '' && declared?.type === 'ClassDeclaration') ? 'class' : 'function';
  const word = declared?.type === 'VariableDeclaration' ? String(declared['kind']) : kind;
  return {
    ...found,
    local,
    member,
    reason: `its module does not export ${member === '' ? 'it' : `'${local}'`}`,
    mend: `Add 'export' before '${word} ${local}'.`,
  };
}

/** Exported name → local name of a module's own exports; null when the text cannot be parsed. */
export function exportsOfSource(source: string): Map<string, string> | null {
  const program = parseProgram(source);
  return program === null ? null : exportedNames(program.root);
}

/** The names of a class's private instance members, `#` left out; null when its text cannot be parsed. */
export function privateMembersOf(classText: string): string[] | null {
  const program = parseProgram(`(${classText})`);
  const [statement] = program === null ? [] : nodes(program.root['body']);
  const body = node(node(statement?.['expression'])?.['body']);
  if (body === null) return null;
  return nodes(body['body'])
    .filter(member => member['static'] !== true && node(member['key'])?.type === 'PrivateIdentifier')
    .map(member => nameOf(member['key']) ?? '');
}
