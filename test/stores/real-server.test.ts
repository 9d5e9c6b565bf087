import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startServer } from './real-server.ts';

const ownFolder = (): string => mkdtempSync(join(tmpdir(), 'leakwarden-server-'));

it('a server that does not start says why, and leaves nothing behind', async () => {
  const folder = ownFolder();
  const never = async (): Promise<boolean> => false;
  await expect(startServer({ command: 'node', args: ['-e', 'throw new Error("no port")'], folder }, never)).rejects.toThrow('no port');
  await expect(startServer({ command: join(folder, 'none'), args: [] }, never)).rejects.toThrow('ENOENT');
  expect(existsSync(folder)).toBe(false);
});

it('a server runs in its folder with what it is given, until it is stopped', async () => {
  const folder = ownFolder();
  const args = ['-e', 'fs.writeFileSync(process.env.NAME, ""); setInterval(() => undefined, 1000)'];
  const { stop } = await startServer({ command: 'node', args, env: { NAME: 'up' }, folder }, async () => existsSync(join(folder, 'up')));
  await stop();
  expect(existsSync(folder)).toBe(false);
});
