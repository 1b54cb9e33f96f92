import { setTimeout as wait } from "node:timers/promises";
import type { KeyChange } from "../api/change-set.ts";
import { withRetry } from "../api/retry.ts";
import { newId } from "./carry-out.ts";
import type { Context } from "./context.ts";
import type { GlobalOptions } from "./options.ts";
import { withExistingPlatform } from "./platform.ts";
import { platformUrl } from "./platform-url.ts";

/** The longest message that a change set takes. */
const MESSAGE_LENGTH = 500;

/** Commits a change, or several as one, in nobody's name but the caller's; `message` is what history says of it. */
export async function commitByHand(
  input: GlobalOptions,
  account: string,
  change: KeyChange | readonly KeyChange[],
  message: string,
  context: Context,
): Promise<void> {
  const changeSet = {
    id: newId(context),
    project: null,
    message: message.slice(0, MESSAGE_LENGTH),
    changes: [change].flat(),
  };
  const { signal, random } = context;
  const sleep = async (ms: number): Promise<void> => {
    await wait(ms, undefined, { signal });
  };
  await withExistingPlatform(platformUrl(input, context), context, ({ api }) =>
    withRetry(() => api.commit(account, changeSet, { signal }), { random, sleep, signal }),
  );
}
