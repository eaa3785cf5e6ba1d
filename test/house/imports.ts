import ts from 'typescript';

/** One import, of whatever kind: `import`, `export … from`, `import()`, `import('…')` as a type. */
export interface Import {
  readonly from: string;
  /** Erased when compiled: `import type`, `export type`, a type query. */
  readonly typeOnly: boolean;
  /** The names that are taken; none of a whole module. */
  readonly names: readonly string[];
}

export function parse(path: string, source: string): ts.SourceFile {
  return ts.createSourceFile(path, source, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);
}

/** Every node below one, in no order that matters. */
export function* nodesIn(node: ts.Node): Generator<ts.Node> {
  const rest: ts.Node[] = [node];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    yield next;
    ts.forEachChild(next, (child) => void rest.push(child));
  }
}

export function importsOf(file: ts.SourceFile): readonly Import[] {
  return [...nodesIn(file)].map(asImport).filter((one) => one !== undefined);
}

function asImport(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    const bindings = node.importClause?.namedBindings;
    const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
    return found(node.moduleSpecifier, typeOnly, named);
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    const clause = node.exportClause;
    const named = clause !== undefined && ts.isNamedExports(clause) ? clause.elements : [];
    return found(node.moduleSpecifier, node.isTypeOnly, named);
  }
  if (ts.isCallExpression(node)) {
    const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
    const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
    const [what] = node.arguments;
    return (isImport || isRequire) && what !== undefined ? found(what, false, []) : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return found(node.argument.literal, true, []);
  return undefined;
}

function found(
  specifier: ts.Node,
  typeOnly: boolean,
  named: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[],
): Import {
  // What is not written out cannot be checked, so it counts as an import of its own text.
  const from = ts.isStringLiteralLike(specifier) ? specifier.text : specifier.getText();
  return { from, typeOnly, names: named.map((one) => (one.propertyName ?? one.name).text) };
}
