/**
 * The socket that a database's client is given: cut off when the server sends more than any login or change of a password takes. A client alone would collect
 * whatever comes. Counted by time, not by events, since TLS takes the bytes from under the socket. Called by the issuers of database passwords.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { isIP, Socket } from 'node:net';

/** Rows of accounts are some hundred bytes; what a server says of itself some thousand. */
const MAX_REPLY_BYTES = 4 * 1024 * 1024;
const LOOK_MS = 25;

/** Returns a socket that is not connected yet. */
export function createMeteredSocket(): Socket {
  return metered(new Socket());
}

/**
 * For a client that takes no socket from us, and no TLS (with it the other side has shown its certificate): meters what it opens while `opening` goes on. Node tells of
 * every new socket before it connects; those to another port are somebody else's.
 */
export async function meterWhile<T>(port: number, opening: () => Promise<T>): Promise<T> {
  const see = (message: unknown): void => {
    const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : null;
    if (!(socket instanceof Socket)) return;
    socket.once('connect', () => {
      if (socket.remotePort === undefined || socket.remotePort === port) metered(socket);
    });
  };
  subscribe('net.client.socket', see);
  try {
    return await opening();
  } finally {
    unsubscribe('net.client.socket', see);
  }
}

function metered(socket: Socket): Socket {
  const timer = setInterval(() => {
    if (socket.bytesRead > MAX_REPLY_BYTES) socket.destroy(new OversizeReply());
  }, LOOK_MS);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
  return socket;
}

export class OversizeReply extends Error {
  readonly code = 'OVERSIZE_REPLY';

  constructor() {
    super(`the server sent more than ${MAX_REPLY_BYTES} bytes`);
    this.name = 'OversizeReply';
  }
}

/** Returns whether it is an IP address, not a name. */
export function isAddress(host: string): boolean {
  return isIP(host) !== 0;
}
