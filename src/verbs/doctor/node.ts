import { oldestNode } from '../../version.ts';
import { type Check, ok, problem, warning } from './check.ts';

/** The version of Node: new enough, and one that is maintained for long. */
export const nodeCheck: Check = {
  name: 'node',
  async *examine({ machine }) {
    const [major = 0, minor = 0] = machine.node.split('.').map(Number);
    const [oldestMajor = 0, oldestMinor = 0] = oldestNode.split('.').map(Number);
    const found = `Node ${machine.node} on ${machine.system}, ${machine.cores} cores`;
    if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
      yield problem(`${found}: too old`, `install Node ${oldestNode} or newer`);
    } else if (major % 2 === 1) {
      yield warning(
        `${found}: odd versions are maintained for months only`,
        'prefer an even one for a machine that archives',
      );
    } else yield ok(found);
  },
};
