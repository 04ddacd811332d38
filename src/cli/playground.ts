/** tierscape playground: serves the playground, a folder of files, on 127.0.0.1 and nowhere else. */
import fs from 'node:fs';
import http from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {Command} from 'commander';
import {DeviceError, UserError} from './userError.ts';

const HOST = '127.0.0.1';
const types: {readonly [extension: string]: string} = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
};

export function register(program: Command): void {
  program
    .command('playground')
    .description('the simulator in a web page: serves it on 127.0.0.1')
    .option('--port <n>', 'port; 0: a free one', parsePort, 8128)
    .action(async ({port}: {readonly port: number}) => {
      const server = await serve(playgroundFolder(), port);
      process.stdout.write(`http://${HOST}:${(server.address() as AddressInfo).port}/  (Ctrl-C ends)\n`);
    });
}

/** Where `npm run build:playground` puts it. */
function playgroundFolder(): string {
  const folder = fileURLToPath(new URL('../../web/dist', import.meta.url));
  if (!fs.existsSync(path.join(folder, 'index.html')))
    throw new UserError('the playground is not built here: npm ci does it, or npm run build:playground');
  return folder;
}

/** Resolves once it listens. The folder's files are read now; nothing else can be asked for. */
export function serve(folder: string, port: number): Promise<http.Server> {
  const files = new Map<string, {readonly type: string; readonly bytes: Buffer}>();
  for (const name of fs.readdirSync(folder, {recursive: true}) as string[]) {
    const type = types[path.extname(name)];
    if (type !== undefined) files.set(`/${name.replaceAll('\\', '/')}`, {type, bytes: fs.readFileSync(path.join(folder, name))});
  }
  const server = http.createServer((request, response) => {
    const asked = new URL(request.url ?? '/', `http://${HOST}`).pathname;
    const file = files.get(asked === '/' ? '/index.html' : asked);
    if (file === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(file === undefined ? 404 : 405).end();
      return;
    }
    response.writeHead(200, {
      'content-type': file.type,
      'content-length': file.bytes.length,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new UserError(`port ${port} is in use: name another with --port, or 0 for a free one`)
          : new DeviceError(`cannot listen on ${HOST}:${port}: ${error.message}`),
      ),
    );
    server.listen(port, HOST, () => resolve(server));
  });
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new UserError(`--port ${text}: write a port from 0 to 65535`);
  return Number(text);
}
