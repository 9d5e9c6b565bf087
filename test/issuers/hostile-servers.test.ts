/** Servers that are none, or mean no good: whatever they send, a check says that it does not know, within bounds, and the password is not handed out in clear. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { mysql } from '../../src/issuers/mysql.ts';
import { postgresql } from '../../src/issuers/postgresql.ts';
import { redis } from '../../src/issuers/redis.ts';
import { rotationFailure } from './database-contract.ts';
import { createIssuerContext } from './issuer-context.ts';

const OLD = 'old-value-3301-AbCdEfGh';
const KINDS = [postgresql, mysql, redis];
const old = new Secret(OLD);

/** Starts one that does this to whoever comes; returns its port and what it was sent. */
async function startHostile(answer: (socket: Socket, sent: Buffer) => void, greet?: (socket: Socket) => void) {
  const sent: Buffer[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    greet?.(socket);
    socket.on('data', (chunk) => {
      sent.push(chunk);
      answer(socket, chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, sent: () => Buffer.concat(sent).toString('latin1') };
}

const connect = (kind: (typeof KINDS)[number], port: number) =>
  kind.create(
    { host: '127.0.0.1', port: String(port), user: 'app', 'admin-user': 'admin', 'admin-password-variable': 'ADMIN_PASSWORD' },
    createIssuerContext({ ADMIN_PASSWORD: 'root-value-9911-Zz' }),
  );

/** Sends as fast as it is taken, for ever. */
function flood(socket: Socket, block: Buffer): void {
  const pour = (): void => {
    while (!socket.destroyed && socket.write(block));
    if (!socket.destroyed) socket.once('drain', pour);
  };
  pour();
}

const packet = (sequence: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([body.length & 255, body.length >> 8, 0, sequence]), body]);
/** A greeting of MySQL's protocol 10, asking for this plugin. */
const greeting = (plugin: string): Buffer =>
  packet(
    0,
    Buffer.concat([
      Buffer.from([10]),
      Buffer.from('8.0.99\0'),
      Buffer.from([1, 0, 0, 0]),
      Buffer.from('12345678\0'),
      Buffer.from([0xff, 0xf7, 45, 2, 0, 0xff, 0xdf, 21]),
      Buffer.alloc(10),
      Buffer.from('123456789012\0'),
      Buffer.from(`${plugin}\0`),
    ]),
  );

describe.each(KINDS.map((kind) => [kind.kind, kind] as const))('%s, asked of a hostile server', (name, kind) => {
  const signal = (ms: number): AbortSignal => AbortSignal.timeout(ms);

  it.each([
    ['garbage', Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\n\r\n<html>\r\n')],
    ['zeros', Buffer.alloc(4096)],
    ['ones', Buffer.alloc(4096, 0xff)],
    ['a length beyond all bounds', Buffer.from('$99999999999999\r\nR\x7f\xff\xff\xffS', 'latin1')],
  ])('%s is no answer', async (_, bytes) => {
    const { port } = await startHostile(
      (socket) => socket.write(bytes),
      (socket) => (name === 'mysql' ? socket.write(bytes) : undefined),
    );
    const issuer = connect(kind, port);
    expect(await issuer.check(old, signal(1500))).toEqual({
      state: 'unknown',
      why: expect.stringMatching(/^(?:odd-reply|unreachable|timed-out)$/),
    });
    const error = await rotationFailure(issuer.plan('replace', old, signal(1500)));
    expect([error.mayHaveHappened, /^(?:odd-reply|unreachable|timed-out)$/.test(error.why), error.message.includes('HTTP')]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('silence ends by itself, and sooner when we are interrupted', async () => {
    const { port } = await startHostile(() => undefined);
    const issuer = connect(kind, port);
    const start = Date.now();
    expect(await issuer.check(old, signal(400))).toEqual({ state: 'unknown', why: 'timed-out' });
    expect(Date.now() - start).toBeLessThan(3000);
    expect(await issuer.check(old, signal(60_000))).toEqual({ state: 'unknown', why: 'timed-out' });
    expect(Date.now() - start).toBeLessThan(25_000);
  }, 40_000);

  it('a hang-up is no refusal', async () => {
    const { port } = await startHostile(
      (socket) => socket.destroy(),
      (socket) => (name === 'mysql' ? socket.destroy() : undefined),
    );
    expect(await connect(kind, port).check(old, signal(5000))).toEqual({ state: 'unknown', why: 'unreachable' });
    expect(await connect(kind, 1).check(old, signal(5000))).toEqual({ state: 'unknown', why: 'unreachable' });
  });

  it('a flood is cut off', async () => {
    // Each claims a message that never ends.
    const heads: Readonly<Record<string, string>> = {
      mysql: '\xff\xff\xff\0',
      postgresql: 'R\x7f\xff\xff\xff',
      redis: '$99999999999\r\n',
    };
    const head = Buffer.from(heads[name] ?? '', 'latin1');
    const pour = (socket: Socket): void => {
      socket.write(head);
      flood(socket, Buffer.alloc(1 << 16, 0x41));
    };
    const { port } = await startHostile(
      (socket) => (name === 'mysql' ? undefined : pour(socket)),
      (socket) => (name === 'mysql' ? pour(socket) : undefined),
    );
    const start = Date.now();
    expect(await connect(kind, port).check(old, signal(14_000))).toEqual({ state: 'unknown', why: 'odd-reply' });
    expect(Date.now() - start).toBeLessThan(10_000);
    expect((await rotationFailure(connect(kind, port).plan('replace', old, signal(14_000)))).message).toContain(
      'far more than an answer takes',
    );
  }, 30_000);
});

describe('a server that asks for the password itself', () => {
  it('gets none of MySQL’s users in clear, and no file', async () => {
    const { port, sent } = await startHostile(
      () => undefined,
      (socket) => socket.write(greeting('mysql_clear_password')),
    );
    expect((await connect(mysql, port).check(old, AbortSignal.timeout(700))).state).toBe('unknown');
    expect(sent()).not.toContain(OLD);
    const asked = await startHostile(
      (socket) => socket.write(packet(2, Buffer.concat([Buffer.from([0xfe]), Buffer.from('mysql_clear_password\0'), Buffer.from('x\0')]))),
      (socket) => socket.write(greeting('mysql_native_password')),
    );
    expect((await connect(mysql, asked.port).check(old, AbortSignal.timeout(700))).state).toBe('unknown');
    expect(asked.sent()).not.toContain(OLD);
  });

  it('learns the answer to no made-up refusal of PostgreSQL’s before it asked', async () => {
    const body = Buffer.from('SFATAL\0C28P01\0Mno\0\0');
    const early = Buffer.concat([Buffer.from('E'), Buffer.from([0, 0, 0, body.length + 4]), body]);
    const { port, sent } = await startHostile((socket) => socket.write(early));
    expect(await connect(postgresql, port).check(old, AbortSignal.timeout(2000))).toEqual({ state: 'unknown', why: 'denied' });
    expect(sent()).not.toContain(OLD);
  });
});
