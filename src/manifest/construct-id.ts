/**
 * A construct's id for a key of this name: the name itself, but for two kinds. Those that every JavaScript object has, such as
 * `constructor`, the library takes for constructs that are there already; and no address in Terraform begins with a digit.
 * No name of a key begins with `_`.
 */
export function constructId(name: string): string {
  return name in Object.prototype || /^\d/.test(name) ? `_${name}` : name;
}
