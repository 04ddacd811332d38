/**
 * The notebooks as static pages that work offline: Notebook Kit asks a content-delivery network for its libraries when a page is open, and here they are
 * bundled from node_modules instead. What is not on the list cannot be used, and the build fails where an address of that network is left.
 */
import fs from 'node:fs';
import path from 'node:path';
import {config, observable} from '@observablehq/notebook-kit/vite';
import {defineConfig, type Plugin} from 'vite';

const CDN = 'https://cdn.jsdelivr.net/npm/';
const vendored = ['d3', 'd3-dsv', 'htl', '@observablehq/plot', '@observablehq/inputs'];
/** Parts of the kit that load styles or programs from there by themselves. */
const unvendored = /notebook-kit\/dist\/src\/runtime\/stdlib\/(dot|duckdb|leaflet|mapboxgl|mermaid|tex|vega-lite|xlsx|zip)\.js$/;
/** An address of that network that is text, not something imported. */
const addresses = /(?<!import\(|from )(["'`])https:\/\/cdn\.jsdelivr\.net\/npm\//g;
const root = import.meta.dirname;

export const pages = fs
  .readdirSync(root)
  .filter((name) => name.endsWith('.html'))
  .sort();

function vendor(): Plugin {
  return {
    name: 'vendor',
    enforce: 'pre',
    resolveId(id) {
      if (!id.startsWith(CDN)) return null;
      const name = id
        .slice(CDN.length)
        .replace(/@[\d.]+(?=\/)/, '')
        .replace(/\/\+esm$/, '');
      return vendored.includes(name) ? this.resolve(name, path.join(root, 'vite.config.ts')) : `\0missing:${name}`;
    },
    load(id) {
      const name = id.startsWith('\0missing:') ? id.slice(9) : unvendored.exec(id)?.[1];
      if (name === undefined) return null;
      return `throw new Error(${JSON.stringify(`${name} is not vendored: see notebooks/vite.config.ts`)}); export default undefined;`;
    },
    transform(code, id) {
      if (id.endsWith('inputs.css'))
        return code.replace(`${CDN}@observablehq/inputs/dist/index.css`, '@observablehq/inputs/dist/index.css');
      return id.includes('notebook-kit') ? code.replaceAll(addresses, '$1https://not-vendored.invalid/') : null;
    },
    generateBundle(_, bundle) {
      for (const [name, part] of Object.entries(bundle))
        if (String(part.type === 'chunk' ? part.code : part.source).includes('cdn.jsdelivr.net'))
          this.error(`${name} would ask the network`);
    },
  };
}

export default defineConfig({
  ...config(),
  plugins: [vendor(), observable({transformTemplate: (text) => text.replace('</head>', '<link rel="icon" href="data:," /></head>')})],
  root,
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 5000,
    reportCompressedSize: false,
    rollupOptions: {input: pages.map((name) => path.join(root, name))},
  },
});
