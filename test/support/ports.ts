import { connect, createServer } from 'node:net';

// Below the range that the kernel gives to outgoing connections, which would take a port between the look
// and the server's bind.
const FIRST = 12_000;
const LAST = 31_999;
const SLICES = 8;
const given = new Set<number>();

/** A TCP port of 127.0.0.1 that is free, and that no other worker of this test run is given. */
export async function freePort(): Promise<number> {
  const slice = Number(process.env.VITEST_POOL_ID ?? 0) % SLICES;
  const size = Math.floor((LAST - FIRST + 1) / SLICES);
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST + slice * size + Math.floor(Math.random() * size);
    if (given.has(port) || !(await canBind(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`No free port between ${FIRST} and ${LAST} in 200 attempts; end what listens there.`);
}

/** Whether something accepts connections on the port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
