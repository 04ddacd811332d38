/** Writes docs/outputs.md from the declarations of figures and columns. Run after a build. */
import fs from 'node:fs';
import {outputsPage} from './outputsPage.js';

fs.writeFileSync(new URL('../docs/outputs.md', import.meta.url), outputsPage());
