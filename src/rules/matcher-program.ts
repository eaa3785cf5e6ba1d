import { emitClass, wordCharacters } from './pattern-charset.ts';
import type { ClassItem, Folding, LookNode, PatternNode, Place, RepeatNode } from './pattern-tree.ts';

/** One step of our own matcher. Registers hold positions and counts; group n keeps its bounds in registers 2n-2 and 2n-1. */
export type Instruction =
  | { readonly op: 'test'; readonly holds: (codePoint: number) => boolean }
  | { readonly op: 'place'; readonly place: Place; readonly isWord: (codePoint: number) => boolean }
  | { readonly op: 'mark'; readonly register: number }
  /** Goes on, and to `other` if that leads nowhere. */
  | { readonly op: 'fork'; readonly other: number }
  | { readonly op: 'jump'; readonly to: number }
  /** Sets the two registers of a loop: iterations done, and where the last optional one began. */
  | { readonly op: 'begin'; readonly register: number }
  /** Decides on one more iteration; `iterate` and the body follow, and the body jumps back. */
  | {
      readonly op: 'loop';
      readonly register: number;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
      readonly exit: number;
    }
  | { readonly op: 'iterate'; readonly register: number }
  | { readonly op: 'reference'; readonly group: number; readonly folding: Folding | undefined }
  | { readonly op: 'conditional'; readonly group: number; readonly otherwise: number }
  /** Begins what has only one way through; `close` ends it. */
  | { readonly op: 'open'; readonly register: number; readonly look: LookNode | undefined; readonly end: number }
  | { readonly op: 'close'; readonly register: number; readonly kind: 'atomic' | 'look' | 'not' }
  | { readonly op: 'found' };

/** What our own matcher runs. */
export interface Program {
  readonly instructions: readonly Instruction[];
  readonly registers: number;
  readonly groups: number;
}

/** The program for a tree. */
export function matcherProgram(tree: PatternNode, groups: number): Program {
  const builder: Builder = { instructions: [], registers: groups * 2 };
  compile(builder, tree);
  builder.instructions.push({ op: 'found' });
  return { instructions: builder.instructions, registers: builder.registers, groups };
}

interface Builder {
  readonly instructions: Instruction[];
  registers: number;
}

function compile(builder: Builder, node: PatternNode): void {
  const { instructions } = builder;
  switch (node.kind) {
    case 'literal': {
      const { codePoint } = node;
      instructions.push({ op: 'test', holds: (one) => one === codePoint });
      return;
    }
    case 'any':
      instructions.push({ op: 'test', holds: node.newline ? () => true : (codePoint) => codePoint !== 10 });
      return;
    case 'class':
      instructions.push({ op: 'test', holds: classTest(node.items, node.negated) });
      return;
    case 'place':
      instructions.push({ op: 'place', place: node.place, isWord: wordTests[node.ascii ? 'ascii' : 'unicode'] });
      return;
    case 'group': {
      const register = node.index === undefined ? undefined : node.index * 2 - 2;
      if (register !== undefined) instructions.push({ op: 'mark', register });
      compile(builder, node.body);
      if (register !== undefined) instructions.push({ op: 'mark', register: register + 1 });
      return;
    }
    case 'atomic':
      compileOnce(builder, undefined, () => compile(builder, node.body));
      return;
    case 'look':
      compileOnce(builder, node, () => compile(builder, node.body));
      return;
    case 'reference':
      instructions.push({ op: 'reference', group: node.group, folding: node.folding });
      return;
    case 'sequence':
      for (const item of node.items) compile(builder, item);
      return;
    case 'choice':
      compileChoice(builder, node.branches);
      return;
    case 'conditional': {
      const test = reserve(builder);
      compile(builder, node.yes);
      const jump = reserve(builder);
      instructions[test] = { op: 'conditional', group: node.group, otherwise: instructions.length };
      compile(builder, node.no);
      instructions[jump] = { op: 'jump', to: instructions.length };
      return;
    }
    case 'repeat':
      if (node.mode === 'possessive') {
        compileOnce(builder, undefined, () =>
          compileLoop(builder, node, () => compileOnce(builder, undefined, () => compile(builder, node.body))),
        );
      } else compileLoop(builder, node, () => compile(builder, node.body));
  }
}

function reserve({ instructions }: Builder): number {
  return instructions.push({ op: 'found' }) - 1;
}

function compileChoice(builder: Builder, branches: readonly PatternNode[]): void {
  const { instructions } = builder;
  const jumps: number[] = [];
  for (const branch of branches.slice(0, -1)) {
    const fork = reserve(builder);
    compile(builder, branch);
    jumps.push(reserve(builder));
    instructions[fork] = { op: 'fork', other: instructions.length };
  }
  compile(builder, branches.at(-1)!);
  for (const jump of jumps) instructions[jump] = { op: 'jump', to: instructions.length };
}

function compileLoop(builder: Builder, { min, max, mode }: RepeatNode, body: () => void): void {
  const { instructions } = builder;
  const register = builder.registers;
  builder.registers += 2;
  instructions.push({ op: 'begin', register });
  const loop = reserve(builder);
  instructions.push({ op: 'iterate', register });
  body();
  instructions.push({ op: 'jump', to: loop });
  instructions[loop] = { op: 'loop', register, min, max, lazy: mode === 'lazy', exit: instructions.length };
}

function compileOnce(builder: Builder, look: LookNode | undefined, body: () => void): void {
  const { instructions } = builder;
  const register = builder.registers;
  builder.registers += 2;
  const open = reserve(builder);
  body();
  instructions.push({ op: 'close', register, kind: look === undefined ? 'atomic' : look.negated ? 'not' : 'look' });
  instructions[open] = { op: 'open', register, look, end: instructions.length };
}

/** Whether a code point is in a class. Remembers the answers for Latin letters; asks JavaScript's engine about one character for the others. */
export function classTest(items: readonly ClassItem[], negated: boolean): (codePoint: number) => boolean {
  const expression = new RegExp(`^${emitClass(items, negated)}$`, 'u');
  const known = new Int8Array(256);
  return (codePoint) => {
    if (codePoint > 255) return expression.test(String.fromCodePoint(codePoint));
    if (known[codePoint] === 0) known[codePoint] = expression.test(String.fromCodePoint(codePoint)) ? 1 : -1;
    return known[codePoint] === 1;
  };
}

const wordTests = { unicode: wordTest(wordCharacters.unicode), ascii: wordTest(wordCharacters.ascii) };

function wordTest(characters: string): (codePoint: number) => boolean {
  const expression = new RegExp(`^[${characters}]$`, 'u');
  return (codePoint) => expression.test(String.fromCodePoint(codePoint));
}
