import { connect, createServer, type Socket } from "node:net";

/** A wire between a client and a server on loopback that a test can break. */
export interface TcpProxy {
  readonly port: number;
  /** Passes nothing on any more, in either direction, and says nothing: a network that has gone silent. */
  readonly freeze: () => void;
  /** Passes everything on again, what was held back too. */
  readonly thaw: () => void;
  /** Breaks every connection and takes no more. */
  readonly close: () => Promise<void>;
}

/** What becomes of something that a client sends: the wire may break before it arrives, or before its answer does. */
export type Fate = "arrives" | "is lost" | "loses its answer";

/** Starts a proxy in front of a port of this machine. `fate` decides over each piece that a client sends. */
export async function startProxy(target: number, fate: (sent: Buffer) => Fate = () => "arrives"): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let frozen = false;

  function adopt(socket: Socket, pass: (chunk: Buffer) => void, other: Socket): void {
    sockets.add(socket);
    if (frozen) socket.pause();
    socket.on("data", pass);
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
  }

  const server = createServer({ pauseOnConnect: false }, (client) => {
    const upstream = connect(target, "127.0.0.1");
    let doomed = false;
    const send = (chunk: Buffer): void => {
      const outcome = fate(chunk);
      doomed ||= outcome === "loses its answer";
      if (outcome === "is lost") client.destroy();
      else upstream.write(chunk);
    };
    const answer = (chunk: Buffer): void => {
      if (doomed) upstream.destroy();
      else client.write(chunk);
    };
    adopt(client, send, upstream);
    adopt(upstream, answer, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
