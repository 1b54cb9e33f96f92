/** Called with each piece that is printed. */
export type Follower = (channel: "stdout" | "stderr", data: Uint8Array) => void;

/** What a plugin prints, kept until the host asks for it, and then handed on as it comes. */
export interface Output {
  readonly print: Follower;
  /** Hands over what was kept and what is still to come; the host asks once. Returns what ends it. */
  readonly follow: (follower: Follower) => () => void;
}

/** How many pieces wait for a host that does not ask. */
const MAX_KEPT = 1000;

/** A plugin's output. After the handshake line standard output belongs to the host: nothing may be written there. */
export function pluginOutput(): Output {
  let follower: Follower | undefined;
  const kept: Parameters<Follower>[] = [];
  return {
    print: (channel, data) => {
      if (follower !== undefined) follower(channel, data);
      else if (kept.length < MAX_KEPT) kept.push([channel, data]);
    },
    follow: (asked) => {
      follower = asked;
      for (const piece of kept.splice(0)) asked(...piece);
      return () => {
        if (follower === asked) follower = undefined;
      };
    },
  };
}
