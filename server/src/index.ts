/** The checker as a library: `new Checker({ roots }).check(file)`. */
export { Checker, type CheckerOptions, type Diagnostic } from './checker.js';
export { DOCS_BASE_URL, ruleUrl } from './docsUrl.js';
export { sourceFilesUnder } from './engine/files.js';
export { FALLBACK_TYPES } from './engine/fallbackTypes.js';
export { applyEdits, type TextEdit } from './fix/edits.js';
export { Lines } from './lines.js';
export { constructors, memberNames, methods } from './model/runtimeApi.js';
export { type Runnable } from './model/runnable.js';
export { findRule, rules } from './rules/index.js';
export { LEVELS, type Levels, readLevels } from './rules/levels.js';
export { type Finding, type Fix, type Rule, type Severity } from './rules/rule.js';
export { markdownTable } from './report/table.js';
export { VERSION } from './version.js';
