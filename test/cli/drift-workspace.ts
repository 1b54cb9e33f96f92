import { makeWorkspace, type Workspace } from "./workspace.ts";

/** A declaration with the comments and layout that people write. */
export const KEYS = `# whose keys these are
version: 1
account: acme
project: shop
keys:

  web:            # the site
    algorithms:
      - algo://demos/hello   # greeting
    origins: { native: false, web: true }
    data:  'none'  # careful
  app: { algorithms: [algo://demos/hello] }
  job: { algorithms: [] }
  cron: { algorithms: [] }
`;

/** A workspace where that, or another declaration, was applied. */
export async function applied(text = KEYS): Promise<Workspace> {
  const at = makeWorkspace({ "keys.yaml": text });
  await at.runTo(0, "apply -y");
  return at;
}
