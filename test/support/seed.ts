import fc from 'fast-check'

/**
 * Vitest's `setupFiles`: property tests try the same inputs in every run, so that a commit which passed stays green.
 * `FC_SEED=N` tries others, and `npm run fuzz` tries many more.
 */
fc.configureGlobal({...fc.readConfigureGlobal(), seed: Number(process.env.FC_SEED ?? 1)})

// The marks of outputs depend on the locale. Tests of other locales set their own.
process.env.LANG = 'C.UTF-8'
delete process.env.LC_ALL
delete process.env.LC_CTYPE
