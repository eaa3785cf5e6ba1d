import fc from 'fast-check';

/**
 * The laws are tried on the same inputs by everyone, so that what was green for one is green for all. `STOWAGE_SEED=random` looks for new
 * counterexamples; another number tries that seed's.
 */
const wanted = process.env.STOWAGE_SEED ?? '20261121';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
