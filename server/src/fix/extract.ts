import { type ArrowFunction, type FunctionDeclaration, type FunctionExpression, Node } from 'ts-morph';
import { isJavaScript } from '../engine/scan.js';
import { type Captured, type Span, type TargetForm, type TargetUse } from '../model/types.js';
import { type Fix } from '../rules/rule.js';
import { addArguments, countArguments } from './arguments.js';
import { type FixDocument, freshName, indentAt, lineBreakOf, nodeOf } from './document.js';
import { type TextEdit } from './edits.js';
import { exporting } from './exporting.js';
import { reindent, startWithComments, topLevelAt, topLevelNames, wholeLines } from './layout.js';

type Closure = Extract<TargetForm, { kind: 'closure' }>;
type Extractable = ArrowFunction | FunctionExpression | FunctionDeclaration;

const isExtractable = (node: Node): node is Extractable =>
  Node.isArrowFunction(node) || Node.isFunctionExpression(node) || Node.isFunctionDeclaration(node);

/** Makes a closure an exported function of the module; what it captured comes in as arguments, where that is safe. */
export function extractFix(
  document: FixDocument,
  form: Closure,
  use: Pick<TargetUse, 'args' | 'span' | 'runner'>,
): Fix[] {
  if (form.declaration.file !== document.file) return [];
  const fn = nodeOf(document, form.declaration, isExtractable);
  if (fn === undefined || !canMove(document, fn, form, use)) return [];
  const base = use.runner.role === 'initializer' ? 'initialize' : use.runner.kind === 'pool' ? 'task' : 'work';
  const name = nameFor(document, fn, form, base);
  const suffix =
    form.captured.length === 0
      ? ''
      : `, with ${form.captured.map(captured => `'${captured.name}'`).join(', ')} as ${form.captured.length === 1 ? 'an argument' : 'arguments'}`;
  return [
    {
      title: `Extract to an exported function '${name}'${suffix}`,
      preferred: true,
      edits: () => [
        ...moved(document, fn, form, use.span, name),
        ...(form.captured.length > 0 && use.args !== undefined
          ? addArguments(
              document,
              use.args,
              form.captured.map(captured => captured.name),
              'behind',
            )
          : []),
      ],
    },
  ];
}

/** Only what keeps its meaning may move. */
function canMove(
  document: FixDocument,
  fn: Extractable,
  form: Closure,
  use: Pick<TargetUse, 'args' | 'span'>,
): boolean {
  if (form.captured.some(({ kind, written, travels }) => kind !== 'variable' || written || !travels)) return false;
  if (Node.isVariableDeclaration(fn.getParent()) && variableStatement(fn) === undefined) return false;
  if (!Node.isArrowFunction(fn) && fn.isGenerator()) return false;
  if (form.captured.length === 0) return true;
  const parameters = fn.getParameters();
  if (use.args === undefined || parameters.some(parameter => parameter.isRestParameter() || parameter.isOptional()))
    return false;
  if (form.name !== undefined && uses(document, form.name) > 2) return false; // called from elsewhere too
  return countArguments(document, use.args) === parameters.length;
}

function uses(document: FixDocument, name: string): number {
  return document.source.getDescendants().filter(node => Node.isIdentifier(node) && node.getText() === name).length;
}

function nameFor(document: FixDocument, fn: Extractable, form: Closure, base: string): string {
  const own = form.name ?? (Node.isFunctionExpression(fn) ? fn.getName() : undefined);
  if (own === undefined) return freshName(document, base);
  return topLevelNames(document.source).has(own) ? freshName(document, own) : own;
}

function variableStatement(fn: Node): Node | undefined {
  const statement = fn.getParent()?.getParent()?.getParent();
  return Node.isVariableStatement(statement) && statement.getDeclarations().length === 1 ? statement : undefined;
}

function moved(document: FixDocument, fn: Extractable, form: Closure, use: Span, name: string): TextEdit[] {
  const { text, source } = document;
  const lineBreak = lineBreakOf(text);
  const home = topLevelAt(source, form.declaration.start);
  const at = home === undefined ? 0 : startWithComments(home);
  const { prefix, suffix, edits } = exporting(document, name);
  const all: TextEdit[] = [
    ...edits,
    {
      start: at,
      end: at,
      text: `${prefix}${functionText(document, fn, form.captured, name)}${suffix}${lineBreak}${lineBreak}`,
    },
  ];
  const declaration = Node.isFunctionDeclaration(fn)
    ? fn
    : Node.isVariableDeclaration(fn.getParent())
      ? variableStatement(fn)
      : undefined;
  if (declaration === undefined) all.push({ start: use.start, end: use.end, text: name });
  else {
    const { start, end } = wholeLines(text, startWithComments(declaration), declaration.getEnd());
    all.push({ start, end, text: '' });
    if (name !== form.name) all.push({ start: use.start, end: use.end, text: name });
  }
  return all;
}

function functionText(document: FixDocument, fn: Extractable, captured: readonly Captured[], name: string): string {
  const { text, source } = document;
  const typed = !isJavaScript(document.file);
  const types = document.oracle.parameterTypes({ file: document.file, start: fn.getStart(), end: fn.getEnd() });
  const parameters = fn.getParameters().map((parameter, index) => {
    const written = parameter.getText();
    if (!typed || parameter.getTypeNode() !== undefined || parameter.getInitializer() !== undefined) return written;
    return `${written}: ${types[index] ?? 'any'}`;
  });
  for (const variable of captured)
    parameters.push(typed ? `${variable.name}: ${variable.type ?? 'any'}` : variable.name);
  const generic = fn
    .getTypeParameters()
    .map(parameter => parameter.getText())
    .join(', ');
  const returns = fn.getReturnTypeNode();
  const head = `${fn.isAsync() ? 'async ' : ''}function ${name}${generic === '' ? '' : `<${generic}>`}(${parameters.join(', ')})${returns === undefined ? '' : `: ${returns.getText()}`}`;
  const body = fn.getBody();
  if (body === undefined) return `${head} {}`;
  const indent = indentAt(text, lineStart(text, body.getStart()));
  const dedented = reindent(source, body.getStart(), body.getEnd(), line =>
    line.startsWith(indent) ? line.slice(indent.length) : line,
  );
  if (Node.isBlock(body)) return `${head} ${dedented}`;
  return `${head} {${lineBreakOf(text)}  return ${dedented};${lineBreakOf(text)}}`;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}
