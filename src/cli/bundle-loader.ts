import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Script } from "node:vm";

/** Loads a bundle of a folder by its file name, and gives what it exports. */
export type LoadBundle = (name: string) => unknown;

/** A bundle's function around its code, as CommonJS has it. */
type Wrapped = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  file: string,
  folder: string,
) => void;

/** The file that holds a bundle's compiled form. */
export function codeCacheOf(file: string): string {
  return `${file}.cache`;
}

/**
 * Loads bundles with V8's compiled form of them beside, which the build makes: reading it is several times faster than
 * compiling. V8 refuses one that another version made, and then the source is compiled as ever. `onScript` is told of
 * every script, for whoever makes the compiled forms.
 */
export function bundleLoader(folder: string, onScript?: (script: Script, file: string) => void): LoadBundle {
  const load: LoadBundle = (name) => {
    const file = join(folder, name);
    const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, "utf8")}\n})`;
    const cachedData = onScript === undefined ? readIfThere(codeCacheOf(file)) : undefined;
    const script = new Script(source, cachedData === undefined ? { filename: file } : { filename: file, cachedData });
    onScript?.(script, file);
    const module = { exports: {} };
    const outside = createRequire(file);
    // A bundle asks for the next one by a relative name; everything else is Node's own business.
    const require = (id: string): unknown => (id.startsWith("./") ? load(id.slice(2)) : outside(id));
    const run = script.runInThisContext() as Wrapped;
    run(module.exports, Object.assign(require, outside), module, file, folder);
    return module.exports;
  };
  return load;
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined; // not made, or not readable: the source is there
  }
}
