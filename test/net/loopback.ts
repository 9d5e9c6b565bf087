/** A server on loopback for tests: answers by a function, keeps what it was asked, is gone when the test ends. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The body's bytes. */
  readonly raw: Buffer;
};
export type Answer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer }
  | 'hang'
  | 'cut';

export type Loopback = { readonly origin: string; readonly asked: Asked[] };

/** Starts a server; `answer` is called for each request, in order. */
export async function startLoopback(answer: (asked: Asked, count: number) => Answer | Promise<Answer>): Promise<Loopback> {
  const asked: Asked[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        raw: Buffer.concat(chunks),
      };
      asked.push(one);
      const reply = await answer(one, asked.length);
      if (reply === 'hang') return;
      if (reply === 'cut') {
        response.destroy();
        return;
      }
      response.writeHead(reply.status ?? 200, reply.headers ?? {});
      response.end(reply.body ?? '');
    });
  });
  // Methods that Node's parser does not know (LIST) would otherwise be refused before they are seen.
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
