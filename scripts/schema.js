/** Writes schema/scenario.schema.json from the declarations. Run after a build. */
import fs from 'node:fs';
import {catalogue} from '../dist/catalogue.js';
import {scenarioJsonSchema} from '../dist/scenario/schema.js';

fs.mkdirSync(new URL('../schema/', import.meta.url), {recursive: true});
fs.writeFileSync(new URL('../schema/scenario.schema.json', import.meta.url), `${JSON.stringify(scenarioJsonSchema(catalogue), null, 1)}\n`);
