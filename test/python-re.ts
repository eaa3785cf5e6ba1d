import { spawnSync } from 'node:child_process';

/** A question for Python's `re`. */
export interface ReQuestion {
  readonly pattern: string;
  readonly template: string;
  readonly input: string;
}

/** What `re.compile`, `match` and `sub` answered; spans and positions count code points. */
export type ReAnswer =
  /** Python itself says that this must not happen, or does not come to an end within a second. */
  | { readonly kind: 'fault'; readonly reason: string }
  | { readonly kind: 'pattern-error'; readonly reason: string; readonly position: number | null }
  | {
      readonly kind: 'answer';
      readonly match: { readonly groups: readonly (string | null)[]; readonly end: number } | null;
      readonly sub: { readonly text: string } | { readonly reason: string; readonly position: number | null };
    };

const script = `
import json, re, signal, sys, warnings
warnings.simplefilter('ignore')
class Endless(Exception): pass
def stop(*_): raise Endless()
signal.signal(signal.SIGALRM, stop)
def answer(q):
    try:
        p = re.compile(q['pattern'])
    except re.error as e:
        return {'kind': 'pattern-error', 'reason': e.msg, 'position': e.pos}
    except (OverflowError, ValueError, RecursionError) as e:
        return {'kind': 'pattern-error', 'reason': str(e), 'position': None}
    try:
        m = p.match(q['input'])
        sub = {'text': p.sub(q['template'], q['input'])}
    except re.error as e:
        sub = {'reason': e.msg, 'position': e.pos}
    except IndexError as e:
        sub = {'reason': str(e), 'position': None}
    except SystemError as e:
        return {'kind': 'fault', 'reason': str(e)}
    return {'kind': 'answer', 'match': m and {'groups': m.groups(), 'end': m.end()}, 'sub': sub}
def timed(q):
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        return answer(q)
    except Endless:
        return {'kind': 'fault', 'reason': 'it tries for ever'}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
json.dump([timed(q) for q in json.load(sys.stdin)], sys.stdout)
`;

/**
 * The answers of Python 3.11, in order, from one process; undefined where there is no such python3, which throws in a CI
 * run and is told in any other.
 */
export function askPython(questions: readonly ReQuestion[]): readonly ReAnswer[] | undefined {
  return ask(script, JSON.stringify(questions)) as readonly ReAnswer[] | undefined;
}

/** The code points, surrogates left out, that the Unicode of that Python knows; ours knows newer ones. */
export function assignedInPython(): readonly number[] | undefined {
  const query = `
import json, sys, unicodedata
json.dump([c for c in range(0x110000) if unicodedata.category(chr(c)) not in ('Cn', 'Cs', 'Co')], sys.stdout)`;
  return ask(query, '') as readonly number[] | undefined;
}

function ask(query: string, input: string): unknown {
  const version = python(['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], '')?.trim();
  if (version === '3.11') return JSON.parse(python(['-I', '-c', query], input)!);
  const message = `Python 3.11 is the judge of these tests, but python3 is ${version ?? 'absent'}: install Python 3.11 and put it first on PATH as python3`;
  if (process.env.CI === 'true') throw new Error(message);
  console.warn(`NOT COMPARED: ${message}`);
  return undefined;
}

function python(argv: readonly string[], input: string): string | undefined {
  const child = spawnSync('python3', argv, { input, encoding: 'utf8', maxBuffer: 2 ** 30 });
  if ((child.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
  if (child.error !== undefined || child.status !== 0)
    throw new Error(`python3 failed: ${child.stderr}`, { cause: child.error });
  return child.stdout;
}
