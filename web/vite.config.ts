/** The playground as a static folder: any web server can host it, under any path. */
import {defineConfig} from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {outDir: 'dist', emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0, modulePreload: false, reportCompressedSize: false},
  worker: {format: 'es'},
});
