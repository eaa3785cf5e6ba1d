import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a server is asked: stream id, number, the sixteen bytes, what follows. */
export interface Asked {
  readonly stream: number;
  readonly number: number;
  readonly parameters: Buffer;
  readonly payload: Buffer;
}

/** Four bytes. */
export const int = (value: number): Buffer => {
  const four = Buffer.alloc(4);
  four.writeInt32BE(value);
  return four;
};
/** Kinds of replies, by their numbers. */
export const status = {
  ok: 0,
  oksofar: 4000,
  attn: 4001,
  error: 4003,
  redirect: 4004,
  wait: 4005,
  waitresp: 4006,
  pages: 4007,
};
/** A reply on a stream. */
export function reply(stream: number, kind: number, ...body: readonly (Buffer | string)[]): Buffer {
  const whole = Buffer.concat(body.map((one) => Buffer.from(one)));
  return Buffer.concat([Buffer.from([stream >> 8, stream & 255, kind >> 8, kind & 255]), int(whole.length), whole]);
}

/** The answer to kXR_open of a file of this size. */
export const opened = (stream: number, bytes: number): Buffer =>
  reply(stream, status.ok, 'HNDL', int(0), int(0), `7 ${bytes} 16 1000\0`);

/** A server that greets and logs in as it should, and then answers as the test says. Everything of it ends with the test. */
export async function scriptedXrootd(
  answer: (asked: Asked, socket: Socket, times: number) => Buffer | undefined,
  login: (asked: Asked) => Buffer = ({ stream, number }) =>
    number === 3006 ? reply(stream, 0, int(0x511), int(1)) : reply(stream, 0, Buffer.alloc(16)),
) {
  let times = 0;
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    let held = Buffer.alloc(0);
    let greeted = false;
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (piece) => {
      held = Buffer.concat([held, piece]);
      if (!greeted && held.length >= 20) {
        greeted = true;
        held = held.subarray(20);
        socket.write(reply(0, 0, int(0x511), int(1)));
      }
      while (greeted && held.length >= 24 && held.length >= 24 + held.readInt32BE(20)) {
        const payload = held.subarray(24, 24 + held.readInt32BE(20));
        const asked = {
          stream: held.readUInt16BE(0),
          number: held.readUInt16BE(2),
          parameters: held.subarray(4, 20),
          payload,
        };
        held = held.subarray(24 + payload.length);
        const isLogin = asked.number === 3006 || asked.number === 3007 || asked.number === 3000;
        if (!isLogin) times += 1;
        const said = isLogin ? login(asked) : answer(asked, socket, times);
        if (said !== undefined && !socket.destroyed) socket.write(said);
      }
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return { port, url: `root://127.0.0.1:${port}//x`, times: () => times, connections: () => sockets.size };
}
