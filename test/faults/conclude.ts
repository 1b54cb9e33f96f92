import { KeyApiError } from "../../src/api/errors.ts";
import { MAX_PAGE, type KeyApi } from "../../src/api/key-api.ts";
import type { ManifestKey } from "../../src/core/manifest.ts";
import { Violation, type Judge } from "./judge.ts";
import { cleanRun, planOnly, type Work } from "./program.ts";

const HOUR = 3_600_000;

/**
 * Without faults: one run makes everything as declared, the next has nothing to do, and nothing that works is lost. Of the
 * last two and of the sinks only with `afterCleanRun`.
 */
export async function conclude(
  work: Work,
  declared: readonly ManifestKey[],
  judged: Judge,
  afterCleanRun: boolean,
): Promise<void> {
  const { platform, account } = work;
  const keys = await cleanRun(work, declared, judged);
  await judged.always();
  const next = await planOnly(work, keys);
  if (next.changes.length > 0)
    throw new Violation(
      `after a clean run the plan still has ${next.changes.map(({ action, name }) => `${action} ${name}`).join(", ")}`,
    );
  if (!afterCleanRun) return;
  await judged.delivered(keys);
  platform.advance(25 * HOUR);
  const before = await historyLength(platform.api, account);
  const due = (await planOnly(work, keys)).changes;
  const other = due.find((change) => change.action === "delete" || change.credential?.reason !== "rotation-due");
  if (other !== undefined) throw new Violation(`a day after a clean run the plan has ${other.action} ${other.name}`);
  await cleanRun(work, keys, judged);
  const writes = (await historyLength(platform.api, account)) - before;
  if (due.length === 0 && writes !== 0) throw new Violation("a second clean run writes");
  await judged.always();
  await judged.delivered(keys);
  platform.advance(2 * HOUR); // past the overlap of what was just rotated
  await judged.nothingLost();
}

async function historyLength(api: KeyApi, account: string): Promise<number> {
  try {
    return (await api.listChangeSets(account, { limit: MAX_PAGE })).changeSets.length;
  } catch (error) {
    if (error instanceof KeyApiError && error.code === "not-found") return 0;
    throw error;
  }
}
