import type { ManifestKey } from "../core/manifest.ts";
import { problemIn, type DeclarationFile } from "./declaration-file.ts";
import type { Problems } from "./problem.ts";

/** Warns of keys that have expired by a moment, in milliseconds since 1970: legal, and refused everywhere. */
export function warnOfExpired(
  files: readonly DeclarationFile[],
  keys: readonly ManifestKey[],
  now: number,
  problems: Problems,
): void {
  for (const { name, spec } of keys) {
    if (spec.expires === null || !spec.enabled || Date.parse(spec.expires) > now) continue;
    const from = files.find(({ declaration }) => Object.hasOwn(declaration.keys ?? {}, name));
    if (from === undefined) continue;
    const own = from.declaration.keys?.[name]?.expires !== undefined;
    problems.add(from.file, "past-expiry", () =>
      problemIn(
        from,
        own ? ["keys", name, "expires"] : ["defaults", "expires"],
        {
          code: "past-expiry",
          summary: `the key \`${name}\` has expired: it is refused everywhere`,
          fix: "Give it a later `expires`, or take it away for never.",
        },
        { severity: "warning" },
      ),
    );
  }
}
