// Loaded before any test of a worker: in 2 of 6 runs, tests that loaded it first in a worker shared by many files found it without its
// functions (`tls.createSecureContext is not a function`). The cause is unknown.
import 'node:tls'
import fc from 'fast-check'

/**
 * Vitest's `setupFiles`: property tests try the same inputs in every run, so that a commit which passed stays green.
 * `FC_SEED=N` tries others, and `npm run fuzz` tries many more.
 */
fc.configureGlobal({...fc.readConfigureGlobal(), seed: Number(process.env.FC_SEED ?? 1)})
