/** moto, a simulator of AWS written by others, for the tests that ask a real server: started on the first use of a test file, emptied for each case. */
import { signV4 } from '../../src/net/aws-sigv4.ts';
import { freePort, type RealServer, startServer, toolPath } from './real-server.ts';

export const MOTO_REGION = 'eu-west-1';
export const MOTO_KEYS = { accessKeyId: 'testing', secretAccessKey: 'testing' };
/** Null where it is not installed. */
export const MOTO = toolPath('moto/bin/moto_server');
let running: Promise<{ origin: string; server: RealServer }> | null = null;

async function startMoto(): Promise<{ origin: string; server: RealServer }> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const isReady = async (): Promise<boolean> => (await fetch(`${origin}/moto-api/data.json`)).ok;
  return { origin, server: await startServer({ command: MOTO ?? '', args: ['-H', '127.0.0.1', '-p', String(port)] }, isReady) };
}

/** Returns its origin, with nothing in it. */
export async function resetMoto(): Promise<string> {
  running ??= startMoto();
  const { origin } = await running;
  await fetch(`${origin}/moto-api/reset`, { method: 'POST' });
  return origin;
}

export async function stopMoto(): Promise<void> {
  await (await running)?.server.stop();
}

/** Asks Secrets Manager as its owner would. Throws where it refuses. */
export async function callMoto(operation: string, body: object): Promise<Record<string, unknown>> {
  const { origin } = (await running) ?? { origin: await resetMoto() };
  const headers = { 'X-Amz-Target': `secretsmanager.${operation}`, 'Content-Type': 'application/x-amz-json-1.1' };
  const request = { method: 'POST', url: `${origin}/`, headers, body: JSON.stringify(body) };
  const signed = signV4(request, { service: 'secretsmanager', region: MOTO_REGION, keys: MOTO_KEYS, now: new Date() });
  const reply = await fetch(request.url, { method: 'POST', headers: signed, body: request.body });
  if (!reply.ok) throw new Error(`${operation}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Record<string, unknown>;
}

/** Asks IAM as the account's administrator would; returns its XML. */
export async function signedForm(form: Readonly<Record<string, string>>): Promise<string> {
  const { origin } = (await running) ?? { origin: await resetMoto() };
  const request = { method: 'POST', url: `${origin}/`, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
  const body = new URLSearchParams({ ...form, Version: '2010-05-08' }).toString();
  const headers = signV4({ ...request, body }, { service: 'iam', region: 'us-east-1', keys: MOTO_KEYS, now: new Date() });
  const reply = await fetch(request.url, { method: 'POST', headers, body });
  const xml = await reply.text();
  if (!reply.ok) throw new Error(`${form['Action']}: ${reply.status} ${xml}`);
  return xml;
}
