import { isStowageError } from '../../errors.ts';
import { displayName } from '../../model/byte-name.ts';
import { storeContract } from '../../store/contract.ts';
import { type Check, ok, problem, unseen } from './check.ts';

/** The whole contract of a store, in a scratch folder of the real one. */
export const contractCheck: Check = {
  name: 'contract',
  async *examine({ project, scratchStore, signal }) {
    const scratch = await scratchStore();
    if (scratch === undefined || project === undefined) return;
    const name = `the store ${displayName(project.store.location)}`;
    let kept = 0;
    for (const [index, one] of storeContract.entries()) {
      signal?.throwIfAborted();
      try {
        await one.run({ store: await scratch.open(), reopen: () => scratch.open(), prefix: `case-${index}/` });
        kept += 1;
      } catch (error) {
        if (!isStowageError(error)) throw error;
        // `bug` is how the contract says that it is broken; all else, that it could not be tried.
        yield error.code === 'bug'
          ? problem(
              `${name}: not so: '${one.name}': ${error.message}`,
              'do not archive there; report it with the log of --log-file, and with what kind of file system it is',
            )
          : unseen(`${name}: could not be tried: '${one.name}': ${error.message}`, error.hint);
      }
    }
    if (kept === storeContract.length) yield ok(`${name} does all ${kept} things that a store must do`);
  },
};
