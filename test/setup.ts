/** Properties draw the same cases in every run, so that a red build is a changed program; `npm run fuzz` draws others. */
import fc from 'fast-check';

fc.configureGlobal({seed: Number(process.env['FC_SEED'] ?? 1)});
