/**
 * What Terraform kept beside an object, parsed; an empty record if there is nothing, or nothing that can be read. Terraform
 * keeps these bytes in its state file, which people edit.
 */
export function keptJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof parsed === "object" && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
